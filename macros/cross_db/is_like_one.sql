{#
    SQL: whether a value is one of some texts, whatever the case of its letters; `*` in a text stands for anything, also nothing. Never NULL.

    Arguments: expression (SQL, any type), texts (list of texts or numbers).
    Call:      {{ is_like_one('events.event_name', ['heartbeat', 'Daily Ad *']) }}
    Renders:   coalesce(lower(cast(… as text)) in ('heartbeat') or lower(…) like 'daily ad %' escape '!', false)
#}
{% macro is_like_one(expression, texts) -%}
    {{ return(adapter.dispatch('is_like_one', 'segmentation')(expression, texts)) }}
{%- endmacro %}

{% macro default__is_like_one(expression, texts) -%}
    {%- set value = 'lower(cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ '))' -%}
    {%- set whole, parts = [], [] -%}
    {%- for text in texts -%}
        {%- set text = text | string | trim | lower -%}
        {%- if '*' not in text -%}
            {%- do whole.append(text) -%}
        {%- else -%}
            {%- set pattern = text | replace('!', '!!') | replace('%', '!%') | replace('_', '!_') | replace('*', '%') -%}
            {%- do parts.append(value ~ ' like ' ~ segmentation.text_literal(pattern) ~ " escape '!'") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if whole -%}{%- do parts.append(value ~ ' in (' ~ segmentation.text_literals(whole) ~ ')') -%}{%- endif -%}
    {{ return('coalesce(' ~ parts | join(' or ') ~ ', false)') }}
{%- endmacro %}
