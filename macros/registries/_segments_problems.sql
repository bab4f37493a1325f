{#
    What is wrong with a list of segments, as a list of texts. Whether a segment's file is complete is for check_segments().

    Arguments: names (what registered_segments() returns).
#}
{% macro _segments_problems(names) %}
    {% if names is not sequence or names is string or names is mapping or not names %}
        {{ return([
            'registered_segments: the list must name at least one segment, got ' ~ tojson(names)
            ~ '; `make segment` begins one.'
        ]) }}
    {% endif %}
    {% set problems = [] %}
    {% set seen = [] %}
    {% for name in names %}
        {% if name is not string or not name.strip() %}
            {% do problems.append(
                'registered_segments: entry ' ~ loop.index ~ ' must be the name of a model, got ' ~ tojson(name) ~ '.'
            ) %}
        {% elif name in seen %}
            {% do problems.append('registered_segments: `' ~ name ~ '` must occur once; remove the other line.') %}
        {% endif %}
        {% do seen.append(name) %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
