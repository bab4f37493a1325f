{%- set inputs = segmentation.setting('inputs') %}
{#- An answer comes after its ticket: the newest ones naturally have fewer. #}
{%- set come_later = ['satisfaction'] %}
-- The last seven days of each input against the eight weeks before: how many rows, and how many without a value.
{%- set counted = [] %}
{%- set columns_of = {} %}
{%- for name, entry in segmentation.input_contract().items() if inputs.get(name) %}
{%- do counted.append(name) %}
{%- set listed = [] %}
{%- for column, type in entry.columns.items() if column not in entry.key + come_later %}
{%- if type not in ('time', 'date') %}{% do listed.append(column) %}{% endif %}
{%- endfor %}
{%- do columns_of.update({name: listed}) %}
{%- endfor %}
with
data_through as (
    select * from {{ ref('data_through') }}
),

{%- for name in counted %}
{{ name }}_days as (
    select
        {%- for column in columns_of[name] %}
        {{ name }}.{{ column }},
        {%- endfor %}
        {{ segmentation.days_between(segmentation.row_day(name), 'data_through.data_through') }} as days_ago
    from {{ ref('stg_' ~ name) }} as {{ name }}
    cross join data_through
    where {{ segmentation.row_day(name) }} <= data_through.data_through
),

{{ name }}_weeks as (
    select
        cast(floor(days_ago / 7e0) as bigint) as weeks_ago,
        {%- for column in columns_of[name] %}
        count({{ column }}) as {{ column }},
        {%- endfor %}
        count(*) as row_count
    from {{ name }}_days
    group by cast(floor(days_ago / 7e0) as bigint)
),

{{ name }}_columns as (
    select
        '{{ name }}' as input,
        listed_columns.column_name,
        {{ name }}_weeks.row_count,
        case listed_columns.column_name
            {%- for column in columns_of[name] %}
            when '{{ column }}' then {{ name }}_weeks.{{ column }}
            {%- endfor %}
            when '*' then {{ name }}_weeks.row_count
        end as value_count,
        {{ name }}_weeks.weeks_ago
    from {{ name }}_weeks
    cross join (
        values
        {%- for column in columns_of[name] %}
        ('{{ column }}'),
        {%- endfor %}
        ('*')
    ) as listed_columns (column_name)
),

{%- endfor %}

weeks as (
    {%- for name in counted %}
    select * from {{ name }}_columns
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

numbered as (
    select
        *,
        max(weeks_ago) over (partition by input) as weeks_of_input
    from weeks
),

-- A week without rows is one, too; the first week of an input may have begun late.
sums as (
    select
        input,
        column_name,
        max(weeks_of_input) as oldest_week,
        coalesce(sum(case when weeks_ago = 0 then row_count end), 0) as rows_last_week,
        coalesce(sum(case when weeks_ago = 0 then value_count end), 0) as values_last_week,
        coalesce(sum(case when weeks_ago between 1 and 8 then row_count end), 0) as rows_before,
        coalesce(sum(case when weeks_ago between 1 and 8 then value_count end), 0) as values_before,
        case
            when count(case when weeks_ago between 1 and 8 then 1 end) < 8 then 0
            else min(case when weeks_ago between 1 and 8 then row_count end)
        end as fewest_rows_before,
        coalesce(max(case when weeks_ago between 1 and 8 then row_count end), 0) as most_rows_before
    from numbered
    group by input, column_name
),

shares as (
    select
        *,
        rows_before / 8e0 as rows_per_week_before,
        1e0 - values_last_week / nullif(cast(rows_last_week as double), 0e0) as null_share_last_week,
        1e0 - values_before / nullif(cast(rows_before as double), 0e0) as null_share_before,
        1e0
        - (values_last_week + values_before) / nullif(cast(rows_last_week + rows_before as double), 0e0) as null_share
    from sums
    where oldest_week >= 9
),

-- What chance alone would hardly do: beyond all eight weeks by half, and by three standard errors.
judged as (
    select
        *,
        case
            when
                column_name = '*'
                and rows_last_week < fewest_rows_before / 2e0
                and rows_per_week_before - rows_last_week > 3e0 * sqrt(rows_per_week_before)
                then 'fewer_rows'
            when
                column_name = '*'
                and rows_last_week > 2e0 * most_rows_before
                and rows_last_week - rows_per_week_before > 3e0 * sqrt(greatest(rows_per_week_before, 1e0))
                and rows_last_week >= 20
                then 'more_rows'
            when column_name = '*' or least(rows_last_week, rows_before) < 20 then null
            when
                abs(null_share_last_week - null_share_before) >= 2e-1
                and abs(null_share_last_week - null_share_before)
                > 3e0 * sqrt(null_share * (1e0 - null_share) * (1e0 / rows_last_week + 1e0 / rows_before))
                then case when null_share_last_week > null_share_before then 'more_nulls' else 'fewer_nulls' end
        end as remark
    from shares
),

stamped as (
    select
        judged.input,
        judged.column_name,
        judged.remark,
        cast(judged.rows_last_week as bigint) as rows_last_week,
        judged.rows_per_week_before,
        case when judged.column_name != '*' then judged.null_share_last_week end as null_share_last_week,
        case when judged.column_name != '*' then judged.null_share_before end as null_share_before,
        data_through.data_through as as_of_date,
        data_through.data_through
    from judged
    cross join data_through
)

select * from stamped
