{#
    A SELECT list: the columns of an input, each from what you give, from the tool's column that the variable names for it, or NULL;
    then left_out_because (see source_table(); `no_<column>` where the column that the variable names for a key is empty).

    Arguments: input; values (dict: input column -> SQL); tool, table (whose `columns` of the variable count; the relation must come from
               source_table(), with its own_… columns); left_out (SQL: why a row does not become an input row, NULL if it does);
               shared_id (SQL: the id that the tool has in common with others that report the same event, see rows_of_tools()).
    Call:      select {{ as_input('users', {'user_id': 'id', 'email': 'email'}, 'salesforce', 'contact') }} from contacts
    Errors:    a column that the input does not have stops the parse.
#}
{% macro as_input(input, values, tool=none, table=none, left_out='left_out_because', shared_id=none) -%}
    {%- set columns = segmentation.input_contract(input).columns -%}
    {%- set setting = segmentation_connectors.connector_setting(tool) if tool else none -%}
    {%- set own = setting.options.columns.get(table, {}) if setting else {} -%}
    {%- for column in values if column not in columns -%}
        {{ exceptions.raise_compiler_error('as_input: ' ~ input ~ ' does not have the column `' ~ column ~ '`.') }}
    {%- endfor -%}
    {%- for column, type in columns.items() %}
    {% if column in own and type in ('time', 'date') -%}
    {{ segmentation_connectors.time_text('own_' ~ column, setting.options.timezone) }}
    {%- elif column in own -%}
    own_{{ column }}
    {%- else -%}
    {{ values.get(column, 'cast(null as varchar)') }}
    {%- endif %} as {{ column }},
    {%- endfor %}
    coalesce(
        {{ left_out }},
        {%- for column in segmentation.input_contract(input).key if column in own %}
        case when own_{{ column }} is null then 'no_{{ column }}' end,
        {%- endfor %}
        cast(null as varchar)
    ) as left_out_because
    {%- if shared_id %},
    {{ shared_id }} as shared_id
    {%- endif %}
{%- endmacro %}
