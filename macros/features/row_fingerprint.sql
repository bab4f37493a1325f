{#
    The fingerprint of all contract columns of an input's staged row.

    Arguments: name (an input of input_contract()).
    Call:      {{ row_fingerprint('users') }}
#}
{% macro row_fingerprint(name) -%}
    {{ return(segmentation.fingerprint(segmentation.input_contract(name).columns.keys() | list, segmentation.text_columns(name))) }}
{%- endmacro %}
