{%- set features = segmentation.listed_events() | selectattr('is_feature') | map(attribute='name') | list %}
{%- set circular = {} %}
{%- set by_activity = segmentation.segments_by_activity(segmentation.registered_segments(), by_events=false) %}
{%- for feature in features %}
{%- set mentioning = by_activity + [] %}
{%- for segment in segmentation.registered_segments()
    if segment not in by_activity and segmentation.segment_mentions(segment, modules.re.escape(feature)) %}
{%- do mentioning.append(segment) %}
{%- endfor %}
{%- do circular.update({feature: mentioning}) %}
{%- endfor %}

-- Users of one account are alike: sums over accounts tell by how much their number overstates what is known.
with
data_through as (
    select * from {{ ref('data_through') }}
),

counts as (
    select
        *,
        adopters_28d as successes,
        baseline_adopters_28d as baseline_successes,
        population_adopters_28d as population_successes,
        segment_squares as squares,
        segment_products as products,
        adopter_squares as success_squares,
        adopters_by_members as success_products,
        adopters_by_users as success_by_users,
        adopters_by_all as success_by_all,
        all_adopters_by_members as all_success_by_members,
        all_adopter_squares as all_success_squares,
        all_adopters_by_users as all_success_by_users,
        adopters_ever / cast(nullif(n, 0) as double) as share_ever,
        baseline_adopters_ever / cast(nullif(baseline_n, 0) as double) as baseline_share_ever,
        case
            {%- for feature, mentioning in circular.items() %}
            when feature = {{ segmentation.text_literal(feature) }}
                then segment in ({{ segmentation.text_literals(mentioning or ['']) }})
            {%- else %}
            when false then true
            {%- endfor %}
            else false
        end as is_circular
    from {{ ref('feature_adoption_counts') }}
),

{{ segmentation.compared_shares() }},

-- Only what could have come out either way is a test.
corrected as (
    {{ segmentation.corrected_families(
        'p_values', "'segment_feature_adoption'", 'not is_circular'
    ) }}
),

adoption as (
    select
        corrected.segment,
        corrected.feature,
        'rest' as baseline,
        corrected.family,
        'cohens_h' as effect_size_kind,
        corrected.quality,
        corrected.n,
        corrected.baseline_n,
        corrected.accounts,
        corrected.baseline_accounts,
        corrected.adopters_28d,
        corrected.baseline_adopters_28d,
        corrected.adopters_ever,
        corrected.baseline_adopters_ever,
        corrected.mean,
        corrected.baseline_mean,
        corrected.difference,
        corrected.difference_lower,
        corrected.difference_upper,
        corrected.lift,
        corrected.lift_lower,
        corrected.lift_upper,
        corrected.p_value,
        corrected.q_value,
        corrected.effect_size,
        corrected.smallest_detectable_difference,
        corrected.design_effect,
        corrected.share_ever,
        corrected.baseline_share_ever,
        corrected.median_days_to_first_use,
        corrected.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from adoption
