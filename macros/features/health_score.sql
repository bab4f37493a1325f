{#
    The health score, 0 to 100: `health_weights` × components between 0 and 1, see docs/features.md. Fixed weights, not a
    model: it can be explained to a customer, and its history does not move when other users do.

    Reads active_days_28d, distinct_features_28d, usage_change_28d, nps_score and open_tickets from the relation in scope.
    Call:   {{ health_score() }} as health_score
    Errors: a weight or target that is missing or no number, a weight below 0, a target that is not above 0, and weights that
            do not add up to 100 stop the parse.
#}
{% macro health_score() -%}
    {%- set weights = var('health_weights') -%}
    {%- set targets = var('health_targets') -%}
    {%- set components = {'usage': 'number', 'breadth': 'number', 'trend': 'number', 'sentiment': 'number', 'support': 'number'} -%}
    {%- set measures = {'active_days_28d': 'number', 'distinct_features_28d': 'number', 'open_tickets': 'number'} -%}
    {%- set problems = segmentation._mapping_problems('health_weights', weights, components)
        + segmentation._mapping_problems('health_targets', targets, measures) -%}
    {%- if not problems -%}
        {%- for component, weight in weights.items() if weight < 0 -%}
            {%- do problems.append('vars: health_weights: `' ~ component ~ '` must be a number ≥ 0, got ' ~ weight ~ '.') -%}
        {%- endfor -%}
        {%- for measure, target in targets.items() if target <= 0 -%}
            {%- do problems.append('vars: health_targets: `' ~ measure ~ '` must be a number above 0, got ' ~ target ~ '.') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n    ')) }}{%- endif -%}
    {%- if (weights.values() | sum - 100) | abs > 1e-9 -%}
        {{ exceptions.raise_compiler_error(
            "vars: health_weights: must add up to 100, got " ~ weights.values() | sum ~ "."
        ) }}
    {%- endif -%}
    {{ weights.usage }}e0 * {{ segmentation.clamp('active_days_28d / ' ~ targets.active_days_28d ~ 'e0') }}
    + {{ weights.breadth }}e0 * {{ segmentation.clamp('distinct_features_28d / ' ~ targets.distinct_features_28d ~ 'e0') }}
    + {{ weights.trend }}e0 * coalesce({{ segmentation.clamp('(usage_change_28d + 1e0) / 2e0') }}, 5e-1)
    + {{ weights.sentiment }}e0 * coalesce(nps_score / 1e1, 5e-1)
    + {{ weights.support }}e0 * (1e0 - {{ segmentation.clamp('open_tickets / ' ~ targets.open_tickets ~ 'e0') }})
{%- endmacro %}
