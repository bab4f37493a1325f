{# Where the person stands, as a list of {name, column, rows, waits}, one query per relation. #}
{% macro _traces(person, relations) %}
    {% set traces = [] %}
    {% for place in relations %}
        {% set person = segmentation._as_known_to(person, place) %}
        {% set counts = [] %}
        {% for column in place.columns %}
            {% do counts.append('sum(case when ' ~ segmentation._holds_person(person, column, place.columns, is_number=column in place.numbers)
                ~ ' then 1 else 0 end)') %}
        {% endfor %}
        {% set row = run_query('select ' ~ counts | join(', ') ~ ' from ' ~ place.relation).rows[0] %}
        {% for column in place.columns %}
            {% set rows = (row[loop.index0] or 0) | int %}
            {% if rows %}
                {% do traces.append({'name': place.name, 'column': column, 'rows': rows, 'waits': place.on_forget is not none}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(traces) }}
{% endmacro %}

{#
    All tables of the warehouse and the views of staging, as a list of {relation, name, is_table, on_forget, columns}; on_forget: the
    macro that the config of the table's model names, see forget_user(), else none. The other views read only these.
#}
{% macro _searched_relations() %}
    {% set macros = {} %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and (node.config.get('meta') or {}).get('on_forget') %}
        {% do macros.update({node.schema ~ '.' ~ node.alias: node.config.meta.on_forget}) %}
        {% do macros.update({node.schema ~ '.' ~ node.alias ~ '__backup': node.config.meta.on_forget}) %}
    {% endfor %}
    {# A list of people to whom nothing is sent has to know them by a hash after they were forgotten. #}
    {% set suppressions = segmentation.setting('audience_suppressions') %}
    {% set suppressions = suppressions.get('table') if suppressions is mapping else suppressions %}
    {% set found = {} %}
    {% for row in segmentation.catalog_columns() if row[3] or row[0] == ref('stg_users').schema %}
        {% set name = row[0] ~ '.' ~ row[1] %}
        {% if name not in found %}
            {% do found.update({name: {
                'relation': api.Relation.create(database=target.database or none, schema=row[0], identifier=row[1]), 'name': name,
                'is_table': row[3], 'on_forget': macros.get(name), 'columns': [], 'keeps_hashes': row[1] == suppressions, 'numbers': [],
            }}) %}
        {% endif %}
        {% do found[name].columns.append(row[2]) %}
        {% if modules.re.match('U?(TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|DECIMAL[^[]*$|BOOLEAN$|DATE$|TIME[^[]*$', row[4]) and '[' not in row[4] %}
            {% do found[name].numbers.append(row[2]) %}
        {% endif %}
    {% endfor %}
    {{ return(found.values() | list) }}
{% endmacro %}

{# A person as a relation may know them: without hashes in a list of suppressions. #}
{% macro _as_known_to(person, place) %}
    {% set known = dict(person) %}
    {% if place.keeps_hashes %}{% do known.update({'hashes': []}) %}{% endif %}
    {{ return(known) }}
{% endmacro %}

{# What was searched, in words. #}
{% macro _searched_text(relations) %}
    {% set columns = relations | map(attribute='columns') | map('length') | sum %}
    {% set tables = relations | selectattr('is_table') | list | length %}
    {{ return(
        tables ~ ' tables and ' ~ (relations | length - tables) ~ ' views of staging, ' ~ columns ~ ' columns'
    ) }}
{% endmacro %}
