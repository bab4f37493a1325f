{#
    What of a funnel is counted, as a list of {from_step, step, is_compared}: of the users who came to from_step (0: all members of the
    cohort), those who came to step. Each step of all members, and each of those who took the one before. The first step, each step
    of the one before, and the whole way are what segments are compared by.

    Arguments: funnel (entry of funnels()).
    Call:      {% for conversion in funnel_conversions(funnel) %}
#}
{% macro funnel_conversions(funnel) -%}
    {%- set last = funnel.steps | length -%}
    {%- set found = [] -%}
    {%- for step in range(1, last + 1) -%}
        {%- do found.append({'from_step': 0, 'step': step, 'is_compared': step in (1, last)}) -%}
        {%- if step > 1 -%}
            {%- do found.append({'from_step': step - 1, 'step': step, 'is_compared': true}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# A SELECT of the conversions of all funnels: funnel, from_funnel ('' where members are counted from), from_step, step. #}
{% macro _conversion_rows() -%}
    {%- for funnel in segmentation.funnels() %}
    {%- for conversion in segmentation.funnel_conversions(funnel) %}
    select
        '{{ funnel.name }}' as funnel,
        '{{ funnel.name if conversion.from_step else '' }}' as from_funnel,
        {{ conversion.from_step }} as from_step,
        {{ conversion.step }} as step
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as funnel,
        cast(null as {{ dbt.type_string() }}) as from_funnel,
        0 as from_step,
        0 as step
    where false
{%- endmacro %}

{# The time of a funnel's step, by its number, out of columns step_1_at, step_2_at …; `step`: SQL of the number. #}
{% macro _step_time(step, funnel) -%}
    {%- set cases = [] -%}
    {%- for event in funnel.steps -%}{%- do cases.append('when ' ~ loop.index ~ ' then step_' ~ loop.index ~ '_at') -%}{%- endfor -%}
    {{ return('case ' ~ step ~ ' ' ~ cases | join(' ') ~ ' end') }}
{%- endmacro %}

{# The numbers of the steps of funnels as rows, so that what a funnel is read from is read once. #}
{% macro _step_numbers(funnels) -%}
    {%- set longest = [1] -%}
    {%- for funnel in funnels -%}{%- do longest.append(funnel.steps | length) -%}{%- endfor -%}
    {%- for step in range(1, longest | max + 1) -%}{{ ' union all ' if not loop.first }}select {{ step }} as step{%- endfor -%}
{%- endmacro %}
