{#
    A 63-bit hash of several values in one bigint, for finding changed rows. NULL and the empty text differ, and so do
    ('a', 'b') and ('ab', ''). It is compared only with hashes that the same engine made of the same types: a new engine
    version that hashes differently rebuilds once.

    Arguments: expressions (list of SQL), texts (list of SQL): those of them that are texts of people or programs. DuckDB hashes a
               text in blocks of 8 bytes and forgets the first of two changes at the ends of neighboring blocks, so
               'step 2 … 02' and 'step 3 … 09' may be one; a second look at it, one byte further on, tells them apart.
    Call:      {{ fingerprint(['user_id', 'event_date']) }}
#}
{% macro fingerprint(expressions, texts=[]) -%}
    {{ return(adapter.dispatch('fingerprint', 'segmentation')(expressions, texts)) }}
{%- endmacro %}

{% macro default__fingerprint(expressions, texts) -%}{{ segmentation._not_written('fingerprint') }}{%- endmacro %}

{% macro duckdb__fingerprint(expressions, texts) -%}
    cast(
        hash(
            {{ expressions | join(', ') }}
            {%- for text in texts %}, chr(1) || {{ text }}{% endfor %}
        ) >> 1 as bigint
    )
{%- endmacro %}

{# xxhash64() skips NULLs, so that (NULL, 'a') and ('a', NULL) would be one: whether a value is NULL is hashed too. #}
{% macro spark__fingerprint(expressions, texts) -%}
    shiftrightunsigned(
        xxhash64({{ expressions | join(', ') }}{% for expression in expressions %}, isnull({{ expression }}){% endfor %}), 1
    )
{%- endmacro %}
