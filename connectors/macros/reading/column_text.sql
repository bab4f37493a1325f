{#
    A column as text, whatever type a loader gave it: text as it is, a JSON text without its quotes, an object or list as JSON, a whole
    number without `.0` (an id that was read as a fraction), a time with the zone that it has. Empty text is NULL.

    Arguments: column (a name), type (as `describe` says it).
    Call:      {{ column_text('id', 'DOUBLE') }}
#}
{% macro column_text(column, type) %}
    {% set name = '"' ~ column | replace('"', '""') ~ '"' %}
    {% set type = type | upper %}
    {% if type == 'JSON' %}
        {{ return("nullif(json_extract_string(" ~ name ~ ", '$'), '')") }}
    {% elif type.endswith(']') or type.startswith('STRUCT') or type.startswith('MAP') or type.startswith('UNION') %}
        {{ return('cast(to_json(' ~ name ~ ') as varchar)') }}
    {% elif type in ('DOUBLE', 'FLOAT', 'REAL') %}
        {{ return('case when ' ~ name ~ ' = trunc(' ~ name ~ ') and abs(' ~ name ~ ') < 1e15 then cast(cast(' ~ name
            ~ ' as bigint) as varchar) else cast(' ~ name ~ ' as varchar) end') }}
    {% elif type.startswith('DECIMAL') %}
        {{ return("regexp_replace(cast(" ~ name ~ " as varchar), '[.]0+$', '')") }}
    {% elif type in ('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ') %}
        {{ return("strftime(" ~ name ~ " at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')") }}
    {% elif type == 'VARCHAR' %}
        {{ return("nullif(trim(" ~ name ~ "), '')") }}
    {% endif %}
    {{ return('cast(' ~ name ~ ' as varchar)') }}
{% endmacro %}
