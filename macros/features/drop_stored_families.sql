{#
    A pre-hook of user_features: drops the tables of the feature families that an earlier version of this project stored, with what
    they say about people, and of the hashes that stood for versions or for the CRM's rows. A family is ephemeral now: a part of the SQL of user_features.
#}
{% macro drop_stored_families() -%}
    {%- for family in segmentation.feature_families() %}
    drop table if exists {{ this.incorporate(path={'identifier': 'user_' ~ family ~ '_features'}) }};
    {%- endfor %}
    {%- for name in ['feature_date_hashes', 'user_input_hashes'] %}
    drop table if exists {{ this.incorporate(path={'identifier': name}) }};
    {%- endfor %}
{%- endmacro %}
