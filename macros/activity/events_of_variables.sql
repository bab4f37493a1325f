{#
    The events that variables other than `events` name, and its core events, as a list of (variable, event), each once.

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
    {% set variable = 'north_star' if segmentation.setting('north_star') is mapping else 'events' %}
    {% for event in segmentation.core_events() %}{% do named.append((variable, event)) %}{% endfor %}
    {{ return(named | unique | list) }}
{% endmacro %}
