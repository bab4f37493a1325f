{#
    None of the given columns is ever NULL: one pass over the model instead of one test per column.

    Arguments: columns (list of names).
    Call:      - no_nulls: {arguments: {columns: [sessions_28d, mrr]}}
    Errors:    no column stops the parse.
#}
{% test no_nulls(model, columns) %}
{%- if not columns -%}
    {{ exceptions.raise_compiler_error("no_nulls: `columns` needs at least one column, got none.") }}
{%- endif -%}
with
null_counts as (
    select
        {%- for column in columns %}
        count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
),

failures as (
    {%- for column in columns %}
    select
        '{{ model.identifier | default("The model") }}: {{ column }} is NULL in '
        || cast({{ column }} as {{ dbt.type_string() }})
        || ' rows, but its description says that it never is. Look for a left join without coalesce().' as message
    from null_counts
    where {{ column }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from failures
{% endtest %}
