{%- set rules = segmentation.setting('not_people') -%}
{%- set inputs = segmentation.setting('inputs') -%}
-- What each rule of the variable not_people leaves out of each input. A row counts for the first rule that holds.
{%- set counted = [] %}
{%- for name in segmentation.input_contract() if inputs.get(name) %}{% do counted.append(name) %}{% endfor %}
with
rules as (
    {%- for rule in rules %}
    select
        '{{ rule.name }}' as rule_name,
        {{ loop.index }} as rule_number
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as rule_name,
        cast(null as bigint) as rule_number
    where 1 = 0
),

left_out as (
    {%- for name in counted %}
    {%- set columns = segmentation.input_contract(name).columns %}
    select
        '{{ name }}' as input,
        {{ name ~ '.user_id' if 'user_id' in columns else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as user_id,
        {{ segmentation.left_out_rule(name, name) }} as rule_number
    from {{ ref('stg_' ~ name ~ '__checked') }} as {{ name }}
    where {{ name }}.reject_reason is null and not {{ name }}.is_duplicate
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as input,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as bigint) as rule_number
    where 1 = 0
),

-- Also rules that do not find anything: they may be misspelled.
inputs as (
    {%- for name in counted %}
    select
        '{{ name }}' as input,
        {{ 'true' if 'user_id' in segmentation.input_contract(name).columns else 'false' }} as names_users
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as input,
        cast(null as boolean) as names_users
    where 1 = 0
),

data_through as (
    select * from {{ ref('data_through') }}
),

counts as (
    select
        rule_number,
        input,
        count(*) as rows_left_out,
        count(distinct user_id) as users_left_out
    from left_out
    where rule_number is not null
    group by rule_number, input
),

stamped as (
    select
        rules.rule_name,
        inputs.input,
        cast(coalesce(counts.rows_left_out, 0) as bigint) as rows_left_out,
        case when inputs.names_users then cast(coalesce(counts.users_left_out, 0) as bigint) end as users_left_out,
        data_through.data_through as as_of_date,
        data_through.data_through
    from rules
    cross join inputs
    cross join data_through
    left join counts
        on
            rules.rule_number = counts.rule_number
            and inputs.input = counts.input
)

select * from stamped
