{#
    The columns of a relation with their types, as a mapping of name in lower case -> type in upper case; the type is empty
    where the engine does not say it. Asks the database: for hooks and operations only.

    By a query and not by the catalog: a source may be a function call, such as read_csv(…).

    Arguments: relation (anything that can stand after `from`).
    Call:      {% set types = column_types(ref('my_events')) %}
#}
{% macro column_types(relation) %}
    {{ return(adapter.dispatch('column_types', 'segmentation')(relation)) }}
{% endmacro %}

{% macro default__column_types(relation) %}
    {% set types = {} %}
    {% for column in get_columns_in_query('select * from ' ~ relation) %}{% do types.update({column | lower: ''}) %}{% endfor %}
    {{ return(types) }}
{% endmacro %}

{% macro duckdb__column_types(relation) %}
    {% set types = {} %}
    {% for row in run_query('describe select * from ' ~ relation).rows %}
        {% do types.update({row[0] | lower: row[1] | upper}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}

{# In the words that DuckDB has for them: a Spark timestamp is an instant, one without a zone says so in its name. #}
{% macro spark__column_types(relation) %}
    {% set types = {} %}
    {% set words = {'STRING': 'VARCHAR', 'TIMESTAMP': 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP_NTZ': 'TIMESTAMP'} %}
    {% for row in run_query('describe query select * from ' ~ relation).rows %}
        {% set type = row[1] | upper %}
        {% do types.update({row[0] | lower: words.get(type, type)}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}
