{#
    `vars: experiment_expected_shares`, checked: a list of {experiment, variant, share}.

    Call:   {% for entry in experiment_shares() %}
    Errors: shares that are not numbers above 0 and together 1 stop the parse.
#}
{% macro experiment_shares() -%}
    {%- set shares = var('experiment_expected_shares') or {} -%}
    {%- set problems = segmentation._experiment_shares_problems(shares) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set entries = [] -%}
    {%- for experiment, variants in shares.items() -%}
        {%- for variant, share in variants.items() -%}
            {%- do entries.append({'experiment': experiment, 'variant': variant, 'share': share}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}

{% macro _experiment_shares_problems(shares) -%}
    {%- set rule = 'vars: experiment_expected_shares' -%}
    {%- if shares is not mapping -%}
        {{ return([rule ~ ': must be a mapping of experiment to {variant: share}, got ' ~ tojson(shares) ~ '.']) }}
    {%- endif -%}
    {%- set problems = [] -%}
    {%- for experiment, variants in shares.items() -%}
        {%- set place = rule ~ ': `' ~ experiment ~ '`' -%}
        {%- set total = namespace(sum=0.0, is_readable=variants is mapping) -%}
        {%- for share in (variants.values() if variants is mapping else []) -%}
            {%- if share is boolean or share is not number or not share > 0 -%}
                {%- set total.is_readable = false -%}
            {%- else -%}
                {%- set total.sum = total.sum + share -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not total.is_readable -%}
            {%- do problems.append(place ~ ' must be a mapping of variant to a share above 0, got ' ~ tojson(variants) ~ '.') -%}
        {%- elif (total.sum - 1) | abs > 1e-6 -%}
            {%- do problems.append(place ~ ' has shares that add up to ' ~ total.sum ~ ' instead of 1.') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
