{#
    `vars: funnels` with every property filled in: a list of {name, steps (event names in order), within_days}.

    Call:   {% for funnel in funnels() %}
    Errors: an entry without a name, a name given twice or not in lower snake case, fewer than two steps, a step that `vars:
            events` does not list, an unknown property, and a number of days that is no whole number ≥ 1 stop the parse.
#}
{% macro funnels() -%}
    {%- set entries = var('funnels') -%}
    {%- set problems = segmentation._funnel_problems(entries, var('funnel_days'), var('funnel_entry_days')) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set filled = [] -%}
    {%- for entry in entries -%}
        {%- do filled.append({
            'name': entry.name, 'steps': entry.steps, 'within_days': entry.get('within_days', var('funnel_days')),
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}

{# What is wrong with the variables of funnels, as a list of texts. #}
{% macro _funnel_problems(entries, funnel_days, funnel_entry_days) -%}
    {%- if entries is string or entries is mapping or entries is not sequence -%}
        {{ return(['vars: funnels: must be a list of {name, steps}, got ' ~ tojson(entries) ~ '.']) }}
    {%- endif -%}
    {%- set problems = segmentation._argument_problems('vars', [
        ['funnel_days', funnel_days, 'days'], ['funnel_entry_days', funnel_entry_days, 'days'],
    ]) -%}
    {%- set names = [] -%}
    {%- for entry in entries -%}
        {%- set label = 'vars: funnels: ' ~ (entry.get('name') if entry is mapping) -%}
        {%- if entry is not mapping or not entry.get('name') -%}
            {%- do problems.append('vars: funnels: every entry needs a `name`, got ' ~ tojson(entry) ~ '.') -%}
        {%- elif not modules.re.fullmatch('[a-z][a-z0-9_]*', entry.name | string) -%}
            {%- do problems.append(
                'vars: funnels: `name` must be in lower snake case, got ' ~ tojson(entry.name) ~ '.'
            ) -%}
        {%- elif entry.name in names -%}
            {%- do problems.append('vars: funnels: `' ~ entry.name ~ '` is listed twice.') -%}
        {%- else -%}
            {%- do names.append(entry.name) -%}
            {%- for property in entry if property not in ['name', 'steps', 'within_days'] -%}
                {%- do problems.append(
                    label ~ ' has an unknown property `' ~ property ~ '`; known: name, steps, within_days.'
                ) -%}
            {%- endfor -%}
            {%- set steps = entry.get('steps') -%}
            {%- if steps is string or steps is mapping or steps is not sequence or steps | length < 2 -%}
                {%- do problems.append(label ~ ': `steps` must be a list of at least two events, got ' ~ tojson(steps) ~ '.') -%}
            {%- else -%}
                {%- do problems.extend(segmentation._argument_problems(label, [['steps', steps, 'event']])) -%}
            {%- endif -%}
            {%- do problems.extend(
                segmentation._argument_problems(label, [['within_days', entry.get('within_days', funnel_days), 'days']])
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
