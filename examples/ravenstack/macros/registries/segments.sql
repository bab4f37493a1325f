{#
    The segments of this project, one line each: our own in models/segments/<type>/, and those of the package that fit. Those
    of the package that are not listed are off, the lifecycle by its variable. The package finds this list by dispatch, so the name must begin with default__.
#}
{% macro default__registered_segments() %}
    {{ return([
        'cybersecurity_accounts',
        'enterprise_plan_accounts',
        'churned_accounts',
        'broad_adopters',
        'gone_quiet',
        'unhappy_with_support',
        'north_america',
    ]) }}
{% endmacro %}
