{#
    Stops the build if the relation behind an input lacks a column of the contract; names the nearest column found.

    A pre-hook of every stg_<input>__checked view. It runs in builds only, so parse and compile need no warehouse.

    Arguments: name (an input of input_contract()).
#}
{% macro check_input_columns(name) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set place = var('inputs').get(name) %}
    {% if not place %}{{ return('') }}{% endif %}
    {% set relation = ref(place) if place is string else source(place['source'], place['table']) %}
    {# By a query and not by the catalogue: a source may be a function call, such as read_csv(…). #}
    {% set found = get_columns_in_query('select * from ' ~ relation) | map('lower') | list %}
    {% set problems = segmentation._input_column_problems(name, found) %}
    {% if problems %}
        {{ exceptions.raise_compiler_error(
            "Input `" ~ name ~ "` (" ~ relation.render() ~ ") does not fit the contract:\n"
            ~ problems | join('\n') ~ "\n  Columns found: " ~ found | join(', ')
            ~ ".\n  A column that you do not have can be added as an empty one; docs/your-data.md lists them all."
        ) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}

{#
    One line for each column of the contract that is missing from `found` (a list of names in lower case).
#}
{% macro _input_column_problems(name, found) %}
    {% set problems = [] %}
    {% set entry = segmentation.input_contract(name) %}
    {% for column in entry.columns if column not in found and column not in entry.get('may_be_missing', []) %}
        {% set nearest = segmentation._nearest_name(column, found | reject('in', segmentation.input_contract(name).columns) | list) %}
        {% do problems.append(
            "  column `" ~ column ~ "` is missing" ~ ("; did you mean `" ~ nearest ~ "`?" if nearest else "")
        ) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{#
    The name that shares the largest part of its letter pairs with `name` (Dice coefficient), or none below 0.4.
#}
{% macro _nearest_name(name, candidates) %}
    {% set best = namespace(name=none, score=0.4) %}
    {% set pairs = segmentation._letter_pairs(name) %}
    {% for candidate in candidates %}
        {% set other = segmentation._letter_pairs(candidate) %}
        {% set shared = pairs | select('in', other) | list | length %}
        {% set score = 2 * shared / ([pairs | length + other | length, 1] | max) %}
        {% if score >= best.score %}
            {% set best.name = candidate %}
            {% set best.score = score %}
        {% endif %}
    {% endfor %}
    {{ return(best.name) }}
{% endmacro %}

{% macro _letter_pairs(name) %}
    {% set letters = name | lower | replace('_', '') | replace(' ', '') %}
    {% set pairs = [] %}
    {% for position in range(letters | length - 1) %}
        {% do pairs.append(letters[position:position + 2]) %}
    {% endfor %}
    {{ return(pairs) }}
{% endmacro %}
