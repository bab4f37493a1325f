{#
    as_of_dates has at least one row: otherwise every mart below is empty, and nothing says why.

    It refs nothing else, so that `dbt build` skips everything below when it fails. A project that `make new-project` began
    does not have a date until its users and events are filled in, and builds all the same.
#}
{% test has_a_date(model) %}
with
date_counts as (
    select count(*) as date_count from {{ model }}
),

failures as (
    select
        'as_of_dates is empty: it needs an accepted event, and a user who signed up on or before the last day. Check'
        || ' marts.rejected_rows and the inputs events and users, or set the variable as_of_date.' as message
    from date_counts
    where date_count = 0{{ ' and false' if segmentation.input_to_fill_in('users') or segmentation.input_to_fill_in('events') }}
)

select * from failures
{% endtest %}
