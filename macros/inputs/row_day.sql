{#
    SQL: the day that a row of an input belongs to. Of events it is the day of the arrival; else that of the first time in the key or among
    what is required, and where there is none, of the first of its time_columns().

    Arguments: input (an input of input_contract(), which is also the alias of the relation).
    Call:      {{ row_day('invoices') }}
    Renders:   <day of invoices.paid_at>
#}
{% macro row_day(input) -%}
    {%- set entry = segmentation.input_contract(input) -%}
    {%- set columns = segmentation.time_columns(input) -%}
    {%- if entry.get('first_by') -%}
        {{ return(segmentation.day_of('coalesce(' ~ input ~ '.' ~ columns | join(', ' ~ input ~ '.') ~ ')')) }}
    {%- endif -%}
    {%- set named = (entry.key + entry.get('required', [])) | select('in', columns) | list -%}
    {%- set column = (named or columns)[0] -%}
    {{ return(input ~ '.' ~ column if entry.columns[column] == 'date' else segmentation.day_of(input ~ '.' ~ column)) }}
{%- endmacro %}
