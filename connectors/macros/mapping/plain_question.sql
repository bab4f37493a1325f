{#
    The text of a question without markup and line breaks; NULL if nothing is left.

    Arguments: text (SQL).
    Call:      {{ plain_question('question_text') }}
#}
{% macro plain_question(text) -%}
    nullif(trim(regexp_replace(replace(regexp_replace({{ text }}, '<[^>]*>', ' ', 'g'), '&nbsp;', ' '), '\s+', ' ', 'g')), '')
{%- endmacro %}
