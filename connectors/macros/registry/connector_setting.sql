{#
    What the variable `connectors` says of a tool, checked; none if it does not name the tool.

    Each entry of the variable is a tool, with its tables and options:

        connectors:
          mixpanel: {export: 'exports/mixpanel/*.jsonl.gz', timezone: Europe/Berlin}
          salesforce: {schema: raw_salesforce, columns: {contact: {user_id: Product_User_Id__c}}}

    A table is named by any of the names that loaders give it (`names` in connector_tools()). Where it is:
      my_model                         a seed or model, as in `inputs`
      raw.contact                      a relation of the database
      exports/contact*.csv.gz          files: CSV, TSV, JSON, JSON lines, Parquet, also packed; several by a pattern or as a list
      {source: crm, table: contact}    a dbt source
      {files: …, loader: …, delimiter: …, encoding: …}, {relation: …, loader: …}    the same, with more to say
    Options of every tool: `schema` or `folder` (every table that is found there by its name), `loader` (where the columns do not
    decide), `timezone` (of times without an offset; default UTC), `columns` (table -> input column -> the tool's column or property:
    it is read in place of ours, and is how traits of your own and the product's user id are found).

    `own` maps inputs to models of yours that have the input's columns, for what we do not have a connector for.

    Arguments: tool.
    Returns:   dict: tables (table -> place), options (option -> value); or none.
    Errors:    unknown tools, tables and options, and two names for one table, stop the parse.
#}
{% macro connector_setting(tool) %}
    {% set given = var('connectors', {}) or {} %}
    {% set problems = segmentation_connectors._connectors_problems(given) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% if tool not in given %}{{ return(none) }}{% endif %}
    {% set entry = segmentation_connectors.connector_tools()[tool] %}
    {% set tables, options = {}, {'timezone': 'UTC', 'columns': {}} %}
    {% for key, value in given[tool].items() %}
        {% set table = segmentation_connectors._table_called(entry, key) %}
        {% if table is none %}
            {% do options.update({key: value}) %}
        {% elif value %}
            {% do tables.update({table: value}) %}
        {% endif %}
    {% endfor %}
    {% set columns = {} %}
    {% for key, value in options.columns.items() %}
        {% do columns.update({segmentation_connectors._table_called(entry, key): value}) %}
    {% endfor %}
    {% do options.update({'columns': columns}) %}
    {{ return({'tables': tables, 'options': options}) }}
{% endmacro %}

{# The table of a tool that goes by a name, or none. #}
{% macro _table_called(entry, name) %}
    {% for table, about in entry.tables.items() %}
        {% for each in [table] + about.names %}
            {% if segmentation_connectors._plain(each) == segmentation_connectors._plain(name) %}{{ return(table) }}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}

{# A name without what loaders change in it: upper case, blanks and marks. `AccountId` and `account_id` are one name. #}
{% macro _plain(name) %}
    {{ return(modules.re.sub('[\\s_.$-]', '', name | string | lower)) }}
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
            {% for input in entry if input not in segmentation.input_contract() %}
                {% do problems.append('connectors: own: unknown input `' ~ input ~ '`; inputs are '
                    ~ segmentation.input_contract().keys() | join(', ') ~ '.') %}
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
