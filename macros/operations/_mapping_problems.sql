{#
    What is wrong with a variable that is a mapping of settings, as a list of texts: every key must be there, and no other.

    Arguments: name (of the variable), value, rules (key -> a rule of _argument_problems(), with `?` behind it for a key that may be
               missing or null, or a list of values of which one holds).
#}
{% macro _mapping_problems(name, value, rules) %}
    {% set place = 'vars: ' ~ name %}
    {% if value is not mapping %}
        {{ return([place ~ ': must be a mapping with ' ~ rules.keys() | join(', ') ~ ', got ' ~ tojson(value) ~ '.']) }}
    {% endif %}
    {% set problems = [] %}
    {% for key, rule in rules.items() %}
        {#- YAML makes a day out of 2026-01-13 where nobody put it in quotes. -#}
        {% set given = value.get(key) %}
        {% if given is not none and rule == 'date?' %}{% set given = given | string %}{% endif %}
        {% if rule is string and rule.endswith('?') %}
            {% do problems.extend(segmentation._argument_problems(place, [[key, given, rule[:-1]]]) if given is not none else []) %}
        {% elif rule is string %}
            {% do problems.extend(segmentation._argument_problems(place, [[key, given, 'required'], [key, given, rule]])) %}
        {% elif given not in rule or given is boolean %}
            {% do problems.append(
                place ~ ': `' ~ key ~ '` must be one of ' ~ rule | join(', ') ~ ', got ' ~ tojson(given) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% for key in value if key not in rules %}
        {% do problems.append(place ~ ': unknown key `' ~ key ~ '`; known: ' ~ rules.keys() | join(', ') ~ '.') %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
