{#
    Stops the build if the relation behind an input lacks a column of the contract, and names the nearest column found; or if a
    column of the contract is there twice, so that nobody knows which one is meant. Warns of columns whose type has lost what
    the text said (times without a zone, ids that became fractions), and of columns that are not those of the last build.

    A pre-hook of every stg_<input>__checked view. It runs in builds only, so parse and compile need no warehouse.

    Arguments: name (an input of input_contract()).
#}
{% macro check_input_columns(name) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set place = segmentation.setting('inputs').get(name) %}
    {% if not place %}{{ return('') }}{% endif %}
    {% set relation = ref(place) if place is string else source(place['source'], place['table']) %}
    {% set types = segmentation.column_types(relation) %}
    {% set found = types.keys() | list %}
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
    {% for warning in segmentation._input_type_warnings(name, relation.render(), types)
        + segmentation.columns_changed(name, types, relation.render()) %}
        {% do exceptions.warn(warning) %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}

{#
    One sentence for each column of the contract that reaches us in a type in which something may be lost; `types`: see
    column_types(). A time zone that a text had cannot be told from one that it did not have.
#}
{% macro _input_type_warnings(name, relation, types) %}
    {% set warnings = [] %}
    {% for column, type in segmentation.input_contract(name).columns.items() %}
        {% set found = types.get(column, '') %}
        {% set place = 'Input `' ~ name ~ '` (' ~ relation ~ '): column `' ~ column ~ '` is of type ' ~ found %}
        {% if type in ['time', 'date'] and found.startswith('TIMESTAMP') and 'ZONE' not in found and found != 'TIMESTAMPTZ' %}
            {% do warnings.append(
                place ~ ', a time without a zone. Any offsets in its source are lost, and hours and days may be wrong: read the'
                ~ ' column as text (for a seed: column_types, docs/your-data.md). If it never had any, cast it to text to confirm that;'
                ~ ' it is then read in the zone from `source_timezones`, or else as UTC.'
            ) %}
        {% elif type == 'text' and (found in ['FLOAT', 'DOUBLE', 'REAL'] or found.startswith('DECIMAL')) %}
            {% do warnings.append(
                place ~ ', so 17 becomes the different text 17.0, and large numbers lose digits: read the column as'
                ~ ' text (for a seed: column_types, docs/your-data.md).'
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(warnings) }}
{% endmacro %}

{#
    One line for each column of the contract that is missing from `found` (a list of names in lower case).
#}
{% macro _input_column_problems(name, found) %}
    {% set problems = [] %}
    {% set entry = segmentation.input_contract(name) %}
    {% for column in entry.columns if column not in found and column not in segmentation.missing_columns(name) %}
        {% set nearest = segmentation._nearest_name(column, found | reject('in', segmentation.input_contract(name).columns) | list) %}
        {% do problems.append(
            "  column `" ~ column ~ "` is missing" ~ ("; did you mean `" ~ nearest ~ "`?" if nearest else "")
        ) %}
    {% endfor %}
    {#- A misspelled one would otherwise pass for one that is not there. -#}
    {% set one_of = entry.get('one_of', []) %}
    {% if one_of and not one_of | select('in', found) | list and one_of | select('in', segmentation.missing_columns(name)) | list %}
        {% set nearest = segmentation._nearest_name(one_of[0], found | reject('in', entry.columns) | list) %}
        {% do problems.append(
            '  one of the columns `' ~ one_of | join('` and `') ~ '` must be there; both are missing'
            ~ ("; did you mean `" ~ nearest ~ "`?" if nearest else "")
        ) %}
    {% endif %}
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
            {% do problems.append("  column `" ~ column ~ "` occurs " ~ names.count(column) ~ " times: remove or rename all but one") %}
        {% elif header is none and column in names %}
            {% for other in [column ~ '_1', column ~ ':1'] if other in names %}
                {% do problems.append(
                    "  columns `" ~ column ~ "` and `" ~ other ~ "`: a duplicate column gets such a name. Remove or rename `"
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
    The name that shares the largest part of its letter pairs with `name` (Dice coefficient), or none below 0.4 or `least`.
#}
{% macro _nearest_name(name, candidates, least=0) %}
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
    {{ return(best.name if best.score >= least else none) }}
{% endmacro %}

{% macro _letter_pairs(name) %}
    {% set letters = name | lower | replace('_', '') | replace(' ', '') %}
    {% set pairs = [] %}
    {% for position in range(letters | length - 1) %}
        {% do pairs.append(letters[position:position + 2]) %}
    {% endfor %}
    {{ return(pairs) }}
{% endmacro %}
