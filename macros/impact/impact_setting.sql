{#
    A variable of the section "Experiments and campaigns" in dbt_project.yml, checked.

    Arguments: name (of the variable).
    Call:      {{ impact_setting('experiment_window_days') }}
    Errors:    a value that breaks the variable's rule stops the parse.
#}
{% macro impact_setting(name) -%}
    {%- set problems = segmentation._impact_setting_problems(name, var(name)) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {{ return(var(name)) }}
{%- endmacro %}

{% macro _impact_setting_problems(name, value) -%}
    {%- set texts = value if value is sequence and value is not string and value is not mapping else none -%}
    {%- set is_number = value is number and value is not boolean -%}
    {%- set is_whole = value is integer and value is not boolean -%}
    {%- set rule = namespace(text='', holds=true) -%}
    {%- if name in ('experiment_window_days', 'campaign_window_days') -%}
        {%- set rule.text = 'a whole number ≥ 1' -%}
        {%- set rule.holds = is_whole and value >= 1 -%}
    {%- elif name == 'experiment_min_users' -%}
        {%- set rule.text = 'a whole number ≥ 2' -%}
        {%- set rule.holds = is_whole and value >= 2 -%}
    {%- elif name == 'experiment_planned_users' -%}
        {%- set rule.text = 'a number above 0' -%}
        {%- set rule.holds = is_number and value > 0 -%}
    {%- elif name == 'sample_ratio_alarm' -%}
        {%- set rule.text = 'a number between 0 and 1' -%}
        {%- set rule.holds = is_number and 0 < value < 1 -%}
    {%- elif name in ('control_variants', 'experiment_conversion_events', 'campaign_conversion_events') -%}
        {%- set rule.text = 'a list of names' -%}
        {%- set rule.holds = texts is not none and texts | reject('string') | list | length == 0 -%}
    {%- else -%}
        {{ return(["impact_setting: unknown variable '" ~ name ~ "'; expected one from the section Experiments and campaigns of dbt_project.yml."]) }}
    {%- endif -%}
    {{ return([] if rule.holds else ['vars: `' ~ name ~ '` must be ' ~ rule.text ~ ', got ' ~ tojson(value) ~ '.']) }}
{%- endmacro %}
