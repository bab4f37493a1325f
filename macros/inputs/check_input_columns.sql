{#
    Stops the build if the relation behind an input lacks a column of the contract, and names the nearest column found; or if a
    column of the contract is there twice, so that nobody knows which one is meant.

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
    {% set problems = segmentation._input_column_problems(name, found)
        + segmentation._double_column_problems(name, found, segmentation._header_of_input(place)) %}
    {% if problems %}
        {{ exceptions.raise_compiler_error(
            "Input `" ~ name ~ "` (" ~ relation.render() ~ ") does not fit the contract:\n"
            ~ problems | join('\n') ~ "\n  Columns found: " ~ found | join(', ')
            ~ (".\n  A column that you do not have can be added as an empty one; docs/your-data.md lists them all."
                if 'is missing' in problems | join else ".")
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
    One line for each column of the contract that is there twice. `header`: the first line of the file, if there is one; without it only
    the names tell that engines make of a second one: <column>_1, and those that differ in upper and lower case.
#}
{% macro _double_column_problems(name, found, header=none) %}
    {% set problems = [] %}
    {% set names = [] %}
    {% for column in header or found %}{% do names.append(column | string | trim | trim('\ufeff') | lower) %}{% endfor %}
    {% for column in segmentation.input_contract(name).columns %}
        {% if names.count(column) > 1 %}
            {% do problems.append("  column `" ~ column ~ "` is there " ~ names.count(column) ~ " times: remove or rename all but one") %}
        {% elif header is none and column in names %}
            {% for other in [column ~ '_1', column ~ ':1'] if other in names %}
                {% do problems.append(
                    "  columns `" ~ column ~ "` and `" ~ other ~ "`: a second column of the same name gets such a name. Remove or rename `"
                    ~ other ~ "`"
                ) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# The header of the file behind an input: a seed, or a source that is a CSV file. None for everything else. #}
{% macro _header_of_input(place) %}
    {% if place is string %}
        {% for node in graph.nodes.values() if node.resource_type == 'seed' and node.name == place %}
            {{ return(segmentation.csv_header(
                (node.root_path or '.') ~ '/' ~ node.original_file_path, (node.config or {}).get('delimiter') or ','
            )) }}
        {% endfor %}
    {% else %}
        {% for node in graph.sources.values() if node.source_name == place['source'] and node.name == place['table'] %}
            {% set file = ((node.meta or {}).get('external_location') or (node.config.meta or {}).get('external_location') or '') | string %}
            {% set suffix = modules.re.sub('[.]gz$', '', file.lower()) %}
            {% if suffix.endswith('.csv') or suffix.endswith('.tsv') or suffix.endswith('.txt') %}
                {{ return(segmentation.csv_header(file)) }}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(none) }}
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
