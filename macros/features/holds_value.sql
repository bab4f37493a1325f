{#
    SQL: whether a trait of several values, as list_text() writes it, holds one of them. NULL where the trait is not known.

    Arguments: column (SQL, text), value (text; upper and lower case are the same).
    Call:      {{ holds_value('interests', 'jazz') }}
#}
{% macro holds_value(column, value) -%}
    {{ return("position(" ~ segmentation.text_literal('; ' ~ value | trim | lower ~ '; ') ~ " in '; ' || " ~ column ~ " || '; ') > 0") }}
{%- endmacro %}
