{#
    The segments of this project, one line each: the name of the model in models/segments/<type>/.

    A line makes a segment part of user_segments and of every mart. The lifecycle (lifecycle_segments()) comes first and needs
    no line; `vars: lifecycle: false` turns it off. A project that installs this one as a package lists its own segments in a
    macro default__registered_segments(). What it lists of ours is on, the rest is off, since it is made for the sample.

    Call:   {% for segment in registered_segments() %}
    Errors: a line that breaks a rule (macros/registries/_segments_problems.sql) stops the parse (check_registries()).
#}
{% macro registered_segments() %}
    {% set listed = adapter.dispatch('registered_segments', 'segmentation')() %}
    {% set lifecycle = segmentation.lifecycle_segments() %}
    {#- What is no list is for check_registries(), and a project may still name the lifecycle itself. -#}
    {% if listed is not sequence or listed is string or listed is mapping %}{{ return(listed) }}{% endif %}
    {{ return(lifecycle + listed | reject('in', lifecycle) | list) }}
{% endmacro %}

{% macro default__registered_segments() %}
    {% if project_name != 'segmentation' %}{{ return([]) }}{% endif %}
    {{ return([
        'under_35',
        'north_america',
        'small_companies',
        'enterprise_companies',
        'new_in_enterprise',
        'salesforce_users',
        'power_users_on_ios',
        'trial_converted',
        'converted_and_left',
        'trial_lapsed',
        'product_qualified',
        'starter_plan',
        'in_onboarding',
        'renewal_due',
        'most_successful',
        'power_users',
        'every_day_users',
        'weekly_users',
        'no_automation_yet',
        'report_pilots',
        'promoters',
        'advocates',
        'happy_customers',
        'needs_automation',
    ]) }}
{% endmacro %}
