{#
    What the variable `connectors` says of a tool; none if it does not name the tool. check_connectors() checks it, once.

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
#}
{% macro connector_setting(tool) %}
    {% set given = var('connectors', {}) or {} %}
    {% set entry = segmentation_connectors.connector_tools().get(tool) %}
    {% if not entry or given is not mapping or given.get(tool) is not mapping %}{{ return(none) }}{% endif %}
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
