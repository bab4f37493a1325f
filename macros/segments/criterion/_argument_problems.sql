{#
    Stops the parse with all problems of a criterion's arguments; names the model. Not for a model that is switched off: dbt
    renders it all the same, and its events need not be those of the project that switched it off.
#}
{% macro _raise_problems(problems) %}
    {% if problems and not (model is defined and model and segmentation._is_off(model)) %}
        {{ exceptions.raise_compiler_error(
            (model.name ~ ': ' if model is defined and model else '') ~ problems | join('\n    ')
        ) }}
    {% endif %}
{% endmacro %}

{#
    Checks of arguments, as a list of texts. `rules` is a list of [argument, value, rule]; a value of none passes all but
    'event', 'text' and 'required'. Rules: days (whole number ≥ 1), count (whole number ≥ 0), number (finite), share (> 0 and
    ≤ 1), event (a listed name or a list of them), text, date (YYYY-MM-DD), boolean.
#}
{% macro _argument_problems(macro, rules) %}
    {% set problems = [] %}
    {% for argument, given_value, rule in rules %}
        {% set requirement = none %}
        {% set value = none if given_value is undefined else given_value %}
        {% if rule == 'event' %}
            {% set names = segmentation.listed_events() | map(attribute='name') | list %}
            {% set given = [value] if value is string else (value if value is sequence and value is not mapping else []) %}
            {% if given_value is undefined %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` is required.') %}
            {% elif not given %}
                {% set requirement = 'must be the name of an event or a list of names' %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` ' ~ requirement ~ ', got ' ~ tojson(value) ~ '.') %}
            {% endif %}
            {#- A project that lists no events may name any: segment_scorecard says which of them the data lack. -#}
            {% for name in given if names and name not in names or name is not string or not name.strip() %}
                {% set nearest = segmentation._nearest_name(name | string, names) %}
                {% do problems.append(
                    macro ~ ": `" ~ argument ~ "` must be an event of `vars: events`, got '" ~ name ~ "'"
                    ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
                ) %}
            {% endfor %}
        {% elif value is none %}
            {% if rule in ('text', 'required') %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` is required.') %}
            {% endif %}
        {% else %}
            {% set is_number = value is number and value is not boolean %}
            {% set is_whole = value is integer and value is not boolean %}
            {% if rule == 'days' and not (is_whole and value >= 1) %}
                {% set requirement = 'must be a whole number ≥ 1' %}
            {% elif rule == 'count' and not (is_whole and value >= 0) %}
                {% set requirement = 'must be a whole number ≥ 0' %}
            {% elif rule == 'number' and not segmentation._is_finite(value) %}
                {% set requirement = 'must be a number' %}
            {% elif rule == 'share' and not (is_number and value > 0 and value <= 1) %}
                {% set requirement = 'must be a number above 0 and at most 1' %}
            {% elif rule == 'text' and not (value is string and value.strip()) %}
                {% set requirement = 'must be a text' %}
            {% elif rule == 'date' and not segmentation._is_date(value) %}
                {% set requirement = 'must be a date in the form YYYY-MM-DD' %}
            {% elif rule == 'boolean' and value is not boolean %}
                {% set requirement = 'must be true or false' %}
            {% endif %}
            {% if requirement %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` ' ~ requirement ~ ', got ' ~ tojson(value) ~ '.') %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# Whether a value is a number that SQL can write: true and false are none, nor are NaN and infinity. #}
{% macro _is_finite(value) %}
    {{ return(value is number and value is not boolean and value == value and -1e308 <= value <= 1e308) }}
{% endmacro %}

{#
    What was given beyond the arguments of a criterion, as a list of texts: Jinja alone says of a misspelled argument neither
    which ones there are nor whose it is. `arguments`: their names, in order; none if all that is given goes by position.
#}
{% macro _unknown_arguments(macro, named, positional, arguments) %}
    {% set problems = [] %}
    {% for name in named %}
        {% set nearest = segmentation._nearest_name(name, arguments) %}
        {% do problems.append(
            macro ~ ': unknown argument `' ~ name ~ '`' ~ ('; did you mean `' ~ nearest ~ '`? ' if nearest else '. ' if arguments else '; ')
            ~ ('Arguments: ' ~ arguments | join(', ') ~ '.' if arguments else 'it takes criteria one after the other, without names.')
        ) %}
    {% endfor %}
    {% if positional %}
        {% do problems.append(
            macro ~ ': at most ' ~ arguments | length ~ ' arguments (' ~ arguments | join(', ') ~ '), got '
            ~ (arguments | length + positional | length) ~ '.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
