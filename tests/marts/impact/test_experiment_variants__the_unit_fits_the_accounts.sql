-- An experiment that is set to have assigned users has not, by all appearances, assigned accounts. A warning: whoever
-- set it may know better, and is to look at undivided_accounts once more.
{{ config(severity='warn') }}

with
failures as (
    select distinct
        'experiment_variants: ' || experiment || ' is set to have assigned users, but '
        || cast(undivided_accounts as {{ dbt.type_string() }}) || ' of '
        || cast(shared_accounts as {{ dbt.type_string() }})
        || ' accounts with several users are in one variant, more than chance allows: set it to account.' as message
    from {{ ref('experiment_variants') }}
    where
        randomization_unit = 'user'
        and undivided_p_value < {{ segmentation.setting('sample_ratio_alarm') }}
)

select * from failures
