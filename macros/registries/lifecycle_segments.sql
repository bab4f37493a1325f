{#
    The segments of the lifecycle: every user is in exactly one of them, whatever the product is. They read nothing but the
    signup and the activity, so every project has them. `vars: lifecycle: false` turns them off: then the list is empty, and a
    project may mark a partition of its own by 'lifecycle': true in the config of its segments.

    Call:   {% for segment in lifecycle_segments() %}
#}
{% macro lifecycle_segments() %}
    {{ return(segmentation._all_lifecycle_segments() if segmentation._unchecked_setting('lifecycle') is true else []) }}
{% endmacro %}

{# The same, on or off. #}
{% macro _all_lifecycle_segments() %}
    {{ return(['new_users', 'inactive_users', 'resurrected_users', 'at_risk_users', 'engaged_users']) }}
{% endmacro %}
