{#
    Every row of the model has its own combination of the given columns, and none of them is NULL: its grain.

    The message shows one such combination, and how often it occurs.

    Arguments: columns (list of names).
    Call:      - unique_combination: {arguments: {columns: [user_id, as_of_date]}}
    Errors:    no column stops the parse.
#}
{% test unique_combination(model, columns) %}
{%- if not columns -%}
    {{ exceptions.raise_compiler_error("unique_combination: `columns` needs at least one column, got none.") }}
{%- endif -%}
with
combinations as (
    select
        {{ columns | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
),

failures as (
    select
        {% for column in columns -%}
        '{{ column }} ' || coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'NULL')
        {{- " || ', ' || " if not loop.last }}
        {% endfor -%}
        || case
            when
                {% for column in columns -%}
                {{ 'or ' if not loop.first }}{{ column }} is null
                {% endfor -%}
                then ': a key must not be NULL'
            else ': a key must be unique'
        end
        || ', {{ model.identifier | default("the model") }} has '
        || cast(row_count as {{ dbt.type_string() }})
        || ' of these rows. Look for a join that fans out, or for a key that staging does not check.' as message
    from combinations
    where
        row_count > 1
        {%- for column in columns %}
        or {{ column }} is null
        {%- endfor %}
)

select * from failures
{% endtest %}
