{%- set names = segmentation.driver_targets() | map(attribute='name') | list %}
{%- set last_trial_day = segmentation.setting('driver_trial_days') - 1 %}
{%- set outcome_days = {
    'retention': segmentation.setting('driver_retention_days'),
    'promotion': segmentation.setting('driver_promotion_days'),
} %}

-- Conditions are read on or before anchor_date, the outcome strictly after it: nothing leaks.
with
data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

survey_responses as (
    select * from {{ ref('stg_survey_responses') }}
),

active_days as (
    select
        event_date,
        count(*) as day_users
    from user_days
    group by event_date
),

{{ segmentation.first_sure_dates('first_event', 'active_days', 'event_date', 'day_users') }},

-- Trial conversion: an account decides once, so accounts are counted, not their users.
trials as (
    select
        account_id,
        subscription_id,
        min(started_at) as started_at,
        max({{ segmentation.day_of('trial_ends_at') }}) as trial_end_date,
        min({{ segmentation.day_of('converted_at') }}) as converted_date,
        max({{ segmentation.day_of('ended_at') }}) as ended_date
    from subscriptions
    where trial_ends_at is not null
    group by account_id, subscription_id
),

numbered_trials as (
    select
        *,
        row_number() over (partition by account_id order by started_at, subscription_id) as trial_number
    from trials
),

-- The first trial of an account, watched from its first day to its last, and undecided when the conditions are read.
account_trials as (
    select
        numbered_trials.account_id,
        {{ segmentation.day_of('numbered_trials.started_at') }} as start_date,
        {{ segmentation.days_before(segmentation.day_of('numbered_trials.started_at'), -last_trial_day) }}
            as anchor_date,
        numbered_trials.trial_end_date,
        numbered_trials.converted_date,
        numbered_trials.ended_date
    from numbered_trials
    cross join data_through
    cross join first_event
    where
        numbered_trials.trial_number = 1
        and {{ segmentation.day_of('numbered_trials.started_at') }} >= first_event.first_date
        and numbered_trials.trial_end_date <= data_through.data_through
),

-- Accounts that had a user in the days on which the conditions are read.
used_accounts as (
    select distinct account_trials.account_id
    from account_trials
    inner join user_accounts
        on
            account_trials.account_id = user_accounts.account_id
            and (user_accounts.valid_to_date is null or account_trials.start_date < user_accounts.valid_to_date)
    inner join users
        on
            user_accounts.user_id = users.user_id
            and account_trials.anchor_date
            >= coalesce(user_accounts.valid_from_date, {{ segmentation.day_of('users.signed_up_at') }})
),

undecided_trials as (
    select account_trials.*
    from account_trials
    inner join used_accounts on account_trials.account_id = used_accounts.account_id
    where
        account_trials.trial_end_date > account_trials.anchor_date
        and (account_trials.converted_date is null or account_trials.converted_date > account_trials.anchor_date)
        and (account_trials.ended_date is null or account_trials.ended_date > account_trials.anchor_date)
),

account_dates as (
    select distinct
        account_id,
        as_of_date
    from user_features
    where account_id is not null
),

trial_conversion as (
    select
        undecided_trials.account_id as unit_id,
        undecided_trials.account_id as cluster_id,
        coalesce(undecided_trials.converted_date <= undecided_trials.trial_end_date, false) as has_outcome,
        undecided_trials.start_date as conditions_from_date,
        undecided_trials.anchor_date,
        max(account_dates.as_of_date) as features_date,
        undecided_trials.trial_end_date as outcome_through_date
    from undecided_trials
    left join account_dates
        on
            undecided_trials.account_id = account_dates.account_id
            and undecided_trials.start_date <= account_dates.as_of_date
            and undecided_trials.anchor_date >= account_dates.as_of_date
    group by
        undecided_trials.account_id,
        undecided_trials.converted_date,
        undecided_trials.trial_end_date,
        undecided_trials.start_date,
        undecided_trials.anchor_date
),

{% for name, days in outcome_days.items() -%}
-- The newest period end whose days afterwards are all in the data.
{{ name }}_dates as (
    select
        max(as_of_dates.as_of_date) as anchor_date,
        {{ segmentation.days_before('max(as_of_dates.as_of_date)', -days) }} as outcome_through_date
    from as_of_dates
    cross join data_through
    where
        as_of_dates.is_period_end
        and as_of_dates.as_of_date <= {{ segmentation.days_before('data_through.data_through', days) }}
),

{{ name }}_features as (
    select
        user_features.*,
        {{ name }}_dates.outcome_through_date
    from user_features
    inner join {{ name }}_dates on user_features.as_of_date = {{ name }}_dates.anchor_date
),

{% endfor -%}

-- Retention: whoever used the product in the 28 days before; whoever did not cannot stay away.
days_after as (
    select
        user_days.user_id,
        count(distinct user_days.event_date) as active_days
    from user_days
    cross join retention_dates
    where
        user_days.events > 0
        and user_days.event_date > retention_dates.anchor_date
        and user_days.event_date <= retention_dates.outcome_through_date
    group by user_days.user_id
),

retention as (
    select
        members.user_id as unit_id,
        coalesce(members.account_id, members.user_id) as cluster_id,
        days_after.user_id is not null as has_outcome,
        {{ segmentation.days_before('members.as_of_date', 27) }} as conditions_from_date,
        members.as_of_date as anchor_date,
        members.as_of_date as features_date,
        members.outcome_through_date
    from retention_features as members
    left join days_after on members.user_id = days_after.user_id
    where members.active_days_28d > 0
),

-- Reactivation: whoever used it at most half as often as in the 28 days before them, and so often again afterwards.
reactivation as (
    select
        members.user_id as unit_id,
        coalesce(members.account_id, members.user_id) as cluster_id,
        coalesce(days_after.active_days >= members.active_days_previous_28d, false) as has_outcome,
        {{ segmentation.days_before('members.as_of_date', 27) }} as conditions_from_date,
        members.as_of_date as anchor_date,
        members.as_of_date as features_date,
        members.outcome_through_date
    from retention_features as members
    left join days_after on members.user_id = days_after.user_id
    where
        members.active_days_previous_28d > 0
        and members.active_days_28d <= 5e-1 * members.active_days_previous_28d
),

-- Promotion: whoever was no promoter and answers again; the first answer decides, so that nobody has two chances.
answers_after as (
    select
        survey_responses.user_id,
        survey_responses.score,
        row_number() over (
            partition by survey_responses.user_id
            order by survey_responses.responded_at, survey_responses.response_id
        ) as answer_number
    from survey_responses
    cross join promotion_dates
    where
        survey_responses.instrument = 'nps'
        and survey_responses.score is not null
        and {{ segmentation.day_of('survey_responses.responded_at') }} > promotion_dates.anchor_date
        and {{ segmentation.day_of('survey_responses.responded_at') }} <= promotion_dates.outcome_through_date
),

promotion as (
    select
        members.user_id as unit_id,
        coalesce(members.account_id, members.user_id) as cluster_id,
        answers_after.score >= 9 as has_outcome,
        {{ segmentation.days_before('members.as_of_date', 27) }} as conditions_from_date,
        members.as_of_date as anchor_date,
        members.as_of_date as features_date,
        members.outcome_through_date
    from promotion_features as members
    inner join answers_after
        on
            members.user_id = answers_after.user_id
            and answers_after.answer_number = 1
    where members.nps_category is distinct from 'promoter'
),

all_units as (
    {%- for name in names %}
    select
        '{{ name }}' as target,
        unit_id,
        cluster_id,
        has_outcome,
        conditions_from_date,
        anchor_date,
        features_date,
        outcome_through_date
    from {{ name }}
    union all
    {%- endfor %}
    select
        '' as target,
        unit_id,
        cluster_id,
        has_outcome,
        conditions_from_date,
        anchor_date,
        features_date,
        outcome_through_date
    from retention
    where false
),

-- Accounts are split as a whole: otherwise colleagues, who share most of what they do, would confirm each other.
observations as (
    select
        all_units.target,
        all_units.unit_id,
        all_units.cluster_id,
        all_units.has_outcome,
        {{ dbt.hash('all_units.cluster_id') }} < '8' as is_discovery,
        all_units.conditions_from_date,
        all_units.anchor_date,
        all_units.features_date,
        all_units.outcome_through_date,
        data_through.data_through
    from all_units
    cross join data_through
)

select * from observations
