{#
    The CTEs `verdicts` and `checked`: one row per row of the input with its verdict, see checked_input().
#}
{% macro _checked_rows(entry, rules, defaults) -%}
{%- set is_conflict -%}
    content_hash != kept_content_hash and place_among_copies = 1
    {%- if entry.get('newest_by') %} and ({{ entry.newest_by }} is not distinct from newest){% endif %}
{%- endset -%}
verdicts as (
    select
        *,
        case
            when own_reason is not null then own_reason
            when {{ is_conflict }} then 'conflicting_duplicate'
        end as reject_reason,
        {{ segmentation._unreadable(entry, rules, 'columns') }} as unreadable_columns,
        {{ segmentation._unreadable(entry, rules, 'reasons') }} as unreadable_reasons
    from numbered
),

checked as (
    select
        {%- for column in entry.columns %}
        {% if column in defaults %}coalesce({{ column }}, {{ defaults[column] }}) as {{ column }}{% else %}{{ column }}{% endif %},
        {%- endfor %}
        {{ segmentation._row_key(entry.key) }} as row_key,
        reject_reason,
        unreadable_columns,
        unreadable_reasons,
        -- Of a row that is used as it is, all is in its columns.
        case
            when own_reason is not null or place > 1 or unreadable_columns is not null then {{ segmentation._raw_row(entry) }}
        end as raw_row,
        place > 1 and reject_reason is null as is_duplicate,
        {% for column in rules.times -%}
        {{ 'or ' if not loop.first }}(
            text_of_{{ column }} like '%:%' and not coalesce({{ segmentation.has_utc_offset('text_of_' ~ column) }}, false)
        )
        {%- else -%}
        false
        {%- endfor %} as is_local_time
    from verdicts
)
{%- endmacro %}

{#
    The values of a row that are of no use, as SQL: the names of their columns, or why, both in the same order and separated
    by commas; NULL if there are none. `says`: 'columns' or 'reasons'.
#}
{% macro _unreadable(entry, rules, says) -%}
{%- if not rules.listed -%}
cast(null as {{ dbt.type_string() }})
{%- else -%}
case
    when
        {%- for column in rules.listed %}
        {{ 'or ' if not loop.first }}({{ segmentation._is_unreadable(entry, column) }})
        {%- endfor %}
        then concat_ws(
            ', ',
            {%- for column in rules.listed %}
            case when {{ segmentation._is_unreadable(entry, column) }} then {% if says == 'columns' -%}
                '{{ column }}'
            {%- elif column in rules.ids -%}
                'placeholder_id'
            {%- elif column in entry.get('labels', {}) -%}
                'unknown_label'
            {%- elif column in entry.get('ranges', {}) -%}
                case when read_{{ column }} is null then 'unreadable' else 'out_of_range' end
            {%- else -%}
                'unreadable'
            {%- endif %} end{{ ',' if not loop.last }}
            {%- endfor %}
        )
end
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

{# The row as it came, as JSON: from the columns raw_<column>. #}
{% macro _raw_row(entry) -%}{{ return(segmentation.row_as_json(entry.columns.keys() | list, 'raw_')) }}{%- endmacro %}

{# The texts of a key as one text. A bar in a part of several is marked, so that different keys stay different. #}
{% macro _row_key(key) -%}
    {%- for column in key -%}
        {%- set text = "coalesce(text_of_" ~ column ~ ", '')" -%}
        {{ text if key | length == 1 else "replace(replace(" ~ text ~ ", " ~ segmentation.text_literal('\\') ~ ", " ~ segmentation.text_literal('\\\\') ~ "), '|', "
            ~ segmentation.text_literal('\\|') ~ ')' }}
        {{- " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
