{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['user_id', 'as_of_date'],
    post_hook=["{{ segmentation.insert_other_slices() }}", "{{ segmentation.remove_stale_user_features() }}"]
) }}
{%- set slice_rows = segmentation.setting('feature_slice_rows') %}
{%- do segmentation.check_registries() %}
{%- set families = segmentation.feature_families() %}

-- The one table that segments read: all families side by side. A row is built again when any of its family rows was.
with
{%- if not is_incremental() %}
-- A first build would join all families for all dates, more than memory holds: insert_other_slices() adds the rest.
date_sizes as (
    select
        as_of_date,
        sum(count(*)) over (order by as_of_date) as rows_so_far
    from {{ ref('user_dates') }}
    group by as_of_date
),

first_slice as (
    select
        coalesce(
            max(case when rows_so_far <= {{ slice_rows }} then as_of_date end), min(as_of_date)
        ) as last_date
    from date_sizes
),
{% endif %}
user_dates as (
    select * from {{ ref('user_dates') }}
    {%- if not is_incremental() %}
    where {{ segmentation.slice_condition() }}
    {%- endif %}
),
{%- for family in families %}
{{ family }} as (
    select * from {{ ref('user_' ~ family ~ '_features') }}
    {%- if not is_incremental() %}
    where {{ segmentation.slice_condition() }}
    {%- endif %}
),
{% endfor %}
{%- if is_incremental() %}
versions as (
    select
        user_dates.user_id,
        user_dates.account_id,
        user_dates.as_of_date,
        {{ segmentation.user_feature_version() }} as version_hash
    from user_dates
    {%- for family in families %}
    inner join {{ family }}
        on
            user_dates.user_id = {{ family }}.user_id
            and user_dates.as_of_date = {{ family }}.as_of_date
    {%- endfor %}
),

spine as (
    select versions.*
    from versions
    left join {{ this }} as built
        on
            versions.user_id = built.user_id
            and versions.as_of_date = built.as_of_date
            and versions.version_hash = built.version_hash
    where built.user_id is null
),
{%- else %}
-- Everything is due: joining the families twice to find that out would double the time of a first build.
spine as (
    select * from user_dates
),
{%- endif %}

joined as (
    select
        spine.user_id,
        spine.account_id,
        {%- for family, columns in families.items() %}
        {%- for column in columns %}
        {{ family }}.{{ column }},
        {%- endfor %}
        {%- endfor %}
        {{ segmentation.user_feature_version() }} as version_hash,
        spine.as_of_date
    from spine
    {%- for family in families %}
    inner join {{ family }}
        on
            spine.user_id = {{ family }}.user_id
            and spine.as_of_date = {{ family }}.as_of_date
    {%- endfor %}
)

select * from joined
