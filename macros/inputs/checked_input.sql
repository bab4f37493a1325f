{#
    Every row of an input, typed, with the reason why it cannot be used (or NULL). Nothing is dropped here but the rows of
    persons who were forgotten (docs/privacy.md).

    Besides the contract's columns each row has
      row_key             the key in text form
      reject_reason       unreadable_time, missing_key, placeholder_id, missing_value, unreadable_value, out_of_range, one of
                          `reasons`, conflicting_duplicate, or NULL: usable
      is_duplicate        a copy of another row with this key, or an older version of the one that is used: not used, not rejected
      is_local_time       a time without an offset was read in the input's source time zone
      unreadable_columns  optional values that are of no use: the row is used, the value is NULL (a label in the key is kept)
      unreadable_reasons  why, in the same order: unreadable, out_of_range, unknown_label or placeholder_id
      raw_row             the row as it came, as JSON

    Text is trimmed (see trimmed_text()) and empty text becomes NULL; so do placeholders in columns of ids, and values that the
    contract's ranges and labels leave out. Of several rows with one key one is used, the same one whatever the order of
    the file: the newest (newest_by) or the first that came (first_by); of those the content that came most often; of those the
    first by content. Every other content is one conflict, and its further copies are duplicates.

    Arguments: name (an input of input_contract()); reasons (dict: reason -> SQL condition over the typed columns, which
    may compare with `text_of_<column>`, the untyped text); defaults (dict: column -> SQL for where it is empty).
    Call:      {{ checked_input('invoices', reasons={'unknown_currency': "currency not in ('USD')"}) }}
#}
{% macro checked_input(name, reasons={}, defaults={}) -%}
{%- set entry = segmentation.input_contract(name) -%}
{%- set timezone = segmentation.setting('source_timezones').get(name, 'UTC') -%}
{%- set required = entry.key + entry.get('required', []) -%}
{%- set ids = segmentation.id_columns(name) -%}
{%- set ranges = entry.get('ranges', {}) -%}
{%- set labels = entry.get('labels', {}) -%}
{%- set one_of = entry.get('one_of', []) -%}
{%- set times = [] -%}
{%- set values = [] -%}
{%- set ruled = [] -%}
{%- set content = [] -%}
{%- set subject = segmentation.input_subject(name) -%}
{%- for column, type in entry.columns.items() -%}
    {%- if type in ('time', 'date') -%}{%- do times.append(column) -%}{%- endif -%}
    {%- if type in ('integer', 'money', 'double', 'boolean', 'json') or column in ids or column in labels -%}
        {%- do values.append(column) -%}
    {%- endif -%}
    {%- if column in ranges or column in labels -%}{%- do ruled.append(column) -%}{%- endif -%}
    {%- if column not in entry.get('arrival', []) -%}{%- do content.append(column) -%}{%- endif -%}
{%- endfor -%}
{%- set listed = values | reject('in', required) | list + entry.key | select('in', labels) | list -%}
with
source_rows as (
    {{ segmentation.with_missing_columns(segmentation.input(name), entry.get('may_be_missing', [])) }}
),

texts as (
    select
        {%- for column in entry.columns %}
        {{ segmentation.trimmed_text(segmentation._as_text(column, entry.columns[column])) }} as text_of_{{ column }},
        {%- endfor %}
        {{ segmentation.row_as_json(entry.columns.keys() | list) }} as raw_row
    from source_rows
),
{%- if subject %}

forgotten_users as (
    select * from {{ ref('forgotten_users') }}
),

-- Who asked to be forgotten is not read. CASE: while nobody is, no hash is computed.
remembered as (
    select *
    from texts
    where
        coalesce(
            case
                when (select count(*) > 0 from forgotten_users)
                    then {{ segmentation.sha256_hex(subject) }} not in (select subject_hash from forgotten_users)
            end,
            true
        )
),
{%- endif %}

typed as (
    select
        *,
        {%- for column, type in entry.columns.items() %}
        {%- set text = segmentation._text_to_read(entry, column) %}
        {%- set read = segmentation._typed(text, type, timezone, column in entry.get('ends', [])) %}
        {{ segmentation.real_id(read) if column in ids else read }} as {{ 'read_' if column in ruled }}{{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ 'remembered' if subject else 'texts' }}
),
{%- if ruled %}

-- What was read but is no legal value is not used.
legal as (
    select
        *,
        {%- for column in ruled %}
        {%- if column in entry.key %}
        read_{{ column }} as {{ column }}{{ ',' if not loop.last }}
        {%- else %}
        case when {{ segmentation._is_legal(entry, column, 'read_' ~ column) }} then read_{{ column }} end as {{ column }}
        {{- ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from typed
),
{%- endif %}

judged as (
    select
        *,
        case
            {%- if times %}
            when
                {%- for column in times %}
                {{ 'or ' if not loop.first }}(text_of_{{ column }} is not null and {{ column }} is null)
                {%- endfor %}
                then 'unreadable_time'
            {%- endif %}
            when
                {%- for column in entry.key %}
                {{ 'or ' if not loop.first }}text_of_{{ column }} is null
                {%- endfor %}
                then 'missing_key'
            {%- for column in required | select('in', ids) %}
            when text_of_{{ column }} is not null and {{ column }} is null then 'placeholder_id'
            {%- endfor %}
            {%- if one_of %}
            when coalesce(text_of_{{ one_of | join(', text_of_') }}) is not null and coalesce({{ one_of | join(', ') }}) is null
                then 'placeholder_id'
            {%- endif %}
            {%- for column in required %}
            when text_of_{{ column }} is null then 'missing_value'
            {%- if column in ranges %}
            when read_{{ column }} is not null and {{ column }} is null then 'out_of_range'
            {%- endif %}
            when {{ column }} is null then 'unreadable_value'
            {%- endfor %}
            {%- for reason, condition in reasons.items() %}
            when {{ condition }} then '{{ reason }}'
            {%- endfor %}
        end as own_reason,
        {{ segmentation.fingerprint(content, segmentation.text_columns(name) | select('in', content) | list) }} as content_hash
    from {{ 'legal' if ruled else 'typed' }}
),
{% set rank -%}
    {%- if entry.get('newest_by') -%}
    {{ entry.newest_by }} desc nulls last
    {%- else -%}
    coalesce({{ entry.first_by }}, {{ defaults.get(entry.first_by, 'null') }})
    {%- endif %}
{%- endset %}
{#- The last word: rows of one content may still have been written in two ways. -#}
{%- set raw_hash = segmentation.fingerprint(['raw_row']) %}
{%- set is_conflict -%}
    content_hash != kept_content_hash and place_among_copies = 1
    {%- if entry.get('newest_by') %} and ({{ entry.newest_by }} is not distinct from newest){% endif %}
{%- endset %}
{%- set keys = 'partition by ' ~ entry.key | join(', ') ~ ', own_reason is null' %}
-- Copies that came later do not count: they must not change which content is used.
counted as (
    select
        *,
        count(*) over ({{ keys }}, content_hash order by {{ rank }}) as copies,
        row_number() over ({{ keys }}, content_hash order by {{ rank }}, {{ raw_hash }}) as place_among_copies
    from judged
),
{%- set versions %}{{ keys }}
            order by
                {{ rank }}, copies desc,
                {%- for column in content if column not in entry.key %} {{ column }} nulls last,{% endfor %} place_among_copies
{%- endset %}

numbered as (
    select
        *,
        row_number() over (
            {{ versions }}
        ) as place,
        {%- if entry.get('newest_by') %}
        first_value({{ entry.newest_by }}) over (
            {{ versions }}
        ) as newest,
        {%- endif %}
        first_value(content_hash) over (
            {{ versions }}
        ) as kept_content_hash
    from counted
),

checked as (
    select
        {%- for column in entry.columns %}
        {% if column in defaults %}coalesce({{ column }}, {{ defaults[column] }}) as {{ column }}{% else %}{{ column }}{% endif %},
        {%- endfor %}
        {{ segmentation._row_key(entry.key) }} as row_key,
        case
            when own_reason is not null then own_reason
            when {{ is_conflict }} then 'conflicting_duplicate'
        end as reject_reason,
        {%- for name in ['unreadable_columns', 'unreadable_reasons'] %}
        {%- if listed %}
        case
            when
                {%- for column in listed %}
                {{ 'or ' if not loop.first }}({{ segmentation._is_unreadable(entry, column) }})
                {%- endfor %}
                then concat_ws(
                    ', ',
                    {%- for column in listed %}
                    case when {{ segmentation._is_unreadable(entry, column) }} then {% if name == 'unreadable_columns' -%}
                        '{{ column }}'
                    {%- elif column in ids -%}
                        'placeholder_id'
                    {%- elif column in labels -%}
                        'unknown_label'
                    {%- elif column in ranges -%}
                        case when read_{{ column }} is null then 'unreadable' else 'out_of_range' end
                    {%- else -%}
                        'unreadable'
                    {%- endif %} end{{ ',' if not loop.last }}
                    {%- endfor %}
                )
        end as {{ name }},
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {%- endif %}
        {%- endfor %}
        raw_row,
        own_reason is null and place > 1 and not ({{ is_conflict }}) as is_duplicate,
        {% for column in times -%}
        {{ 'or ' if not loop.first }}(
            text_of_{{ column }} like '%:%' and not coalesce({{ segmentation.has_utc_offset('text_of_' ~ column) }}, false)
        )
        {%- else -%}
        false
        {%- endfor %} as is_local_time
    from numbered
)

select * from checked
{%- endmacro %}

{# The text from which a column is read: its own, or where that is empty and the contract says so, that of another column. #}
{% macro _text_to_read(entry, column) -%}
    {%- set fallback = entry.get('fallbacks', {}).get(column) -%}
    {%- if fallback -%}
    coalesce(text_of_{{ column }}, case when {{ fallback[1] }} then text_of_{{ fallback[0] }} end)
    {%- else -%}
    text_of_{{ column }}
    {%- endif -%}
{%- endmacro %}

{# Whether a value that was read is one that the contract's ranges or labels name, as SQL; true of NULL is not asked for. #}
{% macro _is_legal(entry, column, value) -%}
    {%- set range = entry.get('ranges', {}).get(column) -%}
    {%- if range is none or range is undefined -%}
        {{ value }} in ({{ segmentation.text_literals(entry.labels[column]) }})
    {%- elif range is string -%}
        {{ range | replace('{}', value) }}
    {%- elif range[0] is none and range[1] is none -%}
        true
    {%- elif range[1] is none -%}
        {{ value }} >= {{ range[0] }}
    {%- else -%}
        {{ value }} between {{ range[0] }} and {{ range[1] }}
    {%- endif -%}
{%- endmacro %}

{# Whether something stands in a column that is of no use, as SQL. #}
{% macro _is_unreadable(entry, column) -%}
    {%- if column in entry.key -%}
    not ({{ segmentation._is_legal(entry, column, column) }})
    {%- else -%}
    {{ segmentation._text_to_read(entry, column) }} is not null and {{ column }} is null
    {%- endif -%}
{%- endmacro %}

{# The texts of a key as one text. A bar in a part of several is marked, so that different keys stay different. #}
{% macro _row_key(key) -%}
    {%- for column in key -%}
        {%- set text = "coalesce(text_of_" ~ column ~ ", '')" -%}
        {{ text if key | length == 1 else "replace(replace(" ~ text ~ ", '\\', '\\\\'), '|', '\\|')" }}
        {{- " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# A column of an input as text, however it is typed there. #}
{% macro _as_text(column, type) -%}
    {{ return(segmentation.as_json_text(column) if type == 'json' else 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}
{%- endmacro %}

{# The typed form of a text column; the types are those of input_contract(). `is_end`: it says when something ends. #}
{% macro _typed(expression, type, timezone, is_end=false) -%}
    {%- if type == 'text' -%}
        {{ expression }}
    {%- elif type == 'label' -%}
        lower({{ expression }})
    {%- elif type == 'country' -%}
        upper({{ expression }})
    {%- elif type == 'json' -%}
        {{ segmentation.to_json_object(expression) }}
    {%- elif type == 'boolean' -%}
        {{ segmentation.to_boolean(expression) }}
    {%- elif type == 'time' -%}
        {{ segmentation.to_utc(expression, timezone, is_end) }}
    {%- elif type == 'date' -%}
        cast({{ segmentation.to_utc(expression, 'UTC', is_end) }} as date)
    {%- else -%}
        {{ segmentation.to_number(expression, type) }}
    {%- endif -%}
{%- endmacro %}
