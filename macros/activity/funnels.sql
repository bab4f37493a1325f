{#
    `vars: funnels` with every property filled in: a list of {name, steps (event names in order), within_days, decided_after_days}.

    A funnel without a limit is one of a hundred years. Its cohorts count once their entry days are over, with what has come so
    far: decided_after_days is how many days after the entry a cohort can be judged.

    Call:   {% for funnel in funnels() %}
#}
{% macro funnels() -%}
    {%- set entries = segmentation.setting('funnels') -%}
    {%- set filled = [] -%}
    {%- for entry in entries -%}
        {%- set days = entry.get('within_days', segmentation.setting('funnel_days')) -%}
        {%- do filled.append({
            'name': entry.name, 'steps': entry.steps, 'within_days': 36525 if days is none else days,
            'decided_after_days': 0 if days is none else days,
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}
