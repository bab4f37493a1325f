{#
    The columns of an input that say when something happened: its times and dates, but those that say when something ends, and traits of
    the project's own. Of events the arrival, or without one the event.

    Arguments: input (an input of input_contract()).
    Call:      {% for column in time_columns('invoices') %}
#}
{% macro time_columns(input) -%}
    {%- set entry = segmentation.input_contract(input) -%}
    {%- if entry.get('first_by') -%}{{ return([entry.first_by, 'occurred_at']) }}{%- endif -%}
    {%- set columns = [] -%}
    {%- for column, type in segmentation._inputs()[input].columns.items() if type in ('time', 'date') -%}
        {%- if column not in entry.get('ends', []) -%}{%- do columns.append(column) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
