{#
    Which input column each field of a tool's history is, as SQL over the field's name: the defaults, and what the variable `columns` names
    in their place. NULL for every other field.

    Arguments: tool, table (whose `columns` count), field (SQL of the name), defaults (dict: field -> input column), input.
    Call:      {{ history_fields('salesforce', 'contact', 'field', {'Title': 'job_title'}, 'users') }}
#}
{% macro history_fields(tool, table, field, defaults, input) -%}
    {%- set setting = segmentation_connectors.connector_setting(tool) -%}
    {%- set own = setting.options.columns.get(table, {}) if setting else {} -%}
    {%- set entity = {'users': 'user', 'accounts': 'account'}[input] -%}
    {%- set kept = segmentation.input_contract('attribute_history').attributes[entity] -%}
    case regexp_replace(lower({{ field }}), '[\s_.$-]', '', 'g')
        {%- for name, column in defaults.items() if column not in own %}
        when {{ segmentation.text_literal(segmentation_connectors._plain(name)) }} then '{{ column }}'
        {%- endfor %}
        {%- for column, name in own.items() if column in kept %}
        when {{ segmentation.text_literal(segmentation_connectors._plain(name)) }} then '{{ column }}'
        {%- endfor %}
        when '' then null
    end
{%- endmacro %}
