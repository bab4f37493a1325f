{#
    A segment: who is in it, on every date, and why. The body of a model in models/segments/<type>/.

    Renders a SELECT over user_features with user_id, as_of_date, one boolean per named criterion (never NULL), the counts
    and other measures that the criteria use, `is_member` (all criteria) and `definition_hash`. So "why is this user not in
    it?" is one query. All event counts of a segment are one pass over user_event_days; only property filters and sequences
    read single events.

    Arguments: one or more named criteria, each a SQL expression over the columns of user_features, a criterion macro
    (performed(), in_top_share(), …) or a combination (any_of(), all_of(), none_of()).
    Call:      {{ segment(habitual="active_days_28d >= 16", exports=performed('report_exported', at_least=3, within_days=28)) }}
    Errors:    no criterion, an empty one, a misspelled column or one compared with a value of another type, a reserved or ill-formed name, or a model that is missing from
               registered_segments() stops the parse and names the model, the argument and the rule. In a project that installs
               this one as a package, a segment of ours is off unless that project's list names it.
#}
{% macro segment() -%}
{%- set problems = segmentation._segment_problems(kwargs, varargs) -%}
{%- if problems -%}
    {{ exceptions.raise_compiler_error("Segment `" ~ model.name ~ "`: " ~ problems | join('\n    ')) }}
{%- endif -%}
{%- if segmentation._is_off(model) -%}
    {{- config(enabled=false) -}}
{%- elif model.name not in segmentation.registered_segments() -%}
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
{%- if not segmentation._is_off(model) -%}
    {%- set columns = needs.measures.keys() | list + needs.accounts.keys() | list + ['account_users_present'] -%}
    {%- for segment in needs.segments -%}{%- do columns.append('in_' ~ segment) -%}{%- endfor -%}
    {%- set wrong = [] -%}
    {%- for name, criterion in criteria.items() -%}
        {%- for sql in [criterion.sql] + criterion.accounts.values() | list -%}
            {%- do wrong.extend(segmentation._column_problems(name, sql, columns)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if wrong -%}
        {{ exceptions.raise_compiler_error("Segment `" ~ model.name ~ "`: " ~ wrong | join('\n    ')) }}
    {%- endif -%}
{%- endif -%}
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
{%- set definition_hash = local_md5(segmentation.normalized_sql(segmentation._segment_sql(criteria, needs, names))) -%}
{#- What other models want to know about this one, without reading the view. -#}
{%- set texts = {} -%}
{%- set expressions = {} -%}
{%- for name, criterion in criteria.items() -%}
    {%- do texts.update({name: criterion.text}) -%}
    {%- do expressions.update({name: criterion.sql}) -%}
{%- endfor -%}
{{- config(meta={'segment': {
    'definition_hash': definition_hash, 'texts': texts, 'expressions': expressions, 'reads_segments': needs.segments,
    'measures': needs.measures.keys() | list, 'events': segmentation._events_of(needs.measures),
    'reads_sql': (
        needs.accounts.values() | list + needs.measures.values() | selectattr('column', 'defined') | map(attribute='column') | list
        + needs.measures.values() | selectattr('attribute', 'defined') | map(attribute='attribute') | list
    ) | unique | list,
    'reads_activity': needs.measures.values() | selectattr('kind', 'in', ['activity', 'sequence']) | list | length > 0,
    'reads_history': needs.measures.values() | selectattr('kind', 'eq', 'history') | list | length > 0,
    'reads_lists': needs.measures.values() | selectattr('kind', 'eq', 'list') | list | length > 0,
    'reads_present': needs.measures.values() | selectattr('is_of_present', 'true') | list | length > 0,
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

{# The events that measures count, by name. #}
{% macro _events_of(measures) %}
    {% set events = [] %}
    {% for measure in measures.values() %}
        {% do events.extend(measure.get('events') or measure.get('steps', []) | sum(start=[])) %}
    {% endfor %}
    {{ return(events | unique | sort) }}
{% endmacro %}
