-- What a window has come to by its last day is what experiment_results says of everybody, and so is the last date of
-- the timeline.
with
experiment_results as (
    select * from {{ ref('experiment_results') }}
    where segment = '__all__'
),

last_dates as (
    select
        *,
        row_number() over (partition by experiment, variant, metric order by result_date desc) as place
    from {{ ref('experiment_timeline') }}
),

last_days as (
    select
        experiment,
        variant,
        metric,
        n,
        baseline_n,
        difference,
        'experiment_days' as mart
    from {{ ref('experiment_days') }}
    where
        span = 'through_day'
        and day_number = {{ segmentation.setting('experiment_window_days') }}
    union all
    select
        experiment,
        variant,
        metric,
        n,
        baseline_n,
        difference,
        'experiment_timeline' as mart
    from last_dates
    where place = 1
),

failures as (
    select
        last_days.mart || ': ' || last_days.experiment || ', ' || last_days.variant || ', ' || last_days.metric
        || ' ends in another result than experiment_results has.' as message
    from last_days
    inner join experiment_results
        on
            last_days.experiment = experiment_results.experiment
            and last_days.variant = experiment_results.variant
            and last_days.metric = experiment_results.metric
    where
        last_days.n is distinct from experiment_results.n
        or last_days.baseline_n is distinct from experiment_results.baseline_n
        or (last_days.difference is null) != (experiment_results.difference is null)
        or abs(last_days.difference - experiment_results.difference)
        > 1e-9 * (1 + abs(experiment_results.mean) + abs(experiment_results.baseline_mean))
)

select * from failures
