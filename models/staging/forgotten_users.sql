{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}
-- Builds only make the table; `dbt run-operation forget_user` writes into it, and staging leaves out whom it names.
with
nobody as (
    select cast(null as {{ dbt.type_string() }}) as subject_hash
    where 1 = 0
)

select * from nobody
