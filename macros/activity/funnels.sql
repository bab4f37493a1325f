{#
    `vars: funnels` with every property filled in: a list of {name, steps (event names in order), within_days}.

    Call:   {% for funnel in funnels() %}
#}
{% macro funnels() -%}
    {%- set entries = segmentation.setting('funnels') -%}
    {%- set filled = [] -%}
    {%- for entry in entries -%}
        {%- do filled.append({
            'name': entry.name, 'steps': entry.steps, 'within_days': entry.get('within_days', segmentation.setting('funnel_days')),
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}
