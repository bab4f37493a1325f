{#
    A variable that is a day, in text form (YYYY-MM-DD); none if it is not set.

    Arguments: name (of the variable).
    Call:      {% if date_setting('as_of_date') %} cast('{{ date_setting('as_of_date') }}' as date)
    Errors:    anything but a day stops the parse.
#}
{% macro date_setting(name) -%}
    {%- set text = (var(name) or '') | string -%}
    {%- set problems = segmentation._date_setting_problems(name, text) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {{ return(text or none) }}
{%- endmacro %}

{# What is wrong with a day in text form, as a list of texts. #}
{% macro _date_setting_problems(name, text) -%}
    {%- if not text or segmentation._is_date(text) -%}{{ return([]) }}{%- endif -%}
    {{ return(['vars: ' ~ name ~ ": must be a day (YYYY-MM-DD) or null, got '" ~ text ~ "'."]) }}
{%- endmacro %}
