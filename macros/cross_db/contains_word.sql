{#
    SQL: whether a text contains a word that no letter, digit or underscore touches. `word` is taken as it is, not as a pattern.

    Arguments: text (SQL), word (text).
    Call:      {{ contains_word('raw_row', 'u00012') }}
#}
{% macro contains_word(text, word) -%}
    {{ return(adapter.dispatch('contains_word', 'segmentation')(text, word)) }}
{%- endmacro %}

{% macro default__contains_word(text, word) -%}{{ segmentation._not_written('contains_word') }}{%- endmacro %}

{% macro duckdb__contains_word(text, word) -%}
    {%- set pattern = '(^|[^A-Za-z0-9_])' ~ modules.re.escape(word) ~ '($|[^A-Za-z0-9_])' -%}
    (
        contains({{ text }}, {{ segmentation.text_literal(word) }})
        and regexp_matches({{ text }}, {{ segmentation.text_literal(pattern) }})
    )
{%- endmacro %}

{% macro spark__contains_word(text, word) -%}
    {%- set pattern = '(^|[^A-Za-z0-9_])' ~ modules.re.escape(word) ~ '($|[^A-Za-z0-9_])' -%}
    (
        contains({{ text }}, {{ segmentation.text_literal(word) }})
        and {{ text }} rlike {{ segmentation.text_literal(pattern) }}
    )
{%- endmacro %}
