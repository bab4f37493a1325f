{#
    The variable average_traits, checked: the columns of user_features in which average_user_gap looks for the average.

    Call:   {% for trait in average_traits() %}
    An empty list means none of them: average_user_gap has no rows then.
    Errors: anything but a list of different column names, or an average_band that is not above 0, stops the parse.
#}
{% macro average_traits() %}
    {% if var('average_traits') == [] %}{{ return([]) }}{% endif %}
    {% set problems = segmentation._average_traits_problems(var('average_traits'), var('average_band')) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(var('average_traits')) }}
{% endmacro %}

{% macro _average_traits_problems(traits, band) %}
    {% set problems = [] %}
    {% if traits is string or traits is mapping or traits is not sequence or not traits %}
        {% do problems.append('average_traits: the variable must be a list of columns, got ' ~ tojson(traits) ~ '.') %}
    {% else %}
        {% for trait in traits if trait is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', trait) %}
            {% do problems.append('average_traits: the variable must name columns, got ' ~ tojson(trait) ~ '.') %}
        {% endfor %}
        {% if traits | unique | list | length != traits | length %}
            {% do problems.append('average_traits: the variable names a column twice.') %}
        {% endif %}
    {% endif %}
    {% if band is boolean or band is not number or band <= 0 %}
        {% do problems.append('average_band: the variable must be a number above 0, got ' ~ tojson(band) ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
