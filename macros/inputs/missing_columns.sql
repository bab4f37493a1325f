{#
    The columns that the relation of an input may lack: those of the contract's `may_be_missing`, and with `changed_columns: null` all
    that are neither in the key nor required.

    Arguments: name (an input of input_contract()).
    Call:      {{ with_missing_columns(input('users'), missing_columns('users')) }}
#}
{% macro missing_columns(name) -%}
    {%- set entry = segmentation.input_contract(name) -%}
    {%- if segmentation.setting('changed_columns') != 'null' -%}{{ return(entry.get('may_be_missing', [])) }}{%- endif -%}
    {{ return(entry.columns | list | reject('in', entry.key + entry.get('required', [])) | list) }}
{%- endmacro %}
