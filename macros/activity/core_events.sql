{#
    The events that people come for, as a list of names: human ones of `vars: events` with `is_core: true`. The old form of
    `vars: north_star` names one itself, and then it is that one.

    Call:   event_name in ({{ text_literals(core_events()) }})
#}
{% macro core_events() -%}
    {%- set north_star = segmentation._unchecked_setting('north_star') -%}
    {%- if north_star is mapping and north_star.get('event') -%}{{ return([north_star.event]) }}{%- endif -%}
    {{ return(segmentation.listed_events() | selectattr('is_human') | selectattr('is_core') | map(attribute='name') | list) }}
{%- endmacro %}
