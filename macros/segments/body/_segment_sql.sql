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
        {% elif measure.kind == 'list' %}
            {% do relations.append('as_of_dates' if 'segment' in measure else measure.relation) %}
        {% elif measure.kind == 'history' %}
            {% do relations.extend(['attribute_changes', 'stg_' ~ measure.entity ~ 's']) %}
        {% endif %}
    {% endfor %}
    {{ return(relations | unique | list) }}
{% endmacro %}

{#
    The CTEs of a segment, the last of them `members`. `relations` maps the names of _segment_relations() to what the SQL
    should call them. Each step adds columns to the one before: measured (counts, sequences, histories, other segments), ranked
    (ranks), counted_by_account (counts of accounts), criteria.
#}
{% macro _segment_sql(criteria, needs, relations) -%}
{%- set measures = segmentation._measures_by_kind(needs.measures) -%}
user_features as (
    select * from {{ relations.user_features }}
),
{%- if 'as_of_dates' in relations %}

dates as (
    select as_of_date from {{ relations.as_of_dates }}
),
{%- endif %}
{%- if measures.days %}

{{ segmentation._activity_sql('days', measures.days, relations) }},
{%- endif %}
{%- if measures.events %}

{{ segmentation._activity_sql('events', measures.events, relations) }},
{%- endif %}
{%- for name, measure in measures.sequence.items() %}

{{ segmentation._sequence_sql(name, measure, relations.user_events) }},
{%- endfor %}
{%- for name, measure in measures.history.items() %}

{{ segmentation._history_sql(name, measure, relations) }},
{%- endfor %}
{%- for name, measure in measures.list.items() %}

{{ segmentation._list_sql(name, measure, relations) }},
{%- endfor %}

{{ segmentation._measured_sql(measures, needs.segments, relations) }},
{%- if measures.rank %}

{{ segmentation._ranks_sql(measures.rank) }},
{%- endif %}
{%- if needs.accounts %}

{{ segmentation._accounts_sql(needs.accounts, 'ranked' if measures.rank else 'measured') }},
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
    from {{ 'counted_by_account' if needs.accounts else ('ranked' if measures.rank else 'measured') }}
),

members as (
    select
        *,
        {{ criteria.keys() | join(' and ') }} as is_member
    from criteria
)
{%- endmacro %}

{#
    The measures by what computes them: days and events (both of kind 'activity'), sequence, history, list, rank.
    Example: {'a': {'kind': 'activity', 'reads': 'days'}} -> {'days': {'a': …}, 'events': {}, 'sequence': {}, …}
#}
{% macro _measures_by_kind(measures) %}
    {% set found = {'days': {}, 'events': {}, 'sequence': {}, 'history': {}, 'list': {}, 'rank': {}} %}
    {% for name, measure in measures.items() %}
        {% do found[measure.reads if measure.kind == 'activity' else measure.kind].update({name: measure}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
