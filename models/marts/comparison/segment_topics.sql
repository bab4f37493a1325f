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
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    inner join population on user_segments.user_id = population.user_id
    where user_segments.as_of_date = population.as_of_date
),

said as (
    select
        notes.user_id,
        'interviewed' as base,
        notes.theme,
        notes.sentiment
    from notes
    cross join data_through
    where {{ segmentation.in_window(segmentation.day_of('notes.noted_at'), 'data_through.data_through', days) }}
),

answered as (
    select
        responses.user_id,
        responses.question as base,
        case when responses.question = 'primary_need' then 'need' else 'answer' end as topic_kind,
        case
            when responses.question = 'primary_need' then responses.answer
            else responses.question || ': ' || responses.answer
        end as topic
    from responses
    cross join data_through
    where
        responses.instrument = 'attribute'
        and responses.question is not null
        and responses.answer is not null
        and {{ segmentation.in_window(
            segmentation.day_of('responses.responded_at'), 'data_through.data_through', days
        ) }}
),

-- What a single person wrote is nobody else's to read: an answer is a topic once so many have given it.
shared_answers as (
    select
        base,
        topic
    from answered
    group by base, topic
    having count(distinct user_id) >= {{ segmentation.setting('min_cell_users') }}
),

mentions as (
    select
        tickets.user_id,
        'everybody' as base,
        'ticket' as topic_kind,
        tickets.topic
    from tickets
    cross join data_through
    where {{ segmentation.in_window(segmentation.day_of('tickets.created_at'), 'data_through.data_through', days) }}
    {%- for kind, sentiment in [('theme', none), ('like', 'positive'), ('dislike', 'negative')] %}
    union all
    select
        user_id,
        base,
        '{{ kind }}' as topic_kind,
        theme as topic
    from said
    {%- if sentiment %}
    where sentiment = '{{ sentiment }}'
    {%- endif %}
    {%- endfor %}
    union all
    select
        answered.user_id,
        answered.base,
        answered.topic_kind,
        answered.topic
    from answered
    inner join shared_answers
        on
            answered.base = shared_answers.base
            and answered.topic = shared_answers.topic
),

bases as (
    select
        'everybody' as base,
        user_id
    from population
    union all
    select
        base,
        user_id
    from said
    union all
    select
        base,
        user_id
    from answered
),

base_users as (
    select
        bases.base,
        population.user_id,
        population.account_key
    from bases
    inner join population on bases.user_id = population.user_id
    group by bases.base, population.user_id, population.account_key
),

user_mentions as (
    select
        mentions.base,
        mentions.topic_kind || '|' || mentions.topic as item,
        mentions.topic_kind,
        mentions.topic,
        population.user_id,
        population.account_key,
        population.revenue_91d,
        cast(count(*) as bigint) as mentions
    from mentions
    inner join population on mentions.user_id = population.user_id
    where mentions.topic is not null
    group by
        mentions.base, mentions.topic_kind, mentions.topic, population.user_id, population.account_key,
        population.revenue_91d
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
