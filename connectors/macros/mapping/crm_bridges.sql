{#
    Whether a CRM's records are users by their email address: the option `bridge: email`.

    Arguments: tool.
    Returns:   boolean.
    Call:      {% if crm_bridges('hubspot') %}
#}
{% macro crm_bridges(tool) %}
    {% set setting = segmentation_connectors.connector_setting(tool) %}
    {{ return(setting is not none and setting.options.get('bridge') is not none) }}
{% endmacro %}
