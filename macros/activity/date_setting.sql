{#
    A variable that is a day, in text form (YYYY-MM-DD); none if it is not set.

    Arguments: name (of the variable).
    Call:      {% if date_setting('as_of_date') %} cast('{{ date_setting('as_of_date') }}' as date)
    Errors:    anything but a day stops the parse.
#}
{% macro date_setting(name) -%}
    {%- set text = (segmentation.setting(name) or '') | string -%}
    {{ return(text or none) }}
{%- endmacro %}
