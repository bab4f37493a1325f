{#
    A number as the label of its band: under_1, 1_to_under_4, 4_to_under_12, 12_plus. NULL stays NULL.

    Arguments: expression (SQL of a number), bounds (list of whole numbers, ascending: where a band ends and the next begins).
    Call:      {{ value_bands('active_days_28d', [1, 4, 12]) }}
    Errors:    no bounds, a bound that is no whole number, or bounds that do not ascend stop the parse.
#}
{% macro value_bands(expression, bounds) %}
    {% set problems = segmentation._value_bands_problems(bounds) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% set parts = ['case when ' ~ expression ~ ' < ' ~ bounds[0] ~ " then 'under_" ~ bounds[0] ~ "'"] %}
    {% for bound in bounds[1:] %}
        {% do parts.append(
            'when ' ~ expression ~ ' < ' ~ bound ~ " then '" ~ bounds[loop.index0] ~ '_to_under_' ~ bound ~ "'"
        ) %}
    {% endfor %}
    {% do parts.append('when ' ~ expression ~ ' >= ' ~ bounds[-1] ~ " then '" ~ bounds[-1] ~ "_plus' end") %}
    {{ return(parts | join(' ')) }}
{% endmacro %}

{% macro _value_bands_problems(bounds) %}
    {% set problems = [] %}
    {% if bounds is string or bounds is not sequence or not bounds %}
        {% do problems.append('value_bands: `bounds` must be a list of whole numbers, got ' ~ tojson(bounds) ~ '.') %}
    {% elif bounds | reject('integer') | list or bounds | select('boolean') | list or bounds | unique | sort | list != bounds | list %}
        {% do problems.append('value_bands: `bounds` must be whole numbers in ascending order, got ' ~ tojson(bounds) ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
