{#
    The events that variables other than `events` name, as a list of (variable, event), each once.

    Call:   {% for variable, event in events_of_variables() %}
#}
{% macro events_of_variables() %}
    {% set named = [] %}
    {% for variable in [
        'page_view_events', 'login_events', 'activation_events', 'experiment_conversion_events', 'campaign_conversion_events',
    ] %}
        {% for event in segmentation.setting(variable) %}{% do named.append((variable, event)) %}{% endfor %}
    {% endfor %}
    {% for funnel in segmentation.setting('funnels') %}
        {% for event in funnel.steps %}{% do named.append(('funnels', event)) %}{% endfor %}
    {% endfor %}
    {% set north_star = segmentation.setting('north_star').get('event') %}
    {% if north_star %}{% do named.append(('north_star', north_star)) %}{% endif %}
    {{ return(named | unique | list) }}
{% endmacro %}
