{#
    Whether no value of a column meets both conditions (see _conditions()).
    Example: mrr > 5, mrr <= 5 -> true;  mrr >= 5, mrr <= 5 -> false;  plan = 'pro', plan is null -> true;
             plan in ('pro', 'team'), plan = 'pro' -> false;  mrr > 5, plan = 'pro' -> false
#}
{% macro _exclude_each_other(one, other) %}
    {% if one.get('is_null') or other.get('is_null') %}
        {# What a column can hold says nothing of NULL. #}
        {{ return(one.criterion is not none and (one.get('is_null') or false) != (other.get('is_null') or false)) }}
    {% endif %}
    {% if one.labels is defined and other.labels is defined %}
        {{ return(one.labels | select('in', other.labels) | list | length == 0) }}
    {% endif %}
    {{ return(one.low is defined and other.low is defined and segmentation._is_empty_range(
        [one.low, other.low] | max, [one.high, other.high] | min,
        (one.above and one.low >= other.low) or (other.above and other.low >= one.low)
        or (one.below and one.high <= other.high) or (other.below and other.high <= one.high)
    )) }}
{% endmacro %}

{# Whether a range has no value. `excludes_a_bound`: one of the two bounds does not belong to it. #}
{% macro _is_empty_range(low, high, excludes_a_bound) %}
    {{ return(low > high or (low == high and excludes_a_bound)) }}
{% endmacro %}
