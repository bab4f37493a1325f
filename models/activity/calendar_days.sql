-- MetricFlow counts periods and looks back on it (models/marts/semantic_models.yml).
with
as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

days as (
    {{ segmentation.date_series(
        '(select min(as_of_date) from as_of_dates)', '(select max(as_of_date) from as_of_dates)'
    ) }}
),

named as (
    select series_date as calendar_date
    from days
)

select * from named
