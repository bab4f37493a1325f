{#
    SQL, an aggregate: the day of the newest row of an input, by its time_columns(). Days after `limit` do not count: they are of the
    future, and would hide that the input stands still.

    Arguments: input (an input of input_contract()), limit (SQL of a date).
    Call:      select {{ newest_day('invoices', 'newest.newest_received_on') }} as newest_on from stg_invoices__checked
    Renders:   greatest(max(case when <day of paid_at> <= … then <day of paid_at> end), …)
#}
{% macro newest_day(input, limit) -%}
{%- set columns = segmentation.time_columns(input) -%}
{%- set expressions = ['coalesce(' ~ columns | join(', ') ~ ')'] if input == 'events' else columns -%}
{%- set newest = [] -%}
{%- for expression in expressions -%}
    {%- set is_date = segmentation.input_contract(input).columns.get(expression) == 'date' -%}
    {%- set day = expression if is_date else segmentation.day_of(expression) -%}
    {%- do newest.append('max(case when ' ~ day ~ ' <= ' ~ limit ~ ' then ' ~ day ~ ' end)') -%}
{%- endfor -%}
{{ 'greatest(' ~ newest | join(', ') ~ ')' if newest | length > 1 else newest[0] }}
{%- endmacro %}
