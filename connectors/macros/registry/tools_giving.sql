{#
    The tools that the variable `connectors` names and that give an input, those that count most first: in the order of the
    variable.

    Arguments: input.
    Returns:   list of tools.
#}
{% macro tools_giving(input) %}
    {% set found = [] %}
    {% set problems = segmentation_connectors._connectors_problems(var('connectors', {}) or {}) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% for tool, entry in (var('connectors', {}) or {}).items() %}
        {% if tool == 'own' %}
            {% if entry.get(input) %}{% do found.append(tool) %}{% endif %}
        {% else %}
            {% set setting = segmentation_connectors.connector_setting(tool) %}
            {% set tables = segmentation_connectors.connector_tools()[tool].gives.get(input) %}
            {% if tables and (setting.tables.keys() | select('in', tables) | list or setting.options.get('schema') or setting.options.get('folder')) %}
                {% do found.append(tool) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
