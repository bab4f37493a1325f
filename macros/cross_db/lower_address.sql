{#
    An e-mail address in lower case, without becoming somebody else's. Two letters beyond ASCII have a lower case within it: the capital I with
    a dot (U+0130, Turkish) and the Kelvin sign (U+212A), so that lower() makes İda@example.com ida@example.com. A text with one of
    them keeps it, and is no address that is_email() knows.

    Arguments: expression (SQL, text).
    Call:      {{ lower_address('email') }}
#}
{% macro lower_address(expression) -%}
    {{ return(adapter.dispatch('lower_address', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__lower_address(expression) -%}{{ segmentation._not_written('lower_address') }}{%- endmacro %}

{% macro duckdb__lower_address(expression) -%}
    case
        when regexp_matches({{ expression }}, '[\x{0130}\x{212A}]')
            then translate({{ expression }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
        else lower({{ expression }})
    end
{%- endmacro %}

{% macro spark__lower_address(expression) -%}
    case
        when {{ expression }} rlike {{ segmentation.text_literal('[\\x{0130}\\x{212A}]') }}
            then translate({{ expression }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
        else lower({{ expression }})
    end
{%- endmacro %}
