{%- set steps = ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed', 'converted'] %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) -%}

-- Where the holdout was drawn among accounts, errors are those of accounts, as in experiments.
with
campaign_outcomes as (
    select * from {{ ref('campaign_outcomes') }}
),

shares as (
    select
        *,
        converted_users / cast(nullif(n, 0) as double) as mean,
        baseline_converted_users / cast(nullif(baseline_n, 0) as double) as baseline_mean,
        delivered_users / cast(nullif(n, 0) as double) as delivered_share,
        baseline_delivered_users / cast(nullif(baseline_n, 0) as double) as baseline_delivered_share,
        delivered_and_converted_users / cast(nullif(n, 0) as double) as both_share,
        baseline_delivered_and_converted_users / cast(nullif(baseline_n, 0) as double) as baseline_both_share,
        converted_users + baseline_converted_users as all_converted_users,
        n + baseline_n as users
    from campaign_outcomes
),

spreads as (
    select
        *,
        mean - baseline_mean as difference,
        delivered_share - baseline_delivered_share as delivered_difference,
        (mean - baseline_mean) / nullif(delivered_share - baseline_delivered_share, 0) as complier_effect,
        -- Divisor n − 1, of both arms taken together.
        all_converted_users * cast(users - all_converted_users as double)
        / nullif(users * cast(users - 1 as double), 0) as pooled_variance,
        {%- for side in ['', 'baseline_'] %}
        case
            when randomization_unit = 'account' then sqrt({{ side }}squared_error)
            else sqrt({{ side }}mean * (1e0 - {{ side }}mean) / nullif({{ side }}n, 0))
        end as {{ side }}standard_error,
        {%- endfor %}
        -- How many users say no more than one would by himself; where all are alike, colleagues may be one.
        case
            when randomization_unit = 'account'
                then
                    coalesce(
                        (squared_error + baseline_squared_error) / nullif(
                            mean * (1e0 - mean) / nullif(n - 1, 0)
                            + baseline_mean * (1e0 - baseline_mean) / nullif(baseline_n - 1, 0), 0
                        ),
                        users / nullif(cast(accounts + baseline_accounts as double), 0)
                    )
            when randomization_unit = 'user' then 1e0
        end as design_effect,
        randomization_unit = 'user'
        or least(accounts, baseline_accounts) >= {{ segmentation.setting('min_test_accounts') }} as has_units
    from shares
),

-- The variance of converted − complier_effect × delivered, per arm: the delta method for a ratio of differences.
complier_errors as (
    select
        *,
        {%- for side in ['', 'baseline_'] %}
        case
            when randomization_unit = 'account'
                then
                    {{ side }}squared_error - 2e0 * complier_effect * {{ side }}covariance_of_means
                    + complier_effect * complier_effect * {{ side }}covariate_error
            else
                (
                    {{ side }}mean * (1e0 - {{ side }}mean)
                    - 2e0 * complier_effect * ({{ side }}both_share - {{ side }}mean * {{ side }}delivered_share)
                    + complier_effect * complier_effect * {{ side }}delivered_share * (1e0 - {{ side }}delivered_share)
                ) / nullif({{ side }}n - 1, 0)
        end as {{ side }}complier_variance,
        {%- endfor %}
        {{ segmentation.satterthwaite_df([
            ['squared_error', 'degrees_of_freedom + 1'], ['baseline_squared_error', 'baseline_degrees_of_freedom + 1'],
        ]) }} as df,
        {{ segmentation.comparison_quality(
            'n', 'baseline_n',
            insufficient="(randomization_unit = 'account' and least(accounts, baseline_accounts) < 2)",
            smallest_count='least(n, baseline_n) * cast(least(all_converted_users, users - all_converted_users) as double) / users'
                ~ ' / nullif(design_effect, 0)',
            units=['accounts', 'baseline_accounts'], units_when="randomization_unit = 'account'"
        ) }} as quality,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }}
        / nullif(sqrt(design_effect), 0) as z
    from spreads
),

-- A row's quantile is normal, or Student's with the degrees of freedom of its accounts.
quantiles as (
    select
        *,
        case
            when randomization_unit = 'account' then {{ segmentation.student_t_quantile(quantile_p, 'df') }}
            else {{ segmentation.normal_quantile(quantile_p) }}
        end as quantile,
        case
            when randomization_unit = 'account'
                then
                    {{ segmentation.student_t_quantile(quantile_p, segmentation.satterthwaite_df([
                        ['complier_variance', 'degrees_of_freedom + 1'], ['baseline_complier_variance', 'baseline_degrees_of_freedom + 1'],
                    ])) }}
            else {{ segmentation.normal_quantile(quantile_p) }}
        end as complier_quantile
    from complier_errors
),

tests as (
    select
        *,
        case
            when quality = 'insufficient' or not has_units then cast(null as double)
            when randomization_unit = 'account' then {{ segmentation.student_t_two_sided_p('z', 'df') }}
            else {{ segmentation.normal_two_sided_p('z') }}
        end as p_value,
        -- One user in the interval of two shares, which is a normal one, counts for so many.
        coalesce(power({{ segmentation.normal_quantile(quantile_p) }} / quantile, 2), 1e0)
        / nullif(design_effect, 0) as users_per_user,
        case
            when delivered_difference > 0 and complier_variance + baseline_complier_variance > 0
                then complier_quantile * sqrt(complier_variance + baseline_complier_variance) / delivered_difference
        end as complier_half_width
    from quantiles
),

with_q_values as (
    {{ segmentation.corrected_families(
        'tests', "case when segment = '__all__' then 'overall' else 'segments' end", by=['campaign']
    ) }}
),

results as (
    select
        compared.campaign,
        compared.segment,
        compared.evidence,
        compared.randomization_unit,
        compared.quality,
        compared.family,
        'cohens_h' as effect_size_kind,
        compared.assigned_users,
        compared.dropped_users,
        compared.unobserved_users,
        compared.unknown_users,
        compared.n,
        compared.baseline_n,
        compared.accounts,
        compared.baseline_accounts,
        {%- for step in steps %}
        compared.{{ step }}_users,
        {%- endfor %}
        compared.baseline_converted_users,
        compared.baseline_delivered_users,
        compared.sent_users / cast(nullif(compared.n, 0) as double) as sent_share,
        compared.delivered_share,
        {%- for step in ['opened', 'clicked', 'unsubscribed'] %}
        compared.{{ step }}_users / cast(nullif(compared.delivered_users, 0) as double) as {{ step }}_share,
        {%- endfor %}
        compared.mean,
        compared.baseline_mean,
        case when compared.quality != 'insufficient' then compared.difference end as difference,
        {%- for side in ['lower', 'upper'] %}
        case
            when compared.quality != 'insufficient'
                then
                    {{ segmentation.newcombe_bound(
                        'compared.converted_users * compared.users_per_user', 'compared.n * compared.users_per_user',
                        'compared.baseline_converted_users * compared.users_per_user',
                        'compared.baseline_n * compared.users_per_user', side
                    ) }}
        end as difference_{{ side }},
        {%- endfor %}
        compared.p_value,
        compared.q_value,
        case
            when compared.quality != 'insufficient' and compared.baseline_mean > 0
                then (compared.mean - compared.baseline_mean) / compared.baseline_mean
        end as lift,
        {%- for side in ['lower', 'upper'] %}
        case
            when compared.quality != 'insufficient' and compared.standard_error + compared.baseline_standard_error > 0
                then
                    {{ segmentation.log_lift_bound(
                        'compared.mean', 'compared.standard_error', 'compared.baseline_mean',
                        'compared.baseline_standard_error', side
                    ) }}
        end as lift_{{ side }},
        {%- endfor %}
        case
            when compared.quality != 'insufficient'
                then {{ segmentation.cohens_h('compared.mean', 'compared.baseline_mean') }}
        end as effect_size,
        case
            when compared.quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'sqrt(compared.pooled_variance * compared.design_effect)', 'compared.n', 'compared.baseline_n'
                    ) }}
        end as smallest_detectable_difference,
        case when compared.quality != 'insufficient' then compared.design_effect end as design_effect,
        case
            when compared.quality != 'insufficient' and compared.delivered_difference > 0
                then compared.complier_effect
        end as complier_effect,
        case
            when compared.quality != 'insufficient' then compared.complier_effect - compared.complier_half_width
        end as complier_effect_lower,
        case
            when compared.quality != 'insufficient' then compared.complier_effect + compared.complier_half_width
        end as complier_effect_upper,
        compared.as_of_date,
        compared.data_through
    from with_q_values as compared
)

select * from results
