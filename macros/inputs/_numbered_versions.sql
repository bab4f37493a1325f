{#
    The CTEs that choose one of several rows with a key, the last of them `numbered`: `place` 1 is the row that is used,
    place_among_copies numbers the rows of one content, kept_content_hash is the content of the row that is used.
    `rules`: see _input_rules(); `defaults`: see checked_input().
#}
{% macro _numbered_versions(entry, rules, defaults) -%}
{%- set rank -%}
    {%- if entry.get('newest_by') -%}
    {{ entry.newest_by }} desc nulls last
    {%- else -%}
    coalesce({{ entry.first_by }}, {{ defaults.get(entry.first_by, 'null') }})
    {%- endif %}
{%- endset %}
{%- set key_hash = segmentation.fingerprint(entry.key) -%}
{#- The last word: rows of one content may still have been written in two ways. -#}
{%- set raw_hash = segmentation.fingerprint([segmentation._raw_row(entry)]) -%}
{%- set keys = 'partition by ' ~ entry.key | join(', ') ~ ', own_reason is null' -%}
-- Most keys have one row, which needs no comparison. Two keys with one hash are compared in vain, and no more.
suspects as (
    select {{ key_hash }} as key_hash
    from judged
    group by {{ key_hash }}
    having count(*) > 1
),

-- Copies that came later do not count: they must not change which content is used.
counted as (
    select
        *,
        count(*) over ({{ keys }}, content_hash order by {{ rank }}) as copies,
        row_number() over ({{ keys }}, content_hash order by {{ rank }}, {{ raw_hash }}) as place_among_copies
    from judged
    where {{ key_hash }} in (select key_hash from suspects)
),
{%- set versions %}{{ keys }}
            order by
                {{ rank }}, copies desc,
                {%- for column in rules.content if column not in entry.key %} {{ column }} nulls last,{% endfor %} place_among_copies
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
    union all
    select
        *,
        1 as copies,
        1 as place_among_copies,
        1 as place,
        {%- if entry.get('newest_by') %}
        {{ entry.newest_by }} as newest,
        {%- endif %}
        content_hash as kept_content_hash
    from judged
    where {{ key_hash }} not in (select key_hash from suspects)
)
{%- endmacro %}
