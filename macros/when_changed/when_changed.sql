{#
    Materialization of a table that is made anew when something that it reads has changed, and left alone otherwise.

    A table is due when its version is not the one that it was built with: its compiled SQL, its columns and their descriptions as
    the YAML says, and the version of each relation that it reads, also through our views and ephemeral models. Of a model by date
    that is what built_dates() says, of a table of this materialization a fingerprint of its rows, which was written down when it
    was made, of anything else a fingerprint of its rows now. So what is made again with the same rows makes nothing below it due.

    Reads that dbt does not see would be missed: the SELECT names all its relations by ref() and source(), and depends on nothing
    else that changes from build to build.

    Two things are put into the SQL when it runs, so that memory does not grow with the history: the newest date as a literal in
    the place of at_newest_date(), which engines carry behind joins and groups where they do not carry a subquery; and, with
    `sized_by`, one part of the users after the other in the place of in_part_of_users().

    Config: sized_by: the model by date whose rows decide how many parts there are: each has ten times `feature_slice_rows` of
            them at most, as a row of a membership is narrow.
    Call:   {{ config(materialized='when_changed') }}
    Errors: `sized_by` without in_part_of_users() in the SQL, or the other way around, stops the build.
#}
{% materialization when_changed, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = segmentation.built_dates(model.name) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do segmentation._run(segmentation._create_built_table(built)) -%}
    {%- set version = segmentation._version_of_table() -%}
    {%- if segmentation._is_built(existing, built, version) -%}
        {%- call noop_statement('main', 'NOTHING DUE', rows_affected=-1) -%}{%- endcall -%}
    {%- else -%}
        {%- set intermediate = make_intermediate_relation(target_relation) -%}
        {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
        {%- set sql = segmentation._at_literal_date(compiled_code) -%}
        {%- set parts = segmentation._parts_of_users(sql) -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, intermediate, segmentation.prepared_sql(parts[0])) }}
        {%- endcall -%}
        {%- do segmentation.drop_prepared() -%}
        {%- set names = adapter.get_columns_in_relation(intermediate) | map(attribute='quoted') | join(', ') -%}
        {%- for part in parts[1:] -%}
            {%- do segmentation._run(
                'insert into ' ~ intermediate ~ ' (' ~ names ~ ') select ' ~ names ~ ' from (' ~ segmentation.prepared_sql(part) ~ ') as part_rows'
            ) -%}
            {%- do segmentation.drop_prepared() -%}
        {%- endfor -%}
        {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
        {%- do adapter.rename_relation(intermediate, target_relation) -%}
        {%- for statement in segmentation.replace_rows(built, segmentation._rows_to_remember(target_relation, version)) -%}
            {%- do segmentation._run(statement) -%}
        {%- endfor -%}
        {%- do persist_docs(target_relation, model) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The SQL with the newest date in the place of the query for it, where at_newest_date() asks. #}
{% macro _at_literal_date(sql) -%}
    {%- set asks = modules.re.search('as_of_date = \\(select newest\\.data_through from (\\S+) as newest\\)', sql) -%}
    {%- if not asks -%}{{ return(sql) }}{%- endif -%}
    {%- set query = 'select cast(newest.data_through as ' ~ dbt.type_string() ~ ') from ' ~ asks.group(1) ~ ' as newest' -%}
    {%- for row in run_query(query).rows if row[0] -%}
        {{ return(sql | replace(asks.group(0), 'as_of_date = ' ~ segmentation.date_literals([row[0]]))) }}
    {%- endfor -%}
    {{ return(sql) }}
{%- endmacro %}

{# The SQL for one part of the users after the other. #}
{% macro _parts_of_users(sql) -%}
    {%- set text, sized_by = segmentation.in_part_of_users(), config.get('sized_by') -%}
    {%- if (text in sql) != (sized_by is not none) -%}
        {%- do exceptions.raise_compiler_error(
            'when_changed: ' ~ model.name ~ ' needs both, `sized_by` and in_part_of_users() where it imports what has users, or none.'
        ) -%}
    {%- endif -%}
    {%- if not sized_by -%}{{ return([sql]) }}{%- endif -%}
    {%- set rows = run_query('select coalesce(sum(row_count), 0) from ' ~ segmentation.built_dates(sized_by)).rows[0][0] | int -%}
    {%- set count = rows // (10 * segmentation.setting('feature_slice_rows')) + 1 -%}
    {%- set parts = [] -%}
    {%- for number in range(count) -%}
        {%- do parts.append(
            sql | replace(text, 'mod(' ~ segmentation.fingerprint(['user_id']) ~ ', ' ~ count ~ ') = ' ~ number if count > 1 else text)
        ) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}

{% macro _create_built_table(built) -%}
    create table if not exists {{ built }} (
        version {{ dbt.type_string() }},
        content {{ dbt.type_string() }},
        row_count {{ dbt.type_bigint() }},
        built_by {{ dbt.type_string() }}
    ) {{ segmentation.partitioned_by([]) }}
{%- endmacro %}

{# Whether the table is there as it was built, and from what it would be built from now. #}
{% macro _is_built(existing, built, version) %}
    {% if existing is none or existing.type != 'table' or should_full_refresh() %}{{ return(false) }}{% endif %}
    {% set query %}
        select count(*) as matches
        from {{ built }}
        where
            version = '{{ version }}'
            and row_count = (select count(*) as row_count from {{ existing }})
    {% endset %}
    {{ return(run_query(query).rows[0][0] == 1) }}
{% endmacro %}

{# A SELECT of one row: from what a table was built, and what its rows are. #}
{% macro _rows_to_remember(relation, version) -%}
    select
        '{{ version }}' as version,
        {{ segmentation._content(relation) }} as content,
        count(*) as row_count,
        {{ dbt.string_literal(invocation_id) }} as built_by
    from {{ relation }}
{%- endmacro %}

{# SQL of an aggregate that is another text where a relation has other rows. #}
{% macro _content(relation) -%}
    {%- set columns, texts = [], [] -%}
    {%- for name, type in segmentation.column_types(relation).items() -%}
        {%- do columns.append(adapter.quote(name)) -%}
        {%- if type == 'VARCHAR' -%}{%- do texts.append(adapter.quote(name)) -%}{%- endif -%}
    {%- endfor -%}
    {{ return('cast(' ~ segmentation.fingerprint_sum(segmentation.fingerprint(columns, texts)) ~ ' as ' ~ dbt.type_string() ~ ')') }}
{%- endmacro %}

{# What the table would be built from now, as one text. #}
{% macro _version_of_table() -%}
    {%- set sql = segmentation._without_comments(compiled_code) -%}
    {%- set named = [] -%}
    {%- for id in model.depends_on.nodes -%}
        {%- set node = graph.nodes.get(id) -%}
        {%- if not node or node.config.materialized == 'ephemeral' or (node.alias or node.name) in sql -%}{%- do named.append(id) -%}{%- endif -%}
    {%- endfor -%}
    {%- set parts = [segmentation.logic_hash(compiled_code), tojson(model.columns, sort_keys=true), model.description, tojson(model.constraints)] -%}
    {%- for id in named if (graph.nodes.get(id) or {}).get('config', {}).get('materialized') == 'ephemeral' and not segmentation._says_what_it_reads(id) -%}
        {%- do parts.append(invocation_id) -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {#- The models of which the schema `built` knows something: a table that an older version built is not among them. -#}
    {%- set remembered = segmentation.table_names(this.database, 'built') -%}
    {%- for id in segmentation._relations_read(named, []) | sort -%}
        {%- do queries.append(segmentation._version_of_relation(id, remembered)) -%}
    {%- endfor -%}
    {%- if queries -%}
        {%- for row in run_query(queries | join(' union all ') ~ ' order by 1') -%}{%- do parts.append(row[0] ~ '=' ~ row[1]) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}

{# The nodes behind some others: themselves, and what stands behind those that say all that they read. #}
{% macro _relations_read(ids, found) -%}
    {%- for id in ids if id not in found -%}
        {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
        {%- if node and node.resource_type in ['model', 'seed', 'snapshot', 'source'] -%}
            {%- if node.config.materialized != 'ephemeral' -%}{%- do found.append(id) -%}{%- endif -%}
            {%- if segmentation._says_what_it_reads(id) -%}{%- do segmentation._relations_read(node.depends_on.nodes, found) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#
    Whether dbt knows all that a view or an ephemeral model reads. Of ours it does; those of others, and ours over their ephemeral ones,
    may read files and functions that it does not see: rows of such a view are looked at, and what reads such an ephemeral model
    itself is made in every run.
#}
{% macro _says_what_it_reads(id) -%}
    {%- set node = graph.nodes.get(id) or {} -%}
    {%- if node.package_name != 'segmentation' or node.config.materialized not in ['view', 'ephemeral'] or not node.depends_on.nodes -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for other in node.depends_on.nodes if (graph.nodes.get(other) or {}).get('config', {}).get('materialized') == 'ephemeral' -%}
        {%- if not segmentation._says_what_it_reads(other) -%}{{ return(false) }}{%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}

{# A SELECT of one row, the id of a node and what says whether its relation has changed. #}
{% macro _version_of_relation(id, remembered) -%}
    {%- set node = graph.nodes.get(id) or graph.sources.get(id) -%}
    {%- if node.resource_type == 'source' -%}
        {%- set relation = source(node.source_name, node.name) -%}
    {%- else -%}
        {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- endif -%}
    select
        {{ dbt.string_literal(id) }} as id,
    {%- if segmentation._says_what_it_reads(id) %}
        {{ segmentation.view_definition(relation) }} as version
    {%- elif node.config.materialized == 'when_changed' and node.name in remembered %}
        content as version
    from {{ segmentation.built_dates(node.name) }}
    {%- elif node.config.materialized == 'by_date' and node.name in remembered %}
        cast({{ segmentation.fingerprint_sum(segmentation.fingerprint(['part', 'as_of_date', 'version'])) }} as {{ dbt.type_string() }})
        {%- if 'data_through' in node.columns %}
        || ' ' || (select coalesce(cast(max(stamped.data_through) as {{ dbt.type_string() }}), '') from {{ relation }} as stamped)
        {%- endif %} as version
    from {{ segmentation.built_dates(node.name) }}
    {%- elif node.resource_type != 'source' and load_cached_relation(relation) is none %}
        {#- Who needs it fails on its own. -#}
        'not there' as version
    {%- else %}
        {{ dbt.string_literal(segmentation._content_in_this_run(id, relation)) }} as version
    {%- endif -%}
{%- endmacro %}

{# The fingerprint of a relation's rows: the first table of a run that asks for it has it computed, the others find it written down. #}
{% macro _content_in_this_run(id, relation) -%}
    {%- set known = segmentation.built_dates('contents_of_run') -%}
    {%- set query -%}
        select contents.content from {{ known }} as contents
        where contents.id = {{ dbt.string_literal(id) }} and contents.built_by = {{ dbt.string_literal(invocation_id) }}
    {%- endset -%}
    {%- for row in run_query(query).rows -%}{{ return(row[0]) }}{%- endfor -%}
    {%- set content = run_query('select ' ~ segmentation._content(relation) ~ ' as content from ' ~ relation ~ ' as relation_rows').rows[0][0] -%}
    {%- do segmentation._run(
        'insert into ' ~ known ~ ' (id, content, built_by) values ('
        ~ [dbt.string_literal(id), dbt.string_literal(content), dbt.string_literal(invocation_id)] | join(', ') ~ ')'
    ) -%}
    {{ return(content) }}
{%- endmacro %}
