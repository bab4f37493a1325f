{#
    How many bits are set in both of two BIGINTs, as a whole number.

    Arguments: left_bits, right_bits (SQL, bigint, not negative).
    Call:      {{ shared_bits('words.bits', 'others.bits') }}  ->  bit_count(words.bits & others.bits)
#}
{% macro shared_bits(left_bits, right_bits) -%}
    {{ return(adapter.dispatch('shared_bits', 'segmentation')(left_bits, right_bits)) }}
{%- endmacro %}

{% macro default__shared_bits(left_bits, right_bits) -%}{{ segmentation._not_written('shared_bits') }}{%- endmacro %}

{% macro duckdb__shared_bits(left_bits, right_bits) -%}
    bit_count({{ left_bits }} & {{ right_bits }})
{%- endmacro %}

{% macro spark__shared_bits(left_bits, right_bits) -%}
    bit_count({{ left_bits }} & {{ right_bits }})
{%- endmacro %}
