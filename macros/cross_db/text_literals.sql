{#
    A list of texts as SQL literals for `in (…)`; the empty text, which nothing is named, for an empty list.

    Arguments: texts (list).
    Call:      event_name in ({{ text_literals(setting('login_events')) }})
#}
{% macro text_literals(texts) -%}
    {%- set literals = [] -%}
    {%- for text in texts -%}
        {%- do literals.append(segmentation.text_literal(text)) -%}
    {%- endfor -%}
    {{ return(literals | join(', ') if literals else "''") }}
{%- endmacro %}
