{{ config(enabled=gives('zendesk', 'support_tickets')) }}

-- The user is the requester, by the external_id of the account there, not the submitter: that may be an agent who wrote it down. A rating of good is the
-- top of the scale in `survey_scales`, bad its foot; the last one counts, and `offered` is none.
{%- set setting = connector_setting('zendesk') or {'options': {}} %}
{%- set zone = setting.options.timezone %}
{%- set scale = segmentation.setting('survey_scales').get('satisfaction') or [1, 5] %}
with
tickets as (
    {{ source_table('zendesk', 'ticket', {
        'id': 'id', 'requester_id': 'requester_id', 'status': 'status', 'priority': 'priority', 'type': 'type', 'created': 'created_at',
        'modified': 'updated_at', 'merged_ids': 'merged_ticket_ids', 'rating': ['satisfaction_rating.score'], 'tags': 'tags',
    }, key=['id'], newest_by=['modified']) }}
),

people as (
    {{ source_table('zendesk', 'user', {
        'id': 'id', 'external_id': 'external_id', 'email': 'email', 'role': 'role', 'modified': 'updated_at',
    }, key=['id'], newest_by=['modified']) }}
),

changes as (
    {{ source_table('zendesk', 'ticket_field_history', {
        'ticket_id': 'ticket_id', 'field': 'field_name', 'new_value': 'value', 'changed': 'updated',
    }) }}
),

tag_rows as (
    {{ source_table('zendesk', 'ticket_tag', {'ticket_id': 'ticket_id', 'tag': ['tag', 'tags']}) }}
),

metrics as (
    {{ source_table('zendesk', 'ticket_metrics', {'ticket_id': 'ticket_id', 'solved': 'solved_at', 'modified': 'updated_at'},
        key=['ticket_id'], newest_by=['modified']) }}
),

ratings as (
    {{ source_table('zendesk', 'satisfaction_ratings', {
        'id': 'id', 'ticket_id': 'ticket_id', 'score': 'score', 'created': 'created_at', 'modified': 'updated_at',
    }, key=['id'], newest_by=['modified']) }}
),

by_email as (
    {{ users_by_email('zendesk') }}
),

statuses as (
    select ticket_id, lower(new_value) as status, {{ time_value('changed', zone) }} as changed_at
    from changes
    where field = 'status' and not is_deleted
),

steps as (
    select
        *,
        lag(status) over (partition by ticket_id order by changed_at, status) as status_before
    from statuses
),

-- Some tickets are closed without having been solved.
stages as (
    select
        ticket_id,
        coalesce(min(changed_at) filter (where status = 'solved'), min(changed_at) filter (where status = 'closed')) as first_solved_at,
        coalesce(max(changed_at) filter (where status = 'solved'), max(changed_at) filter (where status = 'closed')) as last_solved_at,
        max(changed_at) filter (where status in ('new', 'open', 'pending', 'hold') and status_before = 'solved') as reopened_at
    from steps
    group by ticket_id
),

-- Both ways in which a rating lands: a change of the field, and the table of ratings.
given_ratings as (
    select ticket_id, lower(new_value) as score, {{ time_value('changed', zone) }} as rated_at
    from changes
    where field = 'satisfaction_score' and not is_deleted
    union all
    select ticket_id, lower(score) as score, coalesce({{ time_value('modified', zone) }}, {{ time_value('created', zone) }}) as rated_at
    from ratings
    where left_out_because is null and not is_deleted
),

last_ratings as (
    select *
    from given_ratings
    qualify row_number() over (partition by ticket_id order by rated_at desc nulls last, score) = 1
),

all_tags as (
    select ticket_id, tag from tag_rows
    where not is_deleted
    union
    select id as ticket_id, unnest(cast(cast(tags as json) as varchar[])) as tag
    from tickets
    where json_valid(tags) and left(tags, 1) = '['
),

merged as (
    select distinct unnest(regexp_extract_all(merged_ids, '[0-9]+')) as ticket_id
    from tickets
    where merged_ids is not null
    union
    select ticket_id from all_tags
    where tag = 'closed_by_merge'
),

topics as (
    select
        ticket_id,
        coalesce(
            {%- for tag in setting.options.get('topic_tags') or [] %}
            max(tag) filter (where lower(tag) = lower({{ segmentation.text_literal(tag) }})),
            {%- endfor %}
            cast(null as varchar)
        ) as topic
    from all_tags
    group by ticket_id
),

known as (
    select
        tickets.*,
        coalesce({{ own_or('zendesk', 'user', 'user_id', 'people.external_id') }}, by_email.bridged_user_id) as user_id,
        coalesce(topics.topic, tickets.type) as topic,
        coalesce(last_ratings.score, lower(tickets.rating)) as score,
        last_ratings.rated_at,
        stages.first_solved_at,
        stages.reopened_at,
        case
            when lower(tickets.status) in ('solved', 'closed') or tickets.status is null
                then coalesce(stages.last_solved_at, {{ time_value('metrics.solved', zone) }})
        end as solved_at,
        coalesce(
            tickets.left_out_because,
            case when tickets.is_deleted or lower(tickets.status) = 'deleted' then 'deleted' end,
            case when merged.ticket_id is not null then 'merged' end,
            case when people.id is null then 'unknown_requester' end,
            case when lower(coalesce(people.role, 'end-user')) <> 'end-user' then 'colleague' end,
            case
                when coalesce({{ own_or('zendesk', 'user', 'user_id', 'people.external_id') }}, by_email.bridged_user_id) is null
                    then 'no_user_id'
            end
        ) as reason
    from tickets
    left join people on tickets.requester_id = people.id and people.left_out_because is null
    left join by_email on lower(people.email) = by_email.address
    left join stages on tickets.id = stages.ticket_id
    left join last_ratings on tickets.id = last_ratings.ticket_id
    left join metrics on tickets.id = metrics.ticket_id and metrics.left_out_because is null
    left join merged on tickets.id = merged.ticket_id
    left join topics on tickets.id = topics.ticket_id
),

mapped as (
    select
        {{ as_input('support_tickets', {
            'ticket_id': 'id',
            'user_id': 'user_id',
            'topic': 'topic',
            'priority': 'priority',
            'satisfaction': "case score when 'good' then '" ~ scale[1] ~ "' when 'bad' then '" ~ scale[0] ~ "' end",
            'satisfied_at': "case when score in ('good', 'bad') then strftime(rated_at, '%Y-%m-%dT%H:%M:%S.%fZ') end",
            'created_at': time_text('created', zone),
            'first_solved_at': "strftime(first_solved_at, '%Y-%m-%dT%H:%M:%S.%fZ')",
            'reopened_at': "strftime(reopened_at, '%Y-%m-%dT%H:%M:%S.%fZ')",
            'solved_at': "strftime(solved_at, '%Y-%m-%dT%H:%M:%S.%fZ')",
            'updated_at': time_text('modified', zone),
        }, 'zendesk', 'ticket', left_out='reason') }}
    from known
)

select * from mapped
