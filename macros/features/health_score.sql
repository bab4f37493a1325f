{#
    The health score, 0 to 100: `health_weights` × components between 0 and 1, see docs/features.md. Fixed weights, not a
    model: it can be explained to a customer, and its history does not move when other users do.

    Reads active_days_28d, distinct_features_28d, usage_change_28d, nps_score and open_tickets from the relation in scope.
    Call:   {{ health_score() }} as health_score
#}
{% macro health_score() -%}
    {%- set weights = segmentation.setting('health_weights') -%}
    {%- set targets = segmentation.setting('health_targets') -%}
    {{ weights.usage }}e0 * {{ segmentation.clamp('active_days_28d / ' ~ targets.active_days_28d ~ 'e0') }}
    + {{ weights.breadth }}e0 * {{ segmentation.clamp('distinct_features_28d / ' ~ targets.distinct_features_28d ~ 'e0') }}
    + {{ weights.trend }}e0 * coalesce({{ segmentation.clamp('(usage_change_28d + 1e0) / 2e0') }}, 5e-1)
    + {{ weights.sentiment }}e0 * coalesce(nps_score / 1e1, 5e-1)
    + {{ weights.support }}e0 * (1e0 - {{ segmentation.clamp('open_tickets / ' ~ targets.open_tickets ~ 'e0') }})
{%- endmacro %}
