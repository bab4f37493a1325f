{#
    A model's SQL as the engine should get it, for materializations; drop_prepared() follows when the table is made.

    Spark copies a CTE into each place that reads it: CTEs that read each other twice, ten deep, are a thousand. So a CTE that is read
    more than once, and is more than the import of a relation, is computed first, into a cached view that lives as long as the model's
    statement; the SQL that is left reads that. Ephemeral models, which dbt writes as CTEs, are gone through too.

    Arguments: sql (a SELECT, with CTEs or without).
    Call:      {% set sql = prepared_sql(compiled_code) %}
#}
{% macro prepared_sql(sql) -%}
    {{ return(adapter.dispatch('prepared_sql', 'segmentation')(sql)) }}
{%- endmacro %}

{% macro default__prepared_sql(sql) -%}{{ return(sql) }}{%- endmacro %}

{% macro spark__prepared_sql(sql) -%}
    {%- set ready = segmentation._without_repeated_ctes(segmentation._without_comments(sql), namespace(count=0), {}) -%}
    {%- for name, query in ready.cached.items() -%}
        {%- do run_query('drop view if exists ' ~ name) -%}
        {%- do run_query('cache table ' ~ name ~ " options ('storageLevel' 'MEMORY_AND_DISK') as " ~ query) -%}
    {%- endfor -%}
    {{ return(ready.sql) }}
{%- endmacro %}

{#
    SQL with CTEs as a mapping of `cached`, statements by the name of the view that holds them, in their order, and the `sql` that
    is left. number: a namespace that counts them, for their names. scope: definitions of CTEs around this SQL, by name.
#}
{% macro _without_repeated_ctes(sql, number, scope) %}
    {% set parts = segmentation._ctes(sql) %}
    {#- A name inside that is a name outside too would be taken for it. -#}
    {% if parts.ctes.keys() | select('in', scope) | list %}{{ return({'cached': {}, 'sql': sql}) }}{% endif %}
    {% set cached, definitions = {}, dict(scope) %}
    {% set texts = parts.ctes.values() | list + [parts.rest] %}
    {% for name, body in parts.ctes.items() %}
        {% set inner = segmentation._without_repeated_ctes(body, number, definitions) %}
        {% do cached.update(inner.cached) %}
        {% set reads = namespace(count=0) %}
        {% for text in texts %}
            {% set reads.count = reads.count + modules.re.findall('\\b(?:from|join)\\s+' ~ name ~ '\\b(?![.])', text) | length %}
        {% endfor %}
        {% if reads.count > 1 and not segmentation._is_import(body, definitions) %}
            {% set number.count = number.count + 1 %}
            {% set view = model.alias ~ '__cte_' ~ '%03d' | format(number.count) %}
            {% do cached.update({view: segmentation._with_ctes(inner.sql, definitions)}) %}
            {% do definitions.update({name: 'select * from ' ~ view}) %}
        {% else %}
            {% do definitions.update({name: inner.sql}) %}
        {% endif %}
    {% endfor %}
    {% set own = {} %}
    {% for name, body in definitions.items() if name in parts.ctes %}{% do own.update({name: body}) %}{% endfor %}
    {{ return({'cached': cached, 'sql': segmentation._with_ctes(parts.rest, definitions if not scope else own)}) }}
{% endmacro %}

{# Whether the body of a CTE is all rows, or some, of one relation in the database, as it is. #}
{% macro _is_import(body, definitions) %}
    {% set start = modules.re.match('\\s*select [*]\\s+from (\\S+)(.*)$', body, modules.re.S) %}
    {{ return(start and start.group(1) not in definitions and not modules.re.search('\\b(join|group|union|over|distinct|select|window|limit)\\b', start.group(2))) }}
{% endmacro %}

{# A SELECT behind those of some CTEs that it needs, in their order. #}
{% macro _with_ctes(sql, definitions) %}
    {% set needed, texts = [], namespace(all=sql) %}
    {% for name in definitions.keys() | list | reverse %}
        {% if modules.re.search('\\b' ~ name ~ '\\b', texts.all) %}
            {% do needed.insert(0, name) %}
            {% set texts.all = texts.all ~ ' ' ~ definitions[name] %}
        {% endif %}
    {% endfor %}
    {% set bodies = [] %}
    {% for name in needed %}{% do bodies.append(name ~ ' as (' ~ definitions[name] ~ ')') %}{% endfor %}
    {% if not bodies %}{{ return(sql) }}{% endif %}
    {% set more = modules.re.match('\\s*with\\s', sql) %}
    {{ return('with ' ~ bodies | join(',\n') ~ (',\n' ~ sql[more.end():] if more else '\n' ~ sql)) }}
{% endmacro %}

{# The CTEs of a SELECT, bodies by name, and the `rest` behind them. What is recursive is left as it is. #}
{% macro _ctes(sql) %}
    {% set start = modules.re.match('\\s*with\\s+(?!recursive\\b)', sql) %}
    {% if not start %}{{ return({'ctes': {}, 'rest': sql}) }}{% endif %}
    {% set found, at = {}, namespace(depth=0, name='', body=0, next=start.end(), rest=none) %}
    {% for token in modules.re.finditer("'[^']*'|[()]", sql[start.end():]) if at.rest is none %}
        {% set place = start.end() + token.start() %}
        {% if token.group() == '(' %}
            {% if at.depth == 0 %}
                {% set head = modules.re.match('\\s*,?\\s*(\\w+)\\s+as\\s*$', sql[at.next:place]) %}
                {% if head %}
                    {% set at.name = head.group(1) %}
                    {% set at.body = place + 1 %}
                {% else %}
                    {% set at.rest = at.next %}
                {% endif %}
            {% endif %}
            {% set at.depth = at.depth + 1 %}
        {% elif token.group() == ')' %}
            {% set at.depth = at.depth - 1 %}
            {% if at.depth == 0 %}
                {% do found.update({at.name: sql[at.body:place]}) %}
                {% set at.next = place + 1 %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return({'ctes': found, 'rest': sql[at.next if at.rest is none else at.rest:]}) }}
{% endmacro %}
