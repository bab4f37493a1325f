{#
    What segment_retention measures, as a list of {name, kind, period, first_day, last_day}; days are counted from the cohort's
    date, and last_day is none where there is no end.

    Of `vars: retention_periods` periods of `vars: retention_unit` (a day, 7 or 30 days), one cell classic (active in it) and one unbounded (active in it or later)
    each; then one cell bracket for each range of days in `vars: retention_brackets`.

    Call:   {% for cell in retention_cells() %}
#}
{% macro retention_cells() -%}
    {%- set periods = segmentation.setting('retention_periods') -%}
    {%- set length = {'day': 1, 'week': 7, 'month': 30}[segmentation.setting('retention_unit')] -%}
    {%- set brackets = segmentation.setting('retention_brackets') -%}
    {%- set cells = [] -%}
    {%- for kind in ['classic', 'unbounded'] -%}
        {%- for period in range(1, periods + 1) -%}
            {%- do cells.append({
                'name': kind ~ '_' ~ period, 'kind': kind, 'period': period, 'first_day': length * (period - 1) + 1,
                'last_day': length * period if kind == 'classic' else none, 'mature_after': length * period,
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
