{#
    Not more than the share `max_rejected_share` (a variable) of an input's rows is rejected.

    For stg_<input>__checked. It refs nothing else, so that `dbt build` skips everything below when it fails: a bad
    export leaves yesterday's features and marts as they are. An input without rows passes.

    Arguments: input (name of the input).
    Call:      - max_rejected_share: {arguments: {input: events}}
#}
{% test max_rejected_share(model, input) %}
{%- set limit = segmentation.setting('max_rejected_share') -%}
{#- 1234567 -> 1,234,567 in plain SQL: engines do not agree on a function for it. -#}
{%- set with_commas -%}
    case
            when NUMBER >= 1000000
                then
                    cast(cast(floor(NUMBER / 1e6) as bigint) as TEXT)
                    || ',' || lpad(cast(cast(floor(NUMBER / 1e3) as bigint) % 1000 as TEXT), 3, '0')
                    || ',' || lpad(cast(NUMBER % 1000 as TEXT), 3, '0')
            when NUMBER >= 1000
                then cast(cast(floor(NUMBER / 1e3) as bigint) as TEXT) || ',' || lpad(cast(NUMBER % 1000 as TEXT), 3, '0')
            else cast(NUMBER as TEXT)
        end
{%- endset -%}
{%- set with_commas = with_commas | replace('TEXT', dbt.type_string()) -%}
with
reasons as (
    select
        reject_reason,
        count(*) as reason_rows
    from {{ model }}
    group by reject_reason
),

ranked_reasons as (
    select
        reject_reason,
        reason_rows,
        sum(reason_rows) over () as rows_read,
        sum(case when reject_reason is not null then reason_rows else 0 end) over () as rows_rejected,
        row_number() over (
            order by case when reject_reason is null then 1 else 0 end, reason_rows desc, reject_reason
        ) as place
    from reasons
),

commonest as (
    select
        reject_reason,
        {{ with_commas | replace('NUMBER', 'rows_read') }} as rows_read_text,
        {{ with_commas | replace('NUMBER', 'reason_rows') }} as reason_rows_text,
        cast(cast(100e0 * rows_rejected / rows_read as decimal(5, 1)) as {{ dbt.type_string() }}) as rejected_percent
    from ranked_reasons
    where place = 1 and rows_rejected > cast({{ limit }} as double) * rows_read
),

failures as (
    select
        '{{ input }}: ' || rejected_percent || ' % of ' || rows_read_text
        || ' rows were rejected (limit {{ '%.1f' | format(100 * limit) }} %), most often for '
        || reject_reason || ' (' || reason_rows_text || ' rows). Look at the view {{ model.schema }}.{{ model.identifier }};'
        || ' docs/your-data.md says what each reason means.'
        || case
            when reject_reason = 'unreadable_time'
                then
                    ' A time is read as 2026-03-05 or 2026-03-05 10:00:00+02:00. Bring others into this form in the model of the'
                    || ' input, such as 05.03.2026 by strptime(column, ''%d.%m.%Y'').'
            else ''
        end as message
    from commonest
)

select * from failures
{% endtest %}
