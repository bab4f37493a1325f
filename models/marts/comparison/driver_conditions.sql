{%- set targets = segmentation.driver_targets() %}
{%- set candidates = segmentation.driver_candidates() %}
{%- set attributes = candidates | selectattr('kind', 'eq', 'attribute') | list %}
{%- set amounts = candidates | selectattr('kind', 'eq', 'amount') | list %}
{%- set events = candidates | selectattr('kind', 'eq', 'event') | list %}
{%- set segments = candidates | selectattr('kind', 'eq', 'segment') | list %}
{%- set columns = {} %}
{%- for candidate in attributes + amounts %}
{%- do columns.update({candidate.name: {
    'attribute': candidate.name if candidate.kind == 'attribute' else none,
    'amount': candidate.name if candidate.kind == 'amount' else none,
}}) %}
{%- endfor %}
{%- set account_targets = targets | selectattr('unit', 'eq', 'account') | map(attribute='name') | list %}

-- An account meets a condition if one of its users does.
with
driver_observations as (
    select * from {{ ref('driver_observations') }}
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

candidates as (
    {%- for candidate in attributes + amounts %}
    select
        '{{ candidate.name }}' as driver,
        '{{ candidate.kind }}' as kind
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- An account's users of the time: what somebody does in another account is not this one's.
unit_users as (
    select
        driver_observations.target,
        driver_observations.unit_id,
        user_accounts.user_id,
        driver_observations.is_discovery,
        driver_observations.conditions_from_date,
        driver_observations.anchor_date,
        driver_observations.features_date,
        user_accounts.valid_from_date,
        user_accounts.valid_to_date
    from driver_observations
    inner join user_accounts on driver_observations.unit_id = user_accounts.account_id
    where driver_observations.target in ({{ segmentation.text_literals(account_targets) }})
    union all
    select
        target,
        unit_id,
        unit_id as user_id,
        is_discovery,
        conditions_from_date,
        anchor_date,
        features_date,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date
    from driver_observations
    where target not in ({{ segmentation.text_literals(account_targets) }})
),

-- Known on the anchor: an event that a later link attached is not.
event_conditions as (
    select distinct
        unit_users.target,
        unit_users.unit_id,
        'performed_' || user_event_days.event_name as driver
    from unit_users
    inner join user_event_days
        on
            unit_users.user_id = user_event_days.user_id
            and unit_users.conditions_from_date <= user_event_days.event_date
            and unit_users.anchor_date >= user_event_days.known_date
            and {{ segmentation.holds_on('unit_users', 'user_event_days.event_date') }}
    where user_event_days.event_name in ({{ segmentation.text_literals(events | map(attribute='event') | list) }})
),

segment_conditions as (
    select distinct
        unit_users.target,
        unit_users.unit_id,
        'in_' || user_segments.segment as driver
    from unit_users
    inner join user_segments
        on
            unit_users.user_id = user_segments.user_id
            and unit_users.features_date = user_segments.as_of_date
            and {{ segmentation.holds_on('unit_users', 'user_segments.as_of_date') }}
    where user_segments.segment in ({{ segmentation.text_literals(segments | map(attribute='segment') | list) }})
),

unit_features as (
    select
        unit_users.target,
        unit_users.unit_id,
        unit_users.is_discovery,
        {%- for candidate in attributes %}
        max(case when {{ candidate.expression }} then 1 else 0 end) as {{ candidate.name }},
        {%- endfor %}
        {%- for candidate in amounts %}
        max(cast({{ candidate.expression }} as double)) as {{ candidate.name }},
        {%- endfor %}
        max(unit_users.features_date) as features_date
    from unit_users
    inner join user_features
        on
            unit_users.user_id = user_features.user_id
            and unit_users.features_date = user_features.as_of_date
            and {{ segmentation.holds_on('unit_users', 'user_features.as_of_date') }}
    group by unit_users.target, unit_users.unit_id, unit_users.is_discovery
),

attribute_conditions as (
    select
        unit_features.target,
        unit_features.unit_id,
        candidates.driver
    from unit_features
    inner join candidates on candidates.kind = 'attribute'
    where {{ segmentation.pick_column('candidates.driver', columns, 'attribute', 'unit_features') }} = 1
),

amounts as (
    select
        unit_features.target,
        unit_features.unit_id,
        candidates.driver,
        {{ segmentation.pick_column('candidates.driver', columns, 'amount', 'unit_features') }} as driver_value,
        unit_features.is_discovery
    from unit_features
    inner join candidates on candidates.kind = 'amount'
    where unit_features.target not in ({{ segmentation.text_literals(account_targets) }})
),

amount_values as (
    select * from amounts
    where driver_value is not null
),

-- The median of the half that searches: the other half must not choose its own threshold.
ranked_values as (
    select
        target,
        driver,
        driver_value,
        cume_dist() over (partition by target, driver order by driver_value) as share_up_to
    from amount_values
    where is_discovery
),

thresholds as (
    select
        target,
        driver,
        min(driver_value) as threshold
    from ranked_values
    where share_up_to >= 5e-1
    group by target, driver
),

conditions as (
    select
        target,
        unit_id,
        driver,
        cast(null as double) as driver_value,
        cast(null as double) as threshold,
        true as is_met
    from event_conditions
    union all
    select
        target,
        unit_id,
        driver,
        cast(null as double) as driver_value,
        cast(null as double) as threshold,
        true as is_met
    from segment_conditions
    union all
    select
        target,
        unit_id,
        driver,
        cast(null as double) as driver_value,
        cast(null as double) as threshold,
        true as is_met
    from attribute_conditions
    union all
    select
        amount_values.target,
        amount_values.unit_id,
        amount_values.driver,
        amount_values.driver_value,
        thresholds.threshold,
        coalesce(amount_values.driver_value > thresholds.threshold, false) as is_met
    from amount_values
    left join thresholds
        on
            amount_values.target = thresholds.target
            and amount_values.driver = thresholds.driver
)

select * from conditions
