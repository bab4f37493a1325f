{#
    A text without white space, control and format characters at its ends (Unicode Z, Cc and Cf: tab, line ends, no-break and
    zero width spaces, byte order mark, soft hyphen, marks of direction, NUL); NULL where nothing is left. What stands
    inside is kept, and so are forms that only look alike: nothing is normalized.

    Ids are compared and hashed in this form everywhere, so that what is forgotten as `u1` covers `u1<tab>`.

    Arguments: expression (SQL, any type that casts to text).
    Call:      {{ trimmed_text('user_id') }}
#}
{% macro trimmed_text(expression) -%}
    {{ return(adapter.dispatch('trimmed_text', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__trimmed_text(expression) -%}{{ segmentation._not_written('trimmed_text') }}{%- endmacro %}

{% macro duckdb__trimmed_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as ' ~ dbt.type_string() ~ ')' -%}
    {%- set cut = '[\\pZ\\p{Cc}\\p{Cf}]' -%}
    {#- Nearly every text begins and ends with a visible character of ASCII: those are not searched. -#}
    nullif(case
        when left({{ text }}, 1) between '!' and '~' and right({{ text }}, 1) between '!' and '~' then {{ text }}
        else regexp_replace({{ text }}, '^{{ cut }}+|{{ cut }}+$', '', 'g')
    end, '')
{%- endmacro %}

{% macro spark__trimmed_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    {%- set cut = '[\\p{Z}\\p{Cc}\\p{Cf}]' -%}
    nullif(case
        when left({{ text }}, 1) between '!' and '~' and right({{ text }}, 1) between '!' and '~' then {{ text }}
        else regexp_replace({{ text }}, {{ segmentation.text_literal('^' ~ cut ~ '+|' ~ cut ~ '+\\z') }}, '')
    end, '')
{%- endmacro %}
