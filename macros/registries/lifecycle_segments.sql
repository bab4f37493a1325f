{#
    The segments of the lifecycle: every user is in exactly one of them, whatever the product is. They read nothing but the
    signup and the activity, so every project has them unless it leaves them out.

    Call:   {{ return(segmentation.lifecycle_segments() + ['ticket_writers']) }} in a project's default__registered_segments()
#}
{% macro lifecycle_segments() %}
    {{ return(['new_users', 'inactive_users', 'resurrected_users', 'at_risk_users', 'engaged_users']) }}
{% endmacro %}
