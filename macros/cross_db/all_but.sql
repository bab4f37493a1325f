{#
    All columns of a SELECT but some, as an item of its list.

    Arguments: columns (list of names).
    Call:      select {{ all_but(['is_superseded']) }} from assignments
#}
{% macro all_but(columns) -%}
    {{ return(adapter.dispatch('all_but', 'segmentation')(columns)) }}
{%- endmacro %}

{% macro default__all_but(columns) -%}
    * except ({{ columns | join(', ') }})
{%- endmacro %}

{% macro duckdb__all_but(columns) -%}
    * exclude ({{ columns | join(', ') }})
{%- endmacro %}
