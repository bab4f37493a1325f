{#
    The health score, 0 to 100: `health_weights` × components between 0 and 1, see docs/features.md. Fixed weights, not a
    model: it can be explained to a customer, and its history does not move when other users do. A component that cannot be
    known, since an input is off, would be the same for everybody: its points go to the others, in their proportion.

    Reads active_days_28d, distinct_features_28d, usage_change_28d, nps_score and open_tickets from the relation in scope.
    Call:   {{ health_score() }} as health_score
#}
{% macro health_score() -%}
    {%- set weights = segmentation._known_health_weights(segmentation.setting('health_weights')) -%}
    {%- set targets = segmentation.setting('health_targets') -%}
    {{ weights.usage }}e0 * {{ segmentation.clamp('active_days_28d / ' ~ targets.active_days_28d ~ 'e0') }}
    + {{ weights.breadth }}e0 * {{ segmentation.clamp('distinct_features_28d / ' ~ targets.distinct_features_28d ~ 'e0') }}
    + {{ weights.trend }}e0 * coalesce({{ segmentation.clamp('(usage_change_28d + 1e0) / 2e0') }}, 5e-1)
    + {{ weights.sentiment }}e0 * coalesce(nps_score / 1e1, 5e-1)
    + {{ weights.support }}e0 * (1e0 - {{ segmentation.clamp('open_tickets / ' ~ targets.open_tickets ~ 'e0') }})
{%- endmacro %}

{# The weights of what can be known, which add up to what all of them do. #}
{% macro _known_health_weights(weights) %}
    {% set needs = {'breadth': ['feature_events'], 'sentiment': ['survey_responses'], 'support': ['support_tickets']} %}
    {% set known = {} %}
    {% for component, weight in weights.items() %}
        {% do known.update({component: weight if segmentation.is_known(needs.get(component, [])) else 0}) %}
    {% endfor %}
    {% set total, left = weights.values() | sum, known.values() | sum %}
    {% if left in [0, total] %}{{ return(weights) }}{% endif %}
    {% for component, weight in known.items() %}{% do known.update({component: weight * total / left}) %}{% endfor %}
    {{ return(known) }}
{% endmacro %}
