{#
    Users for whom a trait of several values (type `list` in the variable `traits`) holds a value, or one of several. Upper and lower
    case are the same. Users of whom the trait is not known are not in it.

    Arguments: trait (its name), value (a text, or a list of texts: any of them counts).
    Call:      contains('interests', 'jazz')
    Errors:    a trait that is not a list, and a value that is not a text, stop the parse.
#}
{% macro contains(trait, value) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('contains', kwargs, varargs, ['trait', 'value'])) %}
    {% do segmentation._raise_problems(segmentation._contains_problems(trait, value)) %}
    {% set values = [value] if value is string else value %}
    {% set parts = [] %}
    {% for one in values %}{% do parts.append(segmentation.holds_value(trait, one)) %}{% endfor %}
    {{ return(segmentation._criterion(
        '(' ~ parts | join(' or ') ~ ')', trait ~ ' contains ' ~ values | join(' or '),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of contains(), as a list of texts. #}
{% macro _contains_problems(trait, value) %}
    {% set problems = segmentation._argument_problems('contains', [['trait', trait, 'text']]) %}
    {% set lists = segmentation.traits() | selectattr('type', 'equalto', 'list') | map(attribute='name') | list %}
    {% if not problems and trait not in lists %}
        {% set nearest = segmentation._nearest_name(trait, lists) %}
        {% do problems.append(
            'contains: `trait` must be a trait of type list (variable `traits`), got ' ~ tojson(trait)
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ('; there is ' ~ lists | join(', ') if lists else '; there are none yet') ~ '.')
        ) %}
    {% endif %}
    {% set values = [value] if value is string or value is not sequence or value is mapping else value %}
    {% if not values or values | reject('string') | list or values | select('string') | map('trim') | select('equalto', '') | list %}
        {% do problems.append('contains: `value` must be a text or a list of texts, got ' ~ tojson(none if value is undefined else value) ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
