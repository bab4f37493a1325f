{#
    A pre-hook of user_features: drops the tables of the feature families that an earlier version of this project stored, with what
    they say about people, and of the hashes that stood for versions or for the CRM's rows. A family is ephemeral now: a part of the SQL of user_features.
#}
{% macro drop_stored_families() -%}
    {%- set names = ['feature_date_hashes', 'user_input_hashes'] -%}
    {%- for family in segmentation.feature_families() -%}{%- do names.append('user_' ~ family ~ '_features') -%}{%- endfor -%}
    {%- set statements = [] -%}
    {%- for name in names -%}
        {%- do statements.append('drop table if exists ' ~ this.incorporate(path={'identifier': name})) -%}
    {%- endfor -%}
    {{ segmentation.run_statements(statements) }}
{%- endmacro %}
