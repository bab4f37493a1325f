{#
    CTEs of the traits of a project's own, the last of them `own_traits`: user_id, a column for each of traits(), as_of_date. Without
    traits it is just the spine.

    Arguments: none; the CTEs spine (user_id, account_id, as_of_date), users and accounts are in scope.
    Call:      {{ own_traits() }}
#}
{% macro own_traits() -%}
{%- set traits = segmentation.traits() %}
{%- set of_users = traits | selectattr('in', 'equalto', 'users') | map(attribute='name') | list %}
{%- set of_accounts = traits | selectattr('in', 'equalto', 'accounts') | map(attribute='name') | list %}
{%- set of_answers = traits | selectattr('in', 'equalto', 'survey_responses') | list %}
{%- set of_models = [] %}
{%- for trait in traits if segmentation._is_of_model(trait) %}{% do of_models.append(trait) %}{% endfor %}
{%- for entity, names in {'user': of_users, 'account': of_accounts}.items() if names %}

tracked_{{ entity }}s as (
    {{ segmentation.attributes_as_of(entity, names) }}
),
{%- endfor %}
{%- if of_answers %}

{{ segmentation._answered_traits(of_answers) }}
{%- endif %}
{%- for trait in of_models %}

{{ trait.name }}_rows as (
    {%- if trait.get('dated_by') == 'valid_from' %}
    select
        spine.user_id,
        valued.{{ trait.name }} as own_value,
        spine.as_of_date,
        row_number() over (partition by spine.user_id, spine.as_of_date order by valued.valid_from desc) as place
    from spine
    inner join {{ ref(trait['in']) }} as valued
        on
            spine.user_id = valued.user_id
            and cast(valued.valid_from as date) <= spine.as_of_date
    {%- else %}
    select
        user_id,
        {{ trait.name }} as own_value,
        as_of_date,
        1 as place
    from {{ ref(trait['in']) }}
    where {{ segmentation.in_slice() }}
    {%- endif %}
),
{%- endfor %}

own_traits as (
    select
        spine.user_id,
        {%- for trait in traits %}
        {%- set value = segmentation._trait_text(trait) %}
        {%- if segmentation._is_of_model(trait) and trait.type != 'list' %}
        {%- set typed = 'cast(' ~ value ~ ' as ' ~ {'string': dbt.type_string()}.get(trait.type, trait.type) ~ ')' %}
        {%- else %}
        {%- set typed = segmentation.trait_value(trait, '(' ~ value | trim ~ ')') %}
        {%- endif %}
        {%- set if_missing = trait.get('if_missing') %}
        {%- if if_missing is none %}
        {{ typed }} as {{ trait.name }},
        {%- else %}
        coalesce({{ typed }}, {{ segmentation.text_literal(if_missing) if if_missing is string else if_missing | lower }})
            as {{ trait.name }},
        {%- endif %}
        {%- endfor %}
        spine.as_of_date
    from spine
    inner join users on spine.user_id = users.user_id
    left join accounts on spine.account_id = accounts.account_id
    {%- for entity, names in {'user': of_users, 'account': of_accounts}.items() if names %}
    left join tracked_{{ entity }}s
        on
            spine.user_id = tracked_{{ entity }}s.user_id
            and spine.as_of_date = tracked_{{ entity }}s.as_of_date
    {%- endfor %}
    {%- if of_answers %}
    left join answered
        on
            spine.user_id = answered.user_id
            and spine.as_of_date = answered.as_of_date
    {%- endif %}
    {%- for trait in of_models %}
    left join {{ trait.name }}_rows
        on
            spine.user_id = {{ trait.name }}_rows.user_id
            and spine.as_of_date = {{ trait.name }}_rows.as_of_date
            and {{ trait.name }}_rows.place = 1
    {%- endfor %}
)
{%- endmacro %}

{# The column in scope of own_traits that holds a trait before it has its type. #}
{% macro _trait_text(trait) %}
    {% set texts = {
        'users': segmentation.attribute(trait.name, 'tracked_users', 'users'),
        'accounts': segmentation.attribute(trait.name, 'tracked_accounts', 'accounts'),
        'survey_responses': 'answered.' ~ trait.name
    } %}
    {{ return(texts.get(trait['in'], trait.name ~ '_rows.own_value')) }}
{% endmacro %}

{# Its CTEs answers and answered: a column for each trait that is the answer to a question. #}
{% macro _answered_traits(traits) -%}
-- Of a user who was merged, the survivor's too, from the merge on.
responses as (
    select
        stg_survey_responses.*,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date
    from {{ ref('stg_survey_responses') }} as stg_survey_responses
    union all
    select
        stg_survey_responses.* replace (user_merges.survivor_id as user_id),
        user_merges.valid_from_date,
        user_merges.valid_to_date
    from {{ ref('stg_survey_responses') }} as stg_survey_responses
    inner join {{ ref('user_merges') }} as user_merges on stg_survey_responses.user_id = user_merges.user_id
    where user_merges.refused_because is null
),

answers as (
    select
        spine.user_id,
        responses.question,
        coalesce(responses.answer, cast(responses.score as {{ dbt.type_string() }})) as answer,
        row_number() over (
            partition by spine.user_id, spine.as_of_date, responses.question
            order by responses.responded_at desc, responses.response_id desc
        ) as place,
        spine.as_of_date
    from spine
    inner join responses
        on
            spine.user_id = responses.user_id
            and {{ segmentation.holds_on('responses', 'spine.as_of_date') }}
            and {{ segmentation.in_window(
                segmentation.day_of('responses.responded_at'), 'spine.as_of_date', segmentation.setting('survey_valid_days')
            ) }}
    where
        responses.instrument = 'attribute'
        and coalesce(responses.answer, cast(responses.score as {{ dbt.type_string() }})) is not null
),

answered as (
    select
        user_id,
        {%- for trait in traits %}
        {%- set is_asked = 'question = ' ~ segmentation.text_literal(trait.get('question', trait.name) | lower) %}
        {%- if trait.type == 'list' %}
        {{ dbt.listagg('case when ' ~ is_asked ~ ' then ' ~ segmentation.list_text('answer') ~ ' end', "'; '") }} as {{ trait.name }},
        {%- else %}
        max(case when {{ is_asked }} and place = 1 then answer end) as {{ trait.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from answers
    group by user_id, as_of_date
),
{%- endmacro %}
