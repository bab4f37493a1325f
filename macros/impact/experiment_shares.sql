{#
    `vars: experiment_expected_shares` as a list of {experiment, variant, share}.

    Call:   {% for entry in experiment_shares() %}
#}
{% macro experiment_shares() -%}
    {%- set shares = segmentation.setting('experiment_expected_shares') or {} -%}
    {%- set entries = [] -%}
    {%- for experiment, variants in shares.items() -%}
        {%- for variant, share in variants.items() -%}
            {%- do entries.append({'experiment': experiment, 'variant': variant, 'share': share}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}

{#
    SQL for what was assigned in an experiment, account or user: what the variable `randomization_unit` says of all or of this one, else
    what the assignments look like.
    unit: value of the variable; alarm: p below which accounts that share a variant are no chance.
#}
{% macro _unit_of_experiment(unit, alarm) -%}
    {%- if unit is string -%}{{ return(segmentation.text_literal(unit)) }}{%- endif -%}
    {%- set given = [] -%}
    {%- for experiment, given_unit in unit.items() -%}
        {%- do given.append(
            'when all_variants.experiment = ' ~ segmentation.text_literal(experiment) ~ ' then ' ~ segmentation.text_literal(given_unit)
        ) -%}
    {%- endfor -%}
    {{ return(
        'case ' ~ given | join(' ') ~ ' when unit_evidence.undivided_p_value < ' ~ alarm ~ " then 'account' else 'user' end"
    ) }}
{%- endmacro %}
