{#
    What is different in the columns of an input since the last build that read it, as a list of texts; and remembers them for the next one.
    For hooks: it asks the database, and writes into the table seen_columns of record_run(). An input that was never read does not
    have anything to compare with.

    Arguments: name (an input of input_contract()), types (see column_types()), place (of the input, for the texts).
    Call:      {% for text in columns_changed('users', types, 'raw.users') %}{% do exceptions.warn(text) %}{% endfor %}
    Errors:    with `changed_columns: stop`, another type of a column of the contract stops the build, and is not remembered.
#}
{% macro columns_changed(name, types, place) %}
    {% set before = segmentation.columns_before(name) %}
    {% if before == types %}{{ return([]) }}{% endif %}
    {% set told = segmentation._column_changes(name, before, types, place) %}
    {% if told.stops %}{{ exceptions.raise_compiler_error(told.stops | join('\n')) }}{% endif %}
    {% for statement in segmentation.remember_columns(name, types) %}{% do segmentation._run(statement) %}{% endfor %}
    {{ return(told.texts) }}
{% endmacro %}

{# The changes of an input's columns in words: texts, and stops (those of them that the variable changed_columns does not accept). #}
{% macro _column_changes(name, before, types, place) %}
    {% set texts, stops = [], [] %}
    {% set start = 'Input `' ~ name ~ '` (' ~ place ~ '): column `' %}
    {% set contract = segmentation.input_contract(name).columns %}
    {% for column in types if before and column not in before %}
        {% do texts.append(start ~ column ~ '` is new.'
            ~ ('' if column in contract else ' Nothing reads it; docs/your-data.md, "Traits of your own", says how.')) %}
    {% endfor %}
    {% for column in before if column not in types %}
        {% do texts.append(start ~ column ~ '` is gone.' ~ (' It counts as NULL.' if column in contract else '')) %}
    {% endfor %}
    {% for column, type in types.items() if before.get(column, type) != type %}
        {% set text = start ~ column ~ '` is of type ' ~ type ~ '; it was ' ~ before[column] ~ '.' %}
        {% do texts.append(text) %}
        {% if column in contract and segmentation.setting('changed_columns') == 'stop' %}
            {% do stops.append(text ~ ' Build once with `--vars \'changed_columns: report\'` to accept it.') %}
        {% endif %}
    {% endfor %}
    {{ return({'texts': texts, 'stops': stops}) }}
{% endmacro %}
