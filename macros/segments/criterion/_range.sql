{#
    What is wrong with at_least, at_most and exactly together: at most one reading, not an empty range, and not one that
    holds everybody, as `at least 0 times` does.
#}
{% macro _range_problems(macro, at_least, at_most, exactly, rule='count', include_zero=true) %}
    {% set problems = segmentation._argument_problems(macro, [
        ['at_least', at_least, 'days' if rule == 'count' else rule], ['at_most', at_most, rule], ['exactly', exactly, rule],
    ]) %}
    {% if not problems %}
        {% if exactly is not none and (at_least is not none or at_most is not none) %}
            {% do problems.append(macro ~ ': `exactly` excludes `at_least` and `at_most`.') %}
        {% elif at_least is not none and at_most is not none and at_least > at_most %}
            {% do problems.append(
                macro ~ ': `at_least` must not be above `at_most`, got ' ~ at_least ~ ' and ' ~ at_most ~ '.'
            ) %}
        {% elif include_zero is false and (at_most == 0 or exactly == 0) %}
            {% do problems.append(
                macro ~ ': `include_zero=false` leaves nobody in ' ~ ('`at_most=0`' if exactly is none else '`exactly=0`') ~ '.'
            ) %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    The SQL of a range over a column: all the bounds that are given. `is_double`: for sums and averages of doubles, which reach
    a bound if they do but for rounding (1e-12 of it): 0.1 + 0.7 is a little less than 0.8.
#}
{% macro _range_sql(column, at_least, at_most, exactly, is_double=false) %}
    {% set parts = [] %}
    {% if is_double %}
        {% set low, high = at_least if exactly is none else exactly, at_most if exactly is none else exactly %}
        {% if low is not none %}{% do parts.append(column ~ ' >= ' ~ (low - 1e-12 * low | abs)) %}{% endif %}
        {% if high is not none %}{% do parts.append(column ~ ' <= ' ~ (high + 1e-12 * high | abs)) %}{% endif %}
        {{ return('(' ~ parts | join(' and ') ~ ')') }}
    {% endif %}
    {% if exactly is not none %}{% do parts.append(column ~ ' = ' ~ exactly) %}{% endif %}
    {% if at_least is not none %}{% do parts.append(column ~ ' >= ' ~ at_least) %}{% endif %}
    {% if at_most is not none %}{% do parts.append(column ~ ' <= ' ~ at_most) %}{% endif %}
    {{ return('(' ~ parts | join(' and ') ~ ')') }}
{% endmacro %}

{# The same in words: 'at least 3', 'between 3 and 5', 'exactly 0'. #}
{% macro _range_text(at_least, at_most, exactly) %}
    {% if exactly is not none %}{{ return('exactly ' ~ exactly) }}{% endif %}
    {% if at_least is not none and at_most is not none %}{{ return('between ' ~ at_least ~ ' and ' ~ at_most) }}{% endif %}
    {% if at_most is not none %}{{ return('at most ' ~ at_most) }}{% endif %}
    {{ return('at least ' ~ at_least) }}
{% endmacro %}
