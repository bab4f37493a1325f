{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook=["{{ segmentation.backup_state('drop') }}", "{{ segmentation.backup_state('copy') }}"]
) }}
-- Written by scripts/audiences.py alone. A build makes the table where there is none, and adds nothing to it.
with
data_through as (
    select * from {{ ref('data_through') }}
),

no_rows as (
    select
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as bigint) as delivery_number,
        cast(null as boolean) as is_held_out,
        cast(null as date) as delivered_through
    from data_through
    where 1 = 0
)

select * from no_rows
