{# The hash over what a family reads on a date; the relations are named as in feature_rows(). #}
{% macro date_fingerprint(date_reads, upstream=[]) -%}
    {%- set hashes = [] -%}
    {%- for kind in date_reads -%}
        {%- do hashes.append('date_input_hashes.' ~ kind ~ '_hash') -%}
    {%- endfor -%}
    {%- for model in upstream -%}
        {%- do hashes.append(model ~ '_hashes.date_hash') -%}
    {%- endfor -%}
    {{ return(segmentation.fingerprint(hashes)) }}
{%- endmacro %}
