{#
    The fingerprint of all contract columns of an input's staged row.

    Arguments: name (an input of input_contract()).
    Call:      {{ row_fingerprint('users') }}
#}
{% macro row_fingerprint(name) -%}
    {{ return(segmentation.fingerprint(segmentation.input_contract(name).columns.keys() | list, segmentation.text_columns(name))) }}
{%- endmacro %}

{# The contract columns of an input that hold texts. #}
{% macro text_columns(name) -%}
    {{ return(segmentation.input_contract(name).columns.items() | selectattr(1, 'in', ['text', 'label', 'json']) | map(attribute=0) | list) }}
{%- endmacro %}
