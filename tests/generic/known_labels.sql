{#
    A column of an input holds only labels that some model reads. Other rows are kept and count for nothing, which is
    what a typing error in a mapping looks like: so this test is meant to warn.

    Arguments: column_name, values (list of texts; NULL is always allowed).
    Call:      - known_labels: {arguments: {values: [user, account]}, config: {severity: warn}}
#}
{% test known_labels(model, column_name, values) %}
with
labels as (
    select
        cast({{ column_name }} as {{ dbt.type_string() }}) as label,
        count(*) as row_count
    from {{ model }}
    where {{ column_name }} is not null
    group by cast({{ column_name }} as {{ dbt.type_string() }})
),

failures as (
    select
        cast(row_count as {{ dbt.type_string() }}) || ' rows have the {{ column_name }} ''' || label
        || ''', which models do not read; expected one of {{ values | join(", ") }}.'
        || ' If it is another name for one of these, map it'
        || ' before it reaches {{ model.identifier | default("the input") }}; docs/your-data.md.' as message
    from labels
    where label not in ({{ segmentation.text_literals(values) }})
)

select * from failures
{% endtest %}
