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
    {%- set problem = 'vars: ' ~ name ~ ": must be a day (YYYY-MM-DD) or null, got '" ~ text ~ "'." -%}
    {%- if not text -%}
        {{ return([]) }}
    {%- elif not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
        {{ return([problem]) }}
    {%- endif -%}
    {%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
    {%- set is_leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
    {%- set days = [31, 29 if is_leap_year else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return([] if year >= 1 and 1 <= month and month <= 12 and 1 <= day and day <= days[month - 1] else [problem]) }}
{%- endmacro %}
