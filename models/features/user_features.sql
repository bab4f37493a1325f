{{ config(
    materialized='by_date',
    reads=['activity', 'campaigns', 'crm', 'invoices', 'population', 'reference', 'spend', 'traits', 'voice'],
    upstream=['user_key_events'],
    meta={'private_traits': segmentation.private_traits()},
    pre_hook="{{ segmentation.drop_stored_families() }}"
) }}
{%- do segmentation.check_registries() %}
{%- set families = segmentation.feature_families() %}

-- The one table that segments read: all families side by side.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),
{%- for family in families %}
{{ family }} as (
    select * from {{ ref('user_' ~ family ~ '_features') }}
),
{% endfor %}
joined as (
    select
        spine.user_id,
        spine.account_id,
        {%- for family, columns in families.items() %}
        {%- for column in columns %}
        {{ family }}.{{ column }},
        {%- endfor %}
        {%- endfor %}
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
