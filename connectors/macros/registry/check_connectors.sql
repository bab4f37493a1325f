{#
    Stops the parse if the variable `connectors` names an unknown tool, table or option, or one table by two names; all problems at once.

    Returns: true.
    Call:    {% do check_connectors() %}
#}
{% macro check_connectors() %}
    {% set problems = segmentation_connectors._connectors_problems(var('connectors', {}) or {}) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(true) }}
{% endmacro %}

{# What is wrong with the variable, one sentence each. #}
{% macro _connectors_problems(given) %}
    {% set tools = segmentation_connectors.connector_tools() %}
    {% if given is not mapping %}
        {{ return(['connectors: must map tools to their tables, such as {mixpanel: {export: "exports/*.jsonl"}}.']) }}
    {% endif %}
    {% set problems = [] %}
    {% for tool, entry in given.items() %}
        {% if tool == 'own' %}
            {% set known = segmentation.input_contract().keys() | list + ['users_versions', 'accounts_versions'] %}
            {% for input in entry if input not in known %}
                {% do problems.append('connectors: own: unknown input `' ~ input ~ '`; inputs are '
                    ~ known | join(', ') ~ '.') %}
            {% endfor %}
        {% elif tool not in tools %}
            {% do problems.append('connectors: unknown tool `' ~ tool ~ '`; tools are ' ~ tools.keys() | join(', ')
                ~ '. For another one write models of your own: docs/connectors/README.md.') %}
        {% elif entry is not mapping %}
            {% do problems.append('connectors: `' ~ tool ~ '` must map tables to where they are, such as {'
                ~ tools[tool].tables.keys() | first ~ ': raw.' ~ tools[tool].tables.keys() | first ~ '}.') %}
        {% else %}
            {% do problems.extend(segmentation_connectors._tool_problems(tool, tools[tool], entry)) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{% macro _tool_problems(tool, about, entry) %}
    {% set problems, seen = [], {} %}
    {% set options = ['schema', 'folder', 'loader', 'timezone', 'columns'] + about.get('options', {}).keys() | list %}
    {% for key, value in entry.items() %}
        {% set table = segmentation_connectors._table_called(about, key) %}
        {% if table is none and key not in options %}
            {% do problems.append('connectors: ' ~ tool ~ ': unknown table or option `' ~ key ~ '`; tables are '
                ~ about.tables.keys() | join(', ') ~ '; options are ' ~ options | join(', ') ~ '.') %}
        {% elif table is not none and table in seen %}
            {% do problems.append('connectors: ' ~ tool ~ ': `' ~ seen[table] ~ '` and `' ~ key
                ~ '` are names of one table. Give it once; several files are a list or a pattern.') %}
        {% elif table is not none %}
            {% do seen.update({table: key}) %}
        {% endif %}
    {% endfor %}
    {% for key in (entry.get('columns') or {}) if segmentation_connectors._table_called(about, key) is none %}
        {% do problems.append('connectors: ' ~ tool ~ ': columns: unknown table `' ~ key ~ '`; tables are '
            ~ about.tables.keys() | join(', ') ~ '.') %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
