{#
    The CTEs that read the text of source_rows as values, without the rows of persons who were forgotten. The last one is
    `legal`, or `typed` if no column has a range or labels. `rules`: see _input_rules().
#}
{% macro _typed_rows(entry, rules) -%}
texts as (
    select
        {%- for column in entry.columns %}
        {{ segmentation.trimmed_text(segmentation._as_text(column, entry.columns[column])) }} as text_of_{{ column }},
        -- As it came, for the few rows that are quoted.
        {{ column }} as raw_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from source_rows
),
{%- if rules.subject %}

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
                    then {{ segmentation.sha256_hex(rules.subject) }} not in (select subject_hash from forgotten_users)
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
        {%- set read = segmentation._typed(text, type, rules.timezone, column in entry.get('ends', [])) %}
        {{ segmentation.real_id(read) if column in rules.ids else read }} as {{ 'read_' if column in rules.ruled }}{{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ 'remembered' if rules.subject else 'texts' }}
)
{%- if rules.ruled %},

-- What was read but is no legal value is not used.
legal as (
    select
        *,
        {%- for column in rules.ruled %}
        {%- if column in entry.key %}
        read_{{ column }} as {{ column }}{{ ',' if not loop.last }}
        {%- else %}
        case when {{ segmentation._is_legal(entry, column, 'read_' ~ column) }} then read_{{ column }} end as {{ column }}
        {{- ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from typed
)
{%- endif %}
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
        {{ segmentation.to_utc(expression, timezone, is_end, segmentation.setting('reporting_timezone')) }}
    {%- elif type == 'date' -%}
        {{ segmentation.to_day(expression, is_end) }}
    {%- else -%}
        {{ segmentation.to_number(expression, type) }}
    {%- endif -%}
{%- endmacro %}
