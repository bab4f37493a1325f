{#
    The column of a source_table() that holds an input column: own_<input column> where the variable names one of the tool's, else
    what you give.

    Arguments: tool, table, column (of the input), otherwise (SQL).
    Call:      {{ own_or('salesforce', 'contact', 'user_id', 'id') }}
#}
{% macro own_or(tool, table, column, otherwise) %}
    {% set setting = segmentation_connectors.connector_setting(tool) %}
    {{ return('own_' ~ column if setting and column in setting.options.columns.get(table, {}) else otherwise) }}
{% endmacro %}
