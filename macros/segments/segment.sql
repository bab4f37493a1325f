{#
    A segment: who is in it, on every date, and why. The body of a model in models/segments/<type>/.

    Renders a SELECT over user_features with user_id, as_of_date, one boolean per named criterion (never NULL), the counts
    and other measures that the criteria use, `is_member` (all criteria) and `definition_hash`. So "why is this user not in
    it?" is one query. All event counts of a segment are one pass over user_event_days; only property filters and sequences
    read single events.

    Arguments: one or more named criteria, each a SQL expression over the columns of user_features, a criterion macro
    (performed(), in_top_share(), …) or a combination (any_of(), all_of(), none_of()).
    Call:      {{ segment(habitual="active_days_28d >= 16", exports=performed('report_exported', at_least=3, within_days=28)) }}
    Errors:    no criterion, an empty one, a reserved or ill-formed name, or a model that is missing from
               registered_segments() stops the parse and names the model, the argument and the rule.
#}
{% macro segment() -%}
{%- set problems = segmentation._segment_problems(kwargs, varargs) -%}
{%- if problems -%}
    {{ exceptions.raise_compiler_error("Segment `" ~ model.name ~ "`: " ~ problems | join('\n    ')) }}
{%- endif -%}
{%- if model.name not in segmentation.registered_segments() and model.config.enabled is not false -%}
    {{ exceptions.raise_compiler_error(
        segmentation._unregistered_segment_message(model.name, model.original_file_path)
    ) }}
{%- endif -%}
{%- set criteria = {} -%}
{%- set needs = {'segments': [], 'measures': {}, 'accounts': {}} -%}
{%- for name, value in kwargs.items() -%}
    {%- set criterion = segmentation._as_criterion(value) -%}
    {%- do criteria.update({name: criterion}) -%}
    {%- do needs.segments.extend(criterion.segments) -%}
    {%- do needs.measures.update(criterion.measures) -%}
    {%- do needs.accounts.update(criterion.accounts) -%}
{%- endfor -%}
{%- do needs.update({'segments': needs.segments | unique | sort}) -%}
{%- set cycle = segmentation._segment_cycle(model.name, needs.segments, segmentation._reads_of_segments(needs.segments)) -%}
{%- if cycle -%}
    {{ exceptions.raise_compiler_error(
        "Segment `" ~ model.name ~ "`: in_segment: a segment cannot be defined by itself, got " ~ cycle | join(' → ')
        ~ '. Remove in_segment() from one of them.'
    ) }}
{%- endif -%}
{#- With names in the place of relations the text is the same in every file and at parse: that is what the hash is of. -#}
{%- set names = {} -%}
{%- set relations = {} -%}
{%- for name in segmentation._segment_relations(needs) -%}
    {%- do names.update({name: name}) -%}
    {%- do relations.update({name: ref(name)}) -%}
{%- endfor -%}
{%- set definition_hash = local_md5(segmentation.normalised_sql(segmentation._segment_sql(criteria, needs, names))) -%}
{#- What other models want to know about this one, without reading the view. -#}
{%- set texts = {} -%}
{%- set expressions = {} -%}
{%- for name, criterion in criteria.items() -%}
    {%- do texts.update({name: criterion.text}) -%}
    {%- do expressions.update({name: criterion.sql}) -%}
{%- endfor -%}
{{- config(meta={'segment': {
    'definition_hash': definition_hash, 'texts': texts, 'expressions': expressions, 'reads_segments': needs.segments,
    'measures': needs.measures.keys() | list,
    'reads_sql': (
        needs.accounts.values() | list + needs.measures.values() | selectattr('column', 'defined') | map(attribute='column') | list
        + needs.measures.values() | selectattr('attribute', 'defined') | map(attribute='attribute') | list
    ) | unique | list,
    'reads_activity': needs.measures.values() | selectattr('kind', 'in', ['activity', 'sequence']) | list | length > 0,
    'reads_history': needs.measures.values() | selectattr('kind', 'eq', 'history') | list | length > 0,
}}) -}}
with
{{ segmentation._segment_sql(criteria, needs, relations) }},

stamped as (
    select
        *,
        '{{ definition_hash }}' as definition_hash
    from members
)

select * from stamped
{%- endmacro %}

{#
    The segments that each segment parsed so far is defined by, those of this one included: segment -> list of names.

    While dbt parses there is no graph yet, and its mapping is empty: it serves as the place that the models share. In execution
    there is nothing to find, since dbt refuses a cycle before. After a partial parse the place may lack segments; then dbt's
    own message comes ("Found a cycle"), and scripts/build.py says what to do.
#}
{% macro _reads_of_segments(segments) %}
    {% if execute or graph is undefined or model.config.enabled is false %}{{ return({}) }}{% endif %}
    {% set reads = graph.setdefault('reads_of_segments', {}) %}
    {% do reads.update({model.name: segments}) %}
    {{ return(reads) }}
{% endmacro %}

{# The way from a segment to itself, as a list of names; empty if there is none. `reads` maps segments to those they read. #}
{% macro _segment_cycle(segment, upstream, reads) %}
    {% set seen = {} %}
    {{ return(segmentation._way_to_segment(segment, upstream, reads, [segment], seen)) }}
{% endmacro %}

{# `way` leads here; `seen` holds the segments that were followed, each of them once. #}
{% macro _way_to_segment(segment, upstream, reads, way, seen) %}
    {% for name in upstream if name not in seen %}
        {% if name == segment %}{{ return(way + [segment]) }}{% endif %}
        {% do seen.update({name: true}) %}
        {% set found = segmentation._way_to_segment(segment, reads.get(name, []), reads, way + [name], seen) %}
        {% if found %}{{ return(found) }}{% endif %}
    {% endfor %}
    {{ return([]) }}
{% endmacro %}

{# The models that a segment's SQL reads, given what its criteria need. #}
{% macro _segment_relations(needs) %}
    {% set relations = ['user_features'] + needs.segments %}
    {% set kinds = needs.measures.values() | map(attribute='kind') | list %}
    {% if 'activity' in kinds or 'sequence' in kinds %}{% do relations.append('as_of_dates') %}{% endif %}
    {% for measure in needs.measures.values() %}
        {% if measure.kind == 'activity' %}
            {% do relations.append('user_event_days' if measure.reads == 'days' else 'user_events') %}
            {% if measure.signup %}{% do relations.append('stg_users') %}{% endif %}
        {% elif measure.kind == 'sequence' %}
            {% do relations.append('user_events') %}
        {% elif measure.kind == 'history' %}
            {% do relations.extend(['attribute_changes', 'stg_' ~ measure.entity ~ 's']) %}
        {% endif %}
    {% endfor %}
    {{ return(relations | unique | list) }}
{% endmacro %}

{#
    The CTEs of a segment, the last of them `members`. `relations` maps the names of _segment_relations() to what the SQL
    should call them.
#}
{% macro _segment_sql(criteria, needs, relations) -%}
{%- set activity = {'days': {}, 'events': {}} -%}
{%- set sequences = {} -%}
{%- set histories = {} -%}
{%- set ranks = {} -%}
{%- for name, measure in needs.measures.items() -%}
    {%- if measure.kind == 'activity' -%}{%- do activity[measure.reads].update({name: measure}) -%}
    {%- elif measure.kind == 'sequence' -%}{%- do sequences.update({name: measure}) -%}
    {%- elif measure.kind == 'history' -%}{%- do histories.update({name: measure}) -%}
    {%- else -%}{%- do ranks.update({name: measure}) -%}
    {%- endif -%}
{%- endfor -%}
user_features as (
    select * from {{ relations.user_features }}
),
{%- if 'as_of_dates' in relations %}

dates as (
    select as_of_date from {{ relations.as_of_dates }}
),
{%- endif %}
{%- for reads, measures in activity.items() if measures %}
{%- set source = relations.user_event_days if reads == 'days' else relations.user_events %}
{%- set events = measures.values() | map(attribute='events') | sum(start=[]) | unique | sort %}
{%- set days = measures.values() | map(attribute='days') | list %}
{%- set signup = measures.values() | selectattr('signup') | list | length > 0 %}

activity_{{ reads }} as (
    select
        source_rows.user_id,
        source_rows.event_name,
        {{ 'source_rows.events' if reads == 'days' else '1 as events' }},
        source_rows.event_date,
        source_rows.known_date
        {%- if reads == 'events' %},
        source_rows.properties
        {%- endif %}
        {%- if signup %},
        cast(users.signed_up_at as date) as signup_date
        {%- endif %}
    from {{ source }} as source_rows
    {%- if signup %}
    inner join {{ relations.stg_users }} as users on source_rows.user_id = users.user_id
    {%- endif %}
    where source_rows.event_name in ({{ segmentation.text_literals(events) }})
),

{{ reads }}_measures as (
    select
        activity.user_id,
        {%- for name, measure in measures.items() %}
        {{ measure.sql }} as {{ name }},
        {%- endfor %}
        dates.as_of_date
    from activity_{{ reads }} as activity
    inner join dates
        on
            activity.known_date <= dates.as_of_date
            {%- if none not in days %}
            and activity.event_date > {{ segmentation.days_before('dates.as_of_date', days | max) }}
            {%- endif %}
    group by activity.user_id, dates.as_of_date
),
{%- endfor %}
{%- for name, measure in sequences.items() %}

{{ segmentation._sequence_sql(name, measure, relations.user_events) }},
{%- endfor %}
{%- for name, measure in histories.items() %}

{{ segmentation._history_sql(name, measure, relations) }},
{%- endfor %}

measured as (
    select
        user_features.*
        {%- for reads, measures in activity.items() %}
        {%- for name, measure in measures.items() %},
        {{ 'coalesce(' ~ reads ~ '_measures.' ~ name ~ ', ' ~ measure.default ~ ')' if measure.default == '0'
            else reads ~ '_measures.' ~ name }} as {{ name }}
        {%- endfor %}
        {%- endfor %}
        {%- for name in sequences.keys() | list + histories.keys() | list %},
        coalesce({{ name }}.is_met, false) as {{ name }}
        {%- endfor %}
        {%- for segment in needs.segments %},
        coalesce({{ segment }}.is_member, false) as in_{{ segment }}
        {%- endfor %}
    from user_features
    {%- for reads, measures in activity.items() if measures %}
    left join {{ reads }}_measures
        on
            user_features.user_id = {{ reads }}_measures.user_id
            and user_features.as_of_date = {{ reads }}_measures.as_of_date
    {%- endfor %}
    {%- for name in sequences.keys() | list + histories.keys() | list %}
    left join {{ name }}
        on
            user_features.user_id = {{ name }}.user_id
            and user_features.as_of_date = {{ name }}.as_of_date
    {%- endfor %}
    {%- for segment in needs.segments %}
    left join {{ relations[segment] }} as {{ segment }}
        on
            user_features.user_id = {{ segment }}.user_id
            and user_features.as_of_date = {{ segment }}.as_of_date
    {%- endfor %}
),
{%- if ranks %}

ranked_values as (
    select
        *
        {%- for name, measure in ranks.items() %},
        ({{ measure.column }}) as {{ name }}_value
        {%- endfor %}
    from measured
),

-- cume_dist over the distinct values of a date instead of over its users: the same shares, several times faster.
{%- for name in ranks %}
{{ name }}_counts as (
    select
        as_of_date,
        {{ name }}_value as ranked_value,
        count(*) as users
    from ranked_values
    where {{ name }}_value is not null
    group by as_of_date, {{ name }}_value
),

{{ name }}_shares as (
    select
        as_of_date,
        ranked_value,
        cast(sum(users) over (partition by as_of_date order by ranked_value desc) as double)
        / sum(users) over (partition by as_of_date) as share_from_top
    from {{ name }}_counts
),
{%- endfor %}

ranked as (
    select
        ranked_values.*
        {%- for name in ranks %},
        {{ name }}_shares.share_from_top as {{ name }}
        {%- endfor %}
    from ranked_values
    {%- for name in ranks %}
    left join {{ name }}_shares
        on
            ranked_values.as_of_date = {{ name }}_shares.as_of_date
            and ranked_values.{{ name }}_value = {{ name }}_shares.ranked_value
    {%- endfor %}
),
{%- endif %}
{%- if needs.accounts %}

-- Counted per account and joined back: a window over the users is several times slower.
account_counts as (
    select
        account_id,
        {%- for name, sql in needs.accounts.items() %}
        sum(case when coalesce({{ sql }}, false) then 1 else 0 end) as {{ name }},
        {%- endfor %}
        count(*) as account_users_present,
        as_of_date
    from {{ 'ranked' if ranks else 'measured' }}
    where account_id is not null
    group by account_id, as_of_date
),

counted_by_account as (
    select
        base.*,
        {%- for name in needs.accounts %}
        account_counts.{{ name }},
        {%- endfor %}
        account_counts.account_users_present
    from {{ 'ranked' if ranks else 'measured' }} as base
    left join account_counts
        on
            base.account_id = account_counts.account_id
            and base.as_of_date = account_counts.as_of_date
),
{%- endif %}

criteria as (
    select
        user_id,
        {%- for name, criterion in criteria.items() %}
        coalesce({{ criterion.sql }}, false) as {{ name }},
        {%- endfor %}
        {%- for name in needs.measures %}
        {{ name }},
        {%- endfor %}
        as_of_date
    from {{ 'counted_by_account' if needs.accounts else ('ranked' if ranks else 'measured') }}
),

members as (
    select
        *,
        {{ criteria.keys() | join(' and ') }} as is_member
    from criteria
)
{%- endmacro %}

{#
    The CTEs of one sequence: <name> has a row per user and date on which the sequence is complete. For each step the latest
    earlier event that completes the step before decides, since it leaves the shortest gap.
#}
{% macro _sequence_sql(name, measure, user_events) -%}
{%- set moment = segmentation._step_moment('activity.occurred_at') -%}
{{ name }}_events as (
    select
        activity.user_id,
        activity.event_name,
        {{ moment ~ (' as occurred_at' if moment != 'activity.occurred_at' else '') }},
        dates.as_of_date,
        case when activity.event_name in ({{ segmentation.text_literals(measure.steps[0]) }}) then {{ moment }} end
            as reached_1
    from {{ user_events }} as activity
    inner join dates
        on
            activity.known_date <= dates.as_of_date
            {%- if measure.days %}
            and activity.event_date > {{ segmentation.days_before('dates.as_of_date', measure.days) }}
            {%- endif %}
    where activity.event_name in ({{ segmentation.text_literals(measure.steps | sum(start=[]) | unique | sort) }})
),
{%- for step in measure.steps[1:] %}
{%- set gap = measure.gaps[loop.index0] %}
{%- set is_simultaneous = segmentation._may_be_simultaneous(step, measure.steps[:loop.index] | sum(start=[])) %}

{{ name }}_step_{{ loop.index + 1 }} as (
    select
        *,
        case
            when event_name in ({{ segmentation.text_literals(step) }})
                and max(reached_{{ loop.index }}) over (
                    partition by user_id, as_of_date
                    order by occurred_at
                    range between unbounded preceding and {{ 'current row' if is_simultaneous else "interval '1' microsecond preceding" }}
                ) >= {{ "occurred_at - interval '" ~ 24 * gap ~ "' hour" if gap else "timestamp '0001-01-01 00:00:00'" }}
                then occurred_at
        end as reached_{{ loop.index + 1 }}
    from {{ name ~ '_events' if loop.first else name ~ '_step_' ~ loop.index }}
),
{%- endfor %}

{{ name }} as (
    select distinct
        user_id,
        as_of_date,
        true as is_met
    from {{ name }}_step_{{ measure.steps | length }}
    where reached_{{ measure.steps | length }} is not null
)
{%- endmacro %}

{# The CTE of one had_attribute(): <name> has a row per user and date with is_met. #}
{% macro _history_sql(name, measure, relations) -%}
{%- set key = measure.entity ~ '_id' -%}
{%- set matches = 'lower(changes.value) in (' ~ segmentation.text_literals(measure['values']) ~ ')' -%}
{%- set current = 'lower(cast(max(current_rows.' ~ measure.attribute ~ ') as ' ~ dbt.type_string() ~ ')) in ('
    ~ segmentation.text_literals(measure['values']) ~ ')' -%}
{{ name }} as (
    select
        user_features.user_id,
        user_features.as_of_date,
        {%- if measure.held_for_days %}
        {%- set first_day = segmentation.days_before('user_features.as_of_date', measure.held_for_days - 1) %}
        -- Known on the first of the days, and no other value on any of them.
        min(changes.valid_from_date) <= {{ first_day }}
        and sum(case
            when not coalesce({{ matches }}, false)
                and (changes.valid_to_date is null or changes.valid_to_date > {{ first_day }}) then 1
            else 0
        end) = 0 as is_met
        {%- elif measure.on %}
        case
            when user_features.as_of_date < cast('{{ measure.on }}' as date) then false
            when min(changes.valid_from_date) <= cast('{{ measure.on }}' as date)
                then sum(case
                    when {{ matches }}
                        and changes.valid_from_date <= cast('{{ measure.on }}' as date)
                        and (changes.valid_to_date is null or changes.valid_to_date > cast('{{ measure.on }}' as date)) then 1
                    else 0
                end) > 0
            else {{ current }}
        end as is_met
        {%- else %}
        sum(case when {{ matches }} then 1 else 0 end) > 0
        or (count(changes.entity_id) = 0 and {{ current }}) as is_met
        {%- endif %}
    from user_features
    left join {{ relations['stg_' ~ measure.entity ~ 's'] }} as current_rows on user_features.{{ key }} = current_rows.{{ key }}
    left join {{ relations.attribute_changes }} as changes
        on
            user_features.{{ key }} = changes.entity_id
            and changes.entity = '{{ measure.entity }}'
            and changes.attribute = '{{ measure.attribute }}'
            and changes.valid_from_date <= user_features.as_of_date
    group by user_features.user_id, user_features.as_of_date
)
{%- endmacro %}

{# What is wrong with the arguments of segment(), as a list of texts. #}
{% macro _segment_problems(criteria, positional=[]) %}
    {% set problems = [] %}
    {% if positional %}
        {% do problems.append("segment: every criterion needs a name, got " ~ positional | join(', ') ~ ".") %}
    {% endif %}
    {% if not criteria %}
        {% do problems.append("segment: at least one criterion is needed, got none.") %}
    {% endif %}
    {% for name, expression in criteria.items() %}
        {% if name in ['user_id', 'as_of_date', 'is_member', 'definition_hash'] %}
            {% do problems.append("segment: `" ~ name ~ "` is a column of every segment; choose another name.") %}
        {% elif not modules.re.fullmatch('[a-z][a-z0-9_]*', name) %}
            {% do problems.append("segment: `" ~ name ~ "` must be a name in lower snake case.") %}
        {% elif name in segmentation._reserved_words() %}
            {% do problems.append("segment: `" ~ name ~ "` is a reserved word in SQL; choose another name.") %}
        {% endif %}
        {% do problems.extend(segmentation._criterion_problems('segment', name, expression)) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# Words that no engine takes as the name of a column. #}
{% macro _reserved_words() %}
    {{ return([
        'all', 'and', 'any', 'as', 'asc', 'between', 'both', 'by', 'case', 'cast', 'check', 'collate', 'column', 'create',
        'cross', 'current_date', 'default', 'desc', 'distinct', 'do', 'else', 'end', 'except', 'exists', 'false', 'fetch', 'for',
        'foreign', 'from', 'full', 'grant', 'group', 'having', 'in', 'inner', 'intersect', 'into', 'is', 'join', 'lateral',
        'leading', 'left', 'like', 'limit', 'natural', 'not', 'null', 'offset', 'on', 'only', 'or', 'order', 'outer', 'over',
        'overlaps', 'primary', 'qualify', 'references', 'returning', 'right', 'select', 'some', 'table', 'then', 'to',
        'trailing', 'true', 'union', 'unique', 'user', 'using', 'when', 'where', 'window', 'with',
    ]) }}
{% endmacro %}
