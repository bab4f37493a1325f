{#
    What segment_retention measures, as a list of {name, kind, period, first_day, last_day}; days are counted from the cohort's
    date, and last_day is none where there is no end.

    Of `vars: retention_periods` periods of 7 days, one cell classic (active in it) and one unbounded (active in it or later)
    each; then one cell bracket for each range of days in `vars: retention_brackets`.

    Call:   {% for cell in retention_cells() %}
    Errors: a number of periods that is no whole number from 1 to 104, and a bracket that is not two whole numbers
            1 <= first <= last, stop the parse.
#}
{% macro retention_cells() -%}
    {%- set periods = var('retention_periods') -%}
    {%- set brackets = var('retention_brackets') -%}
    {%- set problems = segmentation._retention_problems(periods, brackets) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set cells = [] -%}
    {%- for kind in ['classic', 'unbounded'] -%}
        {%- for period in range(1, periods + 1) -%}
            {%- do cells.append({
                'name': kind ~ '_' ~ period, 'kind': kind, 'period': period, 'first_day': 7 * period - 6,
                'last_day': 7 * period if kind == 'classic' else none, 'mature_after': 7 * period,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for first_day, last_day in brackets -%}
        {%- do cells.append({
            'name': 'bracket_' ~ loop.index, 'kind': 'bracket', 'period': loop.index, 'first_day': first_day,
            'last_day': last_day, 'mature_after': last_day,
        }) -%}
    {%- endfor -%}
    {{ return(cells) }}
{%- endmacro %}

{# What is wrong with the variables of retention, as a list of texts. #}
{% macro _retention_problems(periods, brackets) -%}
    {%- set problems = [] -%}
    {%- if periods is not integer or periods is boolean or periods < 1 or periods > 104 -%}
        {%- do problems.append(
            'vars: retention_periods: must be a whole number from 1 to 104, got ' ~ tojson(periods) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if brackets is string or brackets is mapping or brackets is not sequence -%}
        {%- do problems.append(
            'vars: retention_brackets: must be a list of [first_day, last_day], got ' ~ tojson(brackets) ~ '.'
        ) -%}
    {%- else -%}
        {%- for bracket in brackets -%}
            {%- set is_pair = bracket is sequence and bracket is not string and bracket is not mapping and bracket | length == 2 -%}
            {%- if not is_pair or bracket | select('boolean') | list or bracket | reject('integer') | list
                or bracket[0] < 1 or bracket[0] > bracket[1] -%}
                {%- do problems.append(
                    'vars: retention_brackets: each must be [first_day, last_day], two whole numbers 1 ≤ first_day ≤ last_day, got '
                    ~ tojson(bracket) ~ '.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
