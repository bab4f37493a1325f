{%- set days = segmentation.setting('survey_valid_days') %}
{%- set questions = ['primary_need', 'interests', 'values', 'lifestyle', 'personality'] %}
{%- set named = {'ticket': '\\w*tickets?\\w*', 'said': 'sentiment'} %}
{%- for question in questions %}{% do named.update({question: question}) %}{% endfor %}
{%- set circular = {} %}
{%- for name, pattern in named.items() %}
{%- set mentioning = [] %}
{%- for segment in segmentation.registered_segments() if segmentation.segment_mentions(segment, pattern) %}
{%- do mentioning.append(segment) %}
{%- endfor %}
{%- do circular.update({name: segmentation.text_literals(mentioning or [''])}) %}
{%- endfor %}

-- Whoever was not asked did not keep silent: what people say is counted among those who were interviewed or answered,
-- and tickets among all users. Users of one account are alike: sums over accounts say by how much.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

notes as (
    select * from {{ ref('stg_interview_notes') }}
),

tickets as (
    select * from {{ ref('stg_support_tickets') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

population as (
    select
        user_features.user_id,
        {{ segmentation.account_key('user_features') }} as account_key,
        user_features.revenue_91d,
        user_features.as_of_date
    from {{ ref('user_features') }} as user_features
    where {{ segmentation.at_newest_date() }}
),

members as (
    select
        user_id,
        segment
    from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

-- One row for each thing that somebody said: base, among whom it is counted, and in what kinds of topics.
statements as (
    select
        user_id,
        'everybody' as base,
        'ticket' as topic_kind,
        topic,
        cast(null as {{ dbt.type_string() }}) as sentiment,
        {{ segmentation.day_of('created_at') }} as said_date
    from tickets
    union all
    select
        user_id,
        'interviewed' as base,
        'theme' as topic_kind,
        theme as topic,
        sentiment,
        {{ segmentation.day_of('noted_at') }} as said_date
    from notes
    union all
    select
        user_id,
        question as base,
        case when question = 'primary_need' then 'need' else 'answer' end as topic_kind,
        case when question = 'primary_need' then answer else question || ': ' || answer end as topic,
        cast(null as {{ dbt.type_string() }}) as sentiment,
        {{ segmentation.day_of('responded_at') }} as said_date
    from responses
    where
        instrument = 'attribute'
        and question is not null
        and answer is not null
),

recent_statements as (
    select
        statements.base,
        statements.topic_kind,
        statements.topic,
        statements.sentiment,
        population.user_id,
        population.account_key,
        population.revenue_91d
    from statements
    inner join population on statements.user_id = population.user_id
    where {{ segmentation.in_window('statements.said_date', 'population.as_of_date', days) }}
),

-- A theme that somebody liked is a theme and a like.
kinds as (
    select
        'theme' as from_kind,
        'theme' as topic_kind,
        cast(null as {{ dbt.type_string() }}) as sentiment
    {%- for kind, sentiment in [('like', 'positive'), ('dislike', 'negative')] %}
    union all
    select
        'theme' as from_kind,
        '{{ kind }}' as topic_kind,
        '{{ sentiment }}' as sentiment
    {%- endfor %}
    {%- for kind in ['ticket', 'need', 'answer'] %}
    union all
    select
        '{{ kind }}' as from_kind,
        '{{ kind }}' as topic_kind,
        cast(null as {{ dbt.type_string() }}) as sentiment
    {%- endfor %}
),

base_users as (
    select
        'everybody' as base,
        user_id,
        account_key
    from population
    union all
    select
        base,
        user_id,
        account_key
    from recent_statements
    where base != 'everybody'
    group by base, user_id, account_key
),

topic_users as (
    select
        recent_statements.base,
        kinds.topic_kind || '|' || recent_statements.topic as item,
        kinds.topic_kind,
        recent_statements.topic,
        recent_statements.user_id,
        recent_statements.account_key,
        recent_statements.revenue_91d,
        cast(count(*) as bigint) as mentions
    from recent_statements
    inner join kinds
        on
            recent_statements.topic_kind = kinds.from_kind
            and (kinds.sentiment is null or recent_statements.sentiment = kinds.sentiment)
    where recent_statements.topic is not null
    group by
        recent_statements.base, kinds.topic_kind, recent_statements.topic, recent_statements.user_id,
        recent_statements.account_key, recent_statements.revenue_91d
),

counted_topics as (
    select
        *,
        count(*) over (partition by base, item) as users
    from topic_users
),

-- What a single person wrote is nobody else's to read: an answer is a topic once so many have given it.
user_mentions as (
    select * from counted_topics
    where
        base in ('everybody', 'interviewed')
        or users >= {{ segmentation.setting('min_cell_users') }}
),

doers as (
    select
        base,
        item,
        user_id,
        account_key,
        1 as did
    from user_mentions
),

items as (
    select
        base,
        item,
        topic_kind,
        topic
    from user_mentions
    group by base, item, topic_kind, topic
),

{{ segmentation.counted_shares() }},

-- What is behind a topic: how often it came up, and what the people who raised it pay.
item_values as (
    select
        members.segment,
        user_mentions.item,
        cast(sum(user_mentions.mentions) as bigint) as mentions,
        sum(user_mentions.revenue_91d) as revenue_91d
    from members
    inner join user_mentions on members.user_id = user_mentions.user_id
    group by members.segment, user_mentions.item
),

counts as (
    select
        item_counts.*,
        items.topic_kind,
        items.topic,
        coalesce(item_values.mentions, 0) as mentions,
        coalesce(item_values.revenue_91d, 0e0) as revenue_91d,
        case
            when items.topic_kind = 'ticket' then item_counts.segment in ({{ circular.ticket }})
            when items.topic_kind in ('theme', 'like', 'dislike') then item_counts.segment in ({{ circular.said }})
            {%- for question in questions %}
            when items.base = '{{ question }}' then item_counts.segment in ({{ circular[question] }})
            {%- endfor %}
            else false
        end as is_circular
    from item_counts
    inner join items on item_counts.item = items.item
    left join item_values
        on
            item_counts.segment = item_values.segment
            and item_counts.item = item_values.item
),

{{ segmentation.compared_shares() }},

-- Only what could have come out either way is a test.
corrected as (
    {{ segmentation.corrected_families('p_values', 'topic_kind', 'not is_circular') }}
),

topics as (
    select
        corrected.segment,
        corrected.topic_kind,
        corrected.topic,
        'rest' as baseline,
        corrected.family,
        'cohens_h' as effect_size_kind,
        corrected.quality,
        corrected.n,
        corrected.baseline_n,
        corrected.accounts,
        corrected.baseline_accounts,
        corrected.successes as users,
        corrected.baseline_successes as baseline_users,
        corrected.mentions,
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
        corrected.revenue_91d,
        corrected.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from topics
