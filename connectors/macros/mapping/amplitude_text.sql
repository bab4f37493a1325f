{#
    A text of Amplitude, which writes (none) where there is nothing.

    Arguments: column.
    Call:      {{ amplitude_text('country') }}
#}
{% macro amplitude_text(column) -%}
    nullif(nullif({{ column }}, '(none)'), 'null')
{%- endmacro %}
