{#
    The rows of the relation that the variable `personas` names, judged as rows of the inputs are (checked_input()): segment, name,
    backstory, goals, frustrations and quotes of made-up people who stand for a segment. Without such a relation there are none.

    Not used are rows without a segment or a name (missing_key), of a segment that is not registered (unknown_segment), that say
    nothing beyond the name (missing_value), and a second one of the same name with other words (conflicting_duplicate). Copies are
    duplicates. A relation may lack the texts behind the name, and updated_at, by which the newest of several rows counts.

    Call:   personas as ({{ personas() }})
    Errors: an entry of another form stops the parse.
#}
{% macro personas() -%}
{%- set texts = ['backstory', 'goals', 'frustrations', 'quotes'] -%}
{%- set entry = {
    'key': ['segment', 'name'], 'newest_by': 'updated_at', 'may_be_missing': texts + ['updated_at'],
    'columns': {
        'segment': 'label', 'name': 'text', 'backstory': 'text', 'goals': 'text', 'frustrations': 'text', 'quotes': 'text',
        'updated_at': 'time',
    },
} -%}
{%- set content = entry.columns.keys() | list -%}
{%- set rules = {
    'timezone': 'UTC', 'subject': none, 'ids': [], 'required': entry.key, 'times': ['updated_at'], 'ruled': [], 'listed': [],
    'content': content, 'texts': content | reject('equalto', 'updated_at') | list,
} -%}
{%- set reasons = {
    'unknown_segment': 'segment not in (' ~ segmentation.text_literals(segmentation.registered_segments()) ~ ')',
    'missing_value': 'coalesce(' ~ texts | join(', ') ~ ') is null',
} -%}
with
source_rows as (
    {{ segmentation.with_missing_columns(
        segmentation.named_relation(segmentation.setting('personas'), entry.columns), entry.may_be_missing
    ) }}
),

{{ segmentation._typed_rows(entry, rules) }},

judged as (
    select
        *,
        {{ segmentation._own_reason(entry, rules, reasons) }} as own_reason,
        {{ segmentation.fingerprint(rules.content, rules.texts) }} as content_hash
    from typed
),

{{ segmentation._numbered_versions(entry, rules, {}) }},

{{ segmentation._checked_rows(entry, rules, {}) }}

select * from checked
{%- endmacro %}
