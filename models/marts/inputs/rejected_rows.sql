{%- set contract = segmentation.input_contract() -%}
{%- set inputs = contract.keys() | list + (['personas'] if segmentation.setting('personas') else []) -%}
with
{%- for name in contract %}
{{ name }} as (
    select * from {{ ref('stg_' ~ name ~ '__checked') }}
),
{% endfor %}
personas as (
    {{ segmentation.personas() }}
),

rejected as (
    {%- for name in inputs %}
    select
        '{{ name }}' as input,
        row_key,
        reject_reason,
        raw_row
    from {{ name }}
    where reject_reason is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

data_through as (
    select * from {{ ref('data_through') }}
),

stamped as (
    select
        rejected.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from rejected
    cross join data_through
)

select * from stamped
