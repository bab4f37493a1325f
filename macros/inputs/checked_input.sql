{#
    Every row of an input, typed, with the reason why it cannot be used (or NULL). Nothing is dropped here but the rows of
    persons who were forgotten (docs/privacy.md).

    Besides the contract's columns each row has
      row_key             the key in text form
      reject_reason       unreadable_time, missing_key, missing_value, unreadable_value, one of `reasons`,
                          conflicting_duplicate, or NULL: usable
      is_duplicate        a copy of a row that is used: same key, same content; not used, not rejected
      is_local_time       a time without an offset was read in the input's source time zone
      unreadable_columns  optional numbers, booleans and JSON that could not be read: the row is used, the value is NULL
      raw_row             the row as it came, as JSON

    Text is trimmed and empty text becomes NULL. Of several rows with one key one is used, the same one whatever the
    order of the file (see input_contract()).

    Arguments: name (an input of input_contract()); reasons (dict: reason -> SQL condition over the typed columns, which
    may compare with `text_of_<column>`, the untyped text); defaults (dict: column -> SQL for where it is empty).
    Call:      {{ checked_input('invoices', reasons={'unknown_currency': "currency not in ('USD')"}) }}
#}
{% macro checked_input(name, reasons={}, defaults={}) -%}
{%- set entry = segmentation.input_contract(name) -%}
{%- set timezone = var('source_timezones').get(name, 'UTC') -%}
{%- set required = entry.key + entry.get('required', []) -%}
{%- set times = [] -%}
{%- set values = [] -%}
{%- set content = [] -%}
{%- set subject = segmentation.input_subject(name) -%}
{%- for column, type in entry.columns.items() -%}
    {%- if type in ('time', 'date') -%}{%- do times.append(column) -%}{%- endif -%}
    {%- if type in ('integer', 'money', 'double', 'boolean', 'json') -%}{%- do values.append(column) -%}{%- endif -%}
    {%- if column not in entry.get('arrival', []) -%}{%- do content.append(column) -%}{%- endif -%}
{%- endfor -%}
with
source_rows as (
    {{ segmentation.with_missing_columns(segmentation.input(name), entry.get('may_be_missing', [])) }}
),

texts as (
    select
        {%- for column in entry.columns %}
        nullif(trim({{ segmentation._as_text(column, entry.columns[column]) }}), '') as text_of_{{ column }},
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
        {{ segmentation._typed('text_of_' ~ column, type, timezone, column in entry.get('ends', [])) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ 'remembered' if subject else 'texts' }}
),

judged as (
    select
        typed.*,
        case
            {%- if times %}
            when
                {%- for column in times %}
                {{ 'or ' if not loop.first }}(typed.text_of_{{ column }} is not null and typed.{{ column }} is null)
                {%- endfor %}
                then 'unreadable_time'
            {%- endif %}
            when
                {%- for column in entry.key %}
                {{ 'or ' if not loop.first }}typed.text_of_{{ column }} is null
                {%- endfor %}
                then 'missing_key'
            {%- for column in required %}
            when typed.text_of_{{ column }} is null then 'missing_value'
            when typed.{{ column }} is null then 'unreadable_value'
            {%- endfor %}
            {%- for reason, condition in reasons.items() %}
            when {{ condition }} then '{{ reason }}'
            {%- endfor %}
        end as own_reason,
        {{ segmentation.fingerprint(content, segmentation.text_columns(name) | select('in', content) | list) }} as content_hash
    from typed
),

numbered as (
    select
        *,
        {%- set order %}
            {%- if entry.get('newest_by') %}{{ entry.newest_by }} desc nulls last, {% endif %}
            {%- if entry.get('first_by') %}coalesce({{ entry.first_by }}, {{ defaults.get(entry.first_by, 'null') }}), {% endif %}
            {%- for column in content %}{{ column }} nulls last{{ ', ' if not loop.last }}{% endfor %}
        {%- endset %}
        row_number() over (
            partition by {{ entry.key | join(', ') }}, own_reason is null
            order by {{ order }}
        ) as place_among_copies,
        first_value(content_hash) over (
            partition by {{ entry.key | join(', ') }}, own_reason is null
            order by {{ order }}
        ) as kept_content_hash
    from judged
),

checked as (
    select
        {%- for column in entry.columns %}
        {% if column in defaults %}coalesce({{ column }}, {{ defaults[column] }}) as {{ column }}{% else %}{{ column }}{% endif %},
        {%- endfor %}
        {% for column in entry.key -%}
        coalesce(text_of_{{ column }}, ''){{ " || '|' || " if not loop.last }}
        {%- endfor %} as row_key,
        case
            when own_reason is not null then own_reason
            when place_among_copies > 1 and content_hash != kept_content_hash then 'conflicting_duplicate'
        end as reject_reason,
        {% if values -%}
        nullif(concat_ws(
            ', ',
            {%- for column in values %}
            case when text_of_{{ column }} is not null and {{ column }} is null then '{{ column }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ), '')
        {%- else -%}
        cast(null as {{ dbt.type_string() }})
        {%- endif %} as unreadable_columns,
        raw_row,
        own_reason is null and place_among_copies > 1 and content_hash = kept_content_hash as is_duplicate,
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
