{#
    The SQL of a filter on event properties: a mapping property -> value, list of values, or {operator: value} with one of
    =, !=, >, >=, <, <=, contains. Numbers are compared as numbers, booleans as to_boolean() reads them, all else as text; by order
    only numbers: as texts, '9' would be more than '10'. A property that is missing, or cannot be read so, meets nothing.
#}
{% macro _properties_sql(where, relation='activity') %}
    {% set parts = [] %}
    {% for property, asked in where.items() %}
        {% set comparisons = asked if asked is mapping else {'in': [asked] if asked is string or asked is not sequence else asked} %}
        {% if 'contains' in comparisons %}
            {% set held = [] %}
            {% for item in ([comparisons.contains] if comparisons.contains is string or comparisons.contains is not sequence
                else comparisons.contains) %}
                {% do held.append(item | string | lower if item is boolean else item | string) %}
            {% endfor %}
            {% do parts.append('(' ~ segmentation.property_contains(property, held, relation) ~ ')') %}
        {% endif %}
        {% for operator, value in comparisons.items() if operator != 'contains' %}
            {% set values = value if operator == 'in' else [value] %}
            {% set numeric = values | reject('number') | list | length == 0 and values | select('boolean') | list | length == 0 %}
            {% set logical = values | reject('boolean') | list | length == 0 %}
            {% set column = segmentation.event_property(
                property, 'double' if numeric else ('boolean' if logical else 'text'), relation
            ) %}
            {% set literals = [] %}
            {% for item in values %}
                {% set text = item | string | lower if item is boolean else item %}
                {% do literals.append(
                    item ~ 'e0' if item is integer and numeric else (item if numeric
                    else (text if logical else segmentation.text_literal(text)))
                ) %}
            {% endfor %}
            {% do parts.append(column ~ ' ' ~ (
                'in (' ~ literals | join(', ') ~ ')' if operator == 'in' else operator ~ ' ' ~ literals[0]
            )) %}
        {% endfor %}
    {% endfor %}
    {{ return('coalesce(' ~ parts | join(' and ') ~ ', false)') }}
{% endmacro %}

{# What is wrong with a filter on properties, as a list of texts. #}
{% macro _properties_problems(macro, where) %}
    {% set problems = [] %}
    {% if where is not none %}
        {% if where is not mapping or not where %}
            {% do problems.append(
                macro ~ ': `where` must be a mapping of property to value, list or {operator: value}, got ' ~ tojson(where) ~ '.'
            ) %}
        {% else %}
            {% for property, asked in where.items() %}
                {% set values = [] %}
                {% for operator, value in (asked if asked is mapping else {'in': asked}).items() %}
                    {% set is_list = value is sequence and value is not string and value is not mapping %}
                    {% do values.extend(value if is_list and operator in ['in', 'contains'] else [value]) %}
                {% endfor %}
                {% if property is not string or not property or not values
                    or values | reject('string') | reject('number') | list %}
                    {% do problems.append(
                        macro ~ ': `where` must be a mapping of property to value, list or {operator: value}, got '
                        ~ tojson({property: asked}) ~ '.'
                    ) %}
                {% endif %}
            {% endfor %}
            {% for property, asked in where.items() if not problems %}
                {% set comparisons = asked if asked is mapping else {'=': asked} %}
                {% for operator, value in comparisons.items() %}
                    {% if operator not in ['=', '!=', '>', '>=', '<', '<=', 'contains'] %}
                        {% do problems.append(
                            macro ~ ": `where` accepts the operators =, !=, >, >=, <, <=, contains, got '" ~ operator ~ "' for " ~ property ~ '.'
                        ) %}
                    {% elif operator not in ['=', '!=', 'contains'] and not segmentation._is_finite(value) %}
                        {% do problems.append(
                            macro ~ ': `where` compares `' ~ property ~ '` by ' ~ operator ~ ' with a number, got ' ~ tojson(value) ~ '.'
                        ) %}
                    {% else %}
                        {% for item in ([value] if value is string or value is not sequence else value)
                            if item is number and item is not boolean and not segmentation._is_finite(item) %}
                            {% do problems.append(
                                macro ~ ': `where` must compare `' ~ property ~ '` with a finite number, got ' ~ tojson(item) ~ '.'
                            ) %}
                        {% endfor %}
                    {% endif %}
                {% endfor %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# A filter on properties in words. #}
{% macro _properties_text(where) %}
    {{ return(' where ' ~ tojson(where, sort_keys=true) if where else '') }}
{% endmacro %}
