{#
    A required input has at least one row that can be used: without users or events nothing below has any meaning.

    For stg_<input>__checked. It refs nothing else, so that `dbt build` skips everything below when it fails. A model that
    `make new-project` wrote and nobody has filled in is empty with a warning: a new project builds as it is.

    Arguments: input (name of the input).
    Call:      - has_usable_rows: {arguments: {input: users}}
#}
{% test has_usable_rows(model, input) %}
{%- set is_to_fill_in = segmentation.input_to_fill_in(input) %}
{%- if is_to_fill_in %}
    {%- do exceptions.warn(input ~ ': ' ~ is_to_fill_in ~ ' is still to be filled in, so the warehouse is empty.') %}
{%- endif %}
with
checked as (
    select * from {{ model }}
),

row_counts as (
    select
        count(*) as rows_read,
        count(case when reject_reason is null and not is_duplicate then 1 end) as rows_used
    from checked
),

failures as (
    select
        case
            when rows_read = 0
                then
                    '{{ input }}: the input is empty. Check the file or relation that the variable `inputs`'
                    || ' names for it ({{ segmentation.setting("inputs").get(input) | string | replace("'", "''") }}).'
            else
                '{{ input }}: none of the ' || cast(rows_read as {{ dbt.type_string() }})
                || ' rows can be used. Look at reject_reason in the view {{ model.schema }}.{{ model.identifier }};'
                || ' docs/your-data.md says what each reason means.'
        end as message
    from row_counts
    where rows_used = 0{{ ' and rows_read > 0' if is_to_fill_in }}
)

select * from failures
{% endtest %}
