{#
    The tools that the variable `connectors` names and that give an input, in the order of the variable.

    Arguments: input.
    Returns:   list of tools.
#}
{% macro tools_giving(input) %}
    {% set found = [] %}
    {% set given = var('connectors', {}) or {} %}
    {% set tools = segmentation_connectors.connector_tools() %}
    {% for tool, entry in (given.items() if given is mapping else []) if entry is mapping and (tool == 'own' or tool in tools) %}
        {% if tool == 'own' %}
            {% set has_versions = input == 'attribute_history' and (entry.get('users_versions') or entry.get('accounts_versions')) %}
            {% if entry.get(input) or has_versions %}{% do found.append(tool) %}{% endif %}
        {% else %}
            {% set setting = segmentation_connectors.connector_setting(tool) %}
            {% set about = tools[tool] %}
            {% set tables = about.gives.get(input) %}
            {% set may_be_found = (setting.options.get('schema') or setting.options.get('folder')) and input not in about.get('asked', []) %}
            {% if tables and (setting.tables.keys() | select('in', tables) | list or may_be_found) %}
                {% do found.append(tool) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
