{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook=["{{ segmentation.backup_state('drop') }}", "{{ segmentation.backup_state('copy') }}"]
) }}
-- Builds only make the table; `make freeze` writes into it, and in_list(…, is_frozen=true) reads it.
with
no_rows as (
    select
        cast(null as {{ dbt.type_string() }}) as list_name,
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as definition_hash,
        cast(null as date) as added_on,
        cast(null as date) as removed_on
    where 1 = 0
)

select * from no_rows
