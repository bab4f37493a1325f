{# The contract columns of an input that hold texts. #}
{% macro text_columns(name) -%}
    {{ return(segmentation.input_contract(name).columns.items() | selectattr(1, 'in', ['text', 'label', 'json']) | map(attribute=0) | list) }}
{%- endmacro %}
