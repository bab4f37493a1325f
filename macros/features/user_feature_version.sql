{#
    The hash over all family rows behind a row of user_features: what it was built from and by which logic,
    the list of columns included.
#}
{% macro user_feature_version() -%}
    {%- set families = segmentation.feature_families() -%}
    {%- set hashes = ["'" ~ local_md5(tojson(families)) ~ "'"] -%}
    {%- for family in families -%}
        {%- do hashes.append(family ~ '.input_hash') -%}
        {%- do hashes.append(family ~ '.logic_hash') -%}
    {%- endfor -%}
    {{ return(segmentation.fingerprint(hashes)) }}
{%- endmacro %}
