{#
    Says which columns of the tools' tables are new, gone or of another type since the last build, before any model reads them; and remembers
    them for the next one. Once each, as a warning. What is read from a column that is gone is NULL; with `changed_columns: stop` it
    stops the build instead, and so does another type.

    A hook on-run-start of this package, in builds only. Renders the statements that remember, for dbt to run. Tables that this very project makes (seeds and models) are left to dbt, and of files
    the types are not compared: they are what the engine makes of these rows. JSON files are not looked at: their keys come and go, and to
    know them all is to read them once more.

    Call: on-run-start: "{{ segmentation_connectors.check_tables() }}"
#}
{% macro check_tables() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] %}{{ return('') }}{% endif %}
    {% set given = var('connectors', {}) or {} %}
    {% set stops, statements = [], [] %}
    {% for tool, about in segmentation_connectors.connector_tools().items() if given.get(tool) is mapping %}
        {% for table in about.tables if not segmentation_connectors._is_left_alone(tool, table) %}
            {% set place = segmentation_connectors.table_place(tool, table) %}
            {% set found = segmentation_connectors.found_table(tool, table, place) if place and not place.startswith('read_json') else none %}
            {% if found is not none %}
                {% set types = {} %}
                {% for columns in found.columns.values() %}
                    {% do types.update({columns[0][0]: 'of a file' if found.relation.startswith('read_') else columns[0][1]}) %}
                {% endfor %}
                {% do stops.extend(segmentation_connectors._table_changes(tool, table, types, statements)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% if stops %}
        {{ exceptions.raise_compiler_error(
            stops | join('\n') ~ "\nBuild once with `--vars 'changed_columns: report'` to accept it."
        ) }}
    {% endif %}
    {{ return(segmentation.run_statements(statements) if statements else '') }}
{% endmacro %}

{#
    Warns of what is different in a table's columns, and adds to `statements` what remembers them; or returns the texts where they stop the
    build.
#}
{% macro _table_changes(tool, table, types, statements) %}
    {% set key = 'connectors: ' ~ tool ~ ': ' ~ table %}
    {% set before = segmentation.columns_before(key) %}
    {% if before == types %}{{ return([]) }}{% endif %}
    {% set texts, stops = [], [] %}
    {% for column in types if before and column not in before %}{% do texts.append(key ~ ': column `' ~ column ~ '` is new.') %}{% endfor %}
    {% for column in before if column not in types %}
        {% do stops.append(key ~ ': column `' ~ column ~ '` is gone. What was read from it is NULL.') %}
    {% endfor %}
    {% for column, type in types.items() if before.get(column, type) != type %}
        {% do stops.append(key ~ ': column `' ~ column ~ '` is of type ' ~ type ~ '; it was ' ~ before[column] ~ '.') %}
    {% endfor %}
    {% if stops and segmentation.setting('changed_columns') == 'stop' %}{{ return(stops) }}{% endif %}
    {% for text in texts + stops %}{% do exceptions.warn(text) %}{% endfor %}
    {% do statements.extend(segmentation.remember_columns(key, types)) %}
    {{ return([]) }}
{% endmacro %}

{#
    Whether a tool's table is not looked at: a seed or a model of this project, which this build may have yet to make; or `true`, which asks
    for what another table gives.
#}
{% macro _is_left_alone(tool, table) %}
    {% set place = segmentation_connectors.connector_setting(tool).tables.get(table) %}
    {% if place is boolean %}{{ return(true) }}{% endif %}
    {% if place is mapping and 'relation' in place %}{% set place = place['relation'] %}{% endif %}
    {{ return(place is string and '.' not in place and not segmentation_connectors._is_file(place)) }}
{% endmacro %}
