-- What is rejected is known: for each usage_id that two different rows share, all but the first. Nothing else.
with
rejected_rows as (
    select * from {{ ref('segmentation', 'rejected_rows') }}
),

feature_usage as (
    select * from {{ ref('raw_feature_usage') }}
),

rejected as (
    select
        input,
        row_key,
        reject_reason,
        count(*) as rejected_rows
    from rejected_rows
    group by input, row_key, reject_reason
),

shared_ids as (
    select
        usage_id,
        count(*) - 1 as rows_too_many
    from feature_usage
    group by usage_id
    having count(*) > 1
),

differences as (
    select
        rejected.row_key,
        shared_ids.usage_id,
        coalesce(
            rejected.input || ' ' || rejected.row_key || ' was rejected: ' || rejected.reject_reason || '.',
            shared_ids.usage_id || ' occurs more than once, but nothing was rejected.'
        ) as message
    from rejected
    full outer join shared_ids
        on
            rejected.input = 'events'
            and rejected.reject_reason = 'conflicting_duplicate'
            and rejected.row_key = shared_ids.usage_id
            and rejected.rejected_rows = shared_ids.rows_too_many
    where rejected.row_key is null or shared_ids.usage_id is null
)

select * from differences
