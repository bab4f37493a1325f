{#
    What is known of a tool's table at run time: where it is, its columns, and which loader brought it.

    Arguments: tool, table, relation (table_place() of it, for who has it already).
    Returns:   dict: relation (SQL), columns (name without marks -> list of [name, type]), loader; or none without the table.
    Errors:    columns of two loaders in one table, of none that is known, or without one that is needed, stop the build. The sentence
               names the columns that decide.
#}
{% macro found_table(tool, table, relation=none) %}
    {% set relation = relation or segmentation_connectors.table_place(tool, table) %}
    {% if relation is none or not execute %}{{ return(none) }}{% endif %}
    {% set about = segmentation_connectors.connector_tools()[tool].tables[table] %}
    {% set columns = segmentation_connectors._columns_of(relation) %}
    {#- What DuckDB makes of a file of JSON lines without a line. -#}
    {% if columns | map(attribute=0) | list == ['json'] %}{{ return(none) }}{% endif %}
    {% set said = segmentation_connectors._said_loader(tool, table) %}
    {% if columns | map(attribute=0) | map('lower') | select('equalto', '_airbyte_data') | list %}
        {% set unpacked = segmentation_connectors._unpacked(relation, columns) %}
        {% set relation, columns = unpacked.relation, unpacked.columns %}
        {% if not columns %}{{ return(none) }}{% endif %}
    {% endif %}
    {% set place = 'connectors: ' ~ tool ~ ': ' ~ table ~ ' (' ~ relation ~ ')' %}
    {% set verdict = segmentation_connectors._loader_of(about, columns | map(attribute=0) | list, said) %}
    {% if verdict.problem %}{{ exceptions.raise_compiler_error(place ~ ' ' ~ verdict.problem) }}{% endif %}
    {% set by_name = {} %}
    {% for column in columns if segmentation_connectors._plain(column[0]) not in verdict.ignored %}
        {% do by_name.setdefault(segmentation_connectors._plain(column[0]), []).append(column) %}
    {% endfor %}
    {{ return({'relation': relation, 'columns': by_name, 'loader': verdict.loader, 'place': place}) }}
{% endmacro %}

{# The columns of a relation, each as [name, type]. #}
{% macro _columns_of(relation) %}
    {% set columns = [] %}
    {% for row in run_query('describe select * from ' ~ relation).rows %}{% do columns.append([row[0] | string, row[1] | string]) %}{% endfor %}
    {{ return(columns) }}
{% endmacro %}

{# The loader that the variable names for a table, or for the whole tool. #}
{% macro _said_loader(tool, table) %}
    {% set setting = segmentation_connectors.connector_setting(tool) %}
    {% set place = setting.tables.get(table) %}
    {{ return(place.get('loader') or setting.options.get('loader') if place is mapping else setting.options.get('loader')) }}
{% endmacro %}

{# Airbyte's raw table, in which a row is one JSON object: the same with the keys of the objects as columns. #}
{% macro _unpacked(relation, columns) %}
    {% set raw = (columns | selectattr(0, 'equalto', '_airbyte_data') | list or columns)[0][0] %}
    {% set raw = columns | map(attribute=0) | select('in', ['_airbyte_data', '_AIRBYTE_DATA']) | first | default(raw, true) %}
    {% set data = 'cast("' ~ raw ~ '" as json)' %}
    {% set keys = run_query('select distinct unnest(json_keys(' ~ data ~ ')) as key from ' ~ relation ~ ' order by key').rows | map(attribute=0) | list %}
    {% if not keys %}{{ return({'relation': relation, 'columns': []}) }}{% endif %}
    {% set parts, found = [], [] %}
    {% for key in keys %}
        {% do parts.append('json_extract(' ~ data ~ ', ' ~ segmentation.text_literal('$."' ~ key | replace('"', '\\"') ~ '"') ~ ') as "'
            ~ key | replace('"', '""') ~ '"') %}
        {% do found.append([key, 'JSON']) %}
    {% endfor %}
    {% for column in columns if column[0] != raw %}
        {% do parts.append('"' ~ column[0] ~ '"') %}
        {% do found.append(column) %}
    {% endfor %}
    {{ return({'relation': '(select ' ~ parts | join(', ') ~ ' from ' ~ relation ~ ')', 'columns': found}) }}
{% endmacro %}

{#
    Which loader a table's columns are of: by the shapes of the table where it has some, else by the columns that loaders add.
    `said`: what the variable says; then the columns that decide for others are not read.

    Returns: dict: loader, ignored (names without marks), problem (or none).
#}
{% macro _loader_of(about, columns, said) %}
    {% set plain = [] %}
    {% for column in columns %}{% do plain.append(segmentation_connectors._plain(column)) %}{% endfor %}
    {% set marks = {'fivetran': '_fivetran_', 'airbyte': '_airbyte_', 'stitch': '_sdc_'} %}
    {% set added, deciding = {}, {} %}
    {% for loader, mark in marks.items() %}
        {% set of_loader = columns | select('string') | map('lower') | select('match', '^' ~ mark) | list if false else [] %}
        {% for column in columns if (column | lower).startswith(mark) %}{% do of_loader.append(column) %}{% endfor %}
        {% if of_loader %}{% do added.update({loader: of_loader}) %}{% endif %}
    {% endfor %}
    {% set shapes = about.get('shapes', {}) %}
    {% for shape, needed in shapes.items() %}
        {% set there = [] %}
        {% for column in needed if segmentation_connectors._plain(column) in plain %}{% do there.append(column) %}{% endfor %}
        {% if there | length == needed | length %}{% do deciding.update({shape: there}) %}{% endif %}
    {% endfor %}
    {% set known = shapes.keys() | list + marks.keys() | list + ['native'] %}
    {% if said %}
        {{ return(segmentation_connectors._said_verdict(said, known, shapes, added, columns)) }}
    {% elif added | length > 1 or deciding | length > 1 %}
        {% set found = added if added | length > 1 else deciding %}
        {% set parts = [] %}
        {% for loader, names in found.items() %}{% do parts.append(names | join(', ') ~ ' (' ~ loader ~ ')') %}{% endfor %}
        {{ return({'problem': 'mixes what two loaders land: ' ~ parts | join(' and ')
            ~ '. Give one of them, or say which one is meant: `loader: ' ~ found.keys() | first ~ '`.'}) }}
    {% elif shapes and not deciding %}
        {% set parts = [] %}
        {% for shape, needed in shapes.items() %}{% do parts.append(needed | join(', ') ~ ' (' ~ shape ~ ')') %}{% endfor %}
        {{ return({'problem': 'is in none of the known shapes. Their columns are ' ~ parts | join(', or ') ~ '. Columns found: '
            ~ columns | join(', ') ~ '.'}) }}
    {% endif %}
    {{ return({'loader': (deciding.keys() | list + added.keys() | list + ['native'])[0], 'ignored': [], 'problem': none}) }}
{% endmacro %}

{# The same where the variable says the loader: what decides for the others, and not for it, is left out. #}
{% macro _said_verdict(said, known, shapes, added, columns) %}
    {% if said not in known %}
        {{ return({'problem': 'has the unknown loader `' ~ said ~ '`; loaders are ' ~ known | unique | join(', ') ~ '.'}) }}
    {% endif %}
    {% set ignored = [] %}
    {% for shape, needed in shapes.items() if shape != said and said in shapes %}
        {% for column in needed if column not in shapes[said] %}{% do ignored.append(segmentation_connectors._plain(column)) %}{% endfor %}
    {% endfor %}
    {% for loader, names in added.items() if loader != said %}
        {% for column in names %}{% do ignored.append(segmentation_connectors._plain(column)) %}{% endfor %}
    {% endfor %}
    {{ return({'loader': said, 'ignored': ignored, 'problem': none}) }}
{% endmacro %}
