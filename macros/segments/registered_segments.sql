{#
    The segments of this project, one line each: the name of the model in models/segments/<type>/.

    A line makes a segment part of user_segments and of every mart. A project that installs this one as a package lists
    its own segments in a macro `registered_segments` of its own (named default__registered_segments).
#}
{% macro registered_segments() %}
    {{ return(adapter.dispatch('registered_segments', 'segmentation')()) }}
{% endmacro %}

{% macro default__registered_segments() %}
    {{ return([
        'under_35',
        'north_america',
        'small_companies',
        'enterprise_companies',
        'salesforce_users',
        'renewal_due',
        'paying_customers',
        'power_users',
        'stalled_users',
        'promoters',
    ]) }}
{% endmacro %}
