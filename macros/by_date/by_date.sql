{#
    Materialization of a table by as_of_date: the model's SELECT is written once, for all dates, and computed for those that are
    due, in slices that fit in memory.

    A date is due when its version is not the one that it was built with: a fingerprint of the model's compiled SQL, of the inputs
    that it reads on the date, and of the versions of the models by date that it reads. built_dates() holds them. Each slice is one
    transaction: the state of its dates is forgotten, their rows are replaced, the state is remembered. A build that is killed keeps
    the slices that it finished, and the next one makes the rest. Dates that are no longer wanted go.

    Where the SELECT has other columns than the table, and on a full refresh, the table is made anew, in place: until the last slice
    is done it lacks dates.

    Config: reads (list): what the SELECT reads, by the columns <name>_hash of date_input_hashes: activity, campaigns, crm, invoices,
              population, reference, spend, voice;
            upstream (list): the models by date that it reads, of the same date.
    The SELECT has a column as_of_date, keeps what it reads to in_slice(), and reads nothing that `reads` and `upstream` leave out.
    Call:   {{ config(materialized='by_date', reads=['population', 'activity'], upstream=['user_key_events']) }}
    Errors: no in_slice() in the SQL, an unknown entry in `reads`, and a date that an upstream model lacks stop the build.
#}
{% materialization by_date, default %}
    {%- do segmentation._check_by_date(compiled_code) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = segmentation.built_dates(model.name) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set progress = namespace(is_new=existing is none or existing.type != 'table' or should_full_refresh(), dates=[]) -%}
    {%- if not progress.is_new -%}
        {%- do segmentation._run(segmentation._create_built_dates(built)) -%}
        {%- set progress.dates = segmentation._stale_dates(built) -%}
        {%- set progress.is_new = progress.dates and segmentation._has_other_columns(existing) -%}
    {%- endif -%}
    {%- if progress.is_new -%}
        {%- do segmentation._run('drop table if exists ' ~ built) -%}
        {%- do segmentation._run(segmentation._create_built_dates(built)) -%}
        {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
        {%- do segmentation._run(get_create_table_as_sql(False, target_relation, segmentation._slice_sql(compiled_code, []))) -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do adapter.commit() -%}
        {%- set progress.dates = segmentation._stale_dates(built) -%}
    {%- endif -%}

    {%- set gone = progress.dates | rejectattr('version') | list -%}
    {%- if gone -%}
        {%- do segmentation._forget_dates(target_relation, built, gone) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- set slices = segmentation._slices(progress.dates | selectattr('version') | list) -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') -%}
    {%- for slice in slices -%}
        {%- do segmentation._forget_dates(target_relation, built, slice) -%}
        {%- call statement('main') -%}
            insert into {{ target_relation }} ({{ columns }})
            select {{ columns }} from (
                {{ segmentation._slice_sql(compiled_code, slice) }}
            ) as slice_rows
        {%- endcall -%}
        {%- do segmentation._run(segmentation._remember_dates(target_relation, built, slice)) -%}
        {%- do adapter.commit() -%}
    {%- else -%}
        {%- call noop_statement('main', 'NOTHING DUE', rows_affected=-1) -%}{%- endcall -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Runs a statement of the transaction. #}
{% macro _run(sql) -%}
    {%- call statement('by_date') -%}{{ sql }}{%- endcall -%}
{%- endmacro %}

{% macro _check_by_date(sql) -%}
    {%- set kinds = ['activity', 'campaigns', 'crm', 'invoices', 'population', 'reference', 'spend', 'voice'] -%}
    {%- set problems = [] -%}
    {%- for kind in config.get('reads', []) if kind not in kinds -%}
        {%- do problems.append("by_date: unknown entry '" ~ kind ~ "' in `reads`; expected one of " ~ kinds | join(', ') ~ ".") -%}
    {%- endfor -%}
    {%- if segmentation._slice_text() not in sql -%}
        {%- do problems.append("by_date: " ~ model.name ~ " reads no relation of the dates being built, by in_slice().") -%}
    {%- endif -%}
    {%- do segmentation._raise_problems(problems) -%}
{%- endmacro %}

{# The model's SQL for the dates of a slice, from _stale_dates(); without dates it yields no row. #}
{% macro _slice_sql(sql, slice) -%}
    {%- set condition = 'as_of_date in (' ~ segmentation.date_literals(slice | map(attribute='as_of_date') | list) ~ ')' -%}
    {{ return(sql | replace(segmentation._slice_text(), condition if slice else 'false')) }}
{%- endmacro %}

{% macro _create_built_dates(built) -%}
    create table if not exists {{ built }} (
        as_of_date date,
        version {{ dbt.type_bigint() }},
        row_count {{ dbt.type_bigint() }},
        built_by {{ dbt.type_string() }}
    )
{%- endmacro %}

{#
    The dates to build and those to remove, in order: mappings of as_of_date and version, both texts; a date that is no longer
    wanted has no version. A date is built again too if its rows are not as many as were written.
#}
{% macro _stale_dates(built) %}
    {% set upstream = config.get('upstream', []) %}
    {% set hashed = ["'" ~ segmentation.logic_hash(compiled_code) ~ "'"] %}
    {% for kind in config.get('reads', []) %}{% do hashed.append('date_input_hashes.' ~ kind ~ '_hash') %}{% endfor %}
    {% for name in upstream %}{% do hashed.append(name ~ '.version') %}{% endfor %}
    {% set query %}
        with present as (
            select
                date_input_hashes.as_of_date,
                {%- for name in upstream %}
                {{ name }}.version is null as lacks_{{ name }},
                {%- endfor %}
                {{ segmentation.fingerprint(hashed) }} as version
            from {{ ref('date_input_hashes') }} as date_input_hashes
            {%- for name in upstream %}
            left join {{ segmentation.built_dates(name) }} as {{ name }} on date_input_hashes.as_of_date = {{ name }}.as_of_date
            {%- endfor %}
        ),

        stored as (
            select
                as_of_date,
                count(*) as row_count
            from {{ this }}
            group by as_of_date
        ),

        dates as (
            select as_of_date from present
            union
            select as_of_date from stored
            union
            select as_of_date from {{ built }}
        )

        select
            cast(dates.as_of_date as {{ dbt.type_string() }}) as as_of_date,
            cast(present.version as {{ dbt.type_string() }}) as version
            {%- for name in upstream %},
            coalesce(present.lacks_{{ name }}, false) as lacks_{{ name }}
            {%- endfor %}
        from dates
        left join present on dates.as_of_date = present.as_of_date
        left join stored on dates.as_of_date = stored.as_of_date
        left join {{ built }} as built on dates.as_of_date = built.as_of_date
        where
            present.as_of_date is null
            or not coalesce(built.version = present.version and built.row_count = coalesce(stored.row_count, 0), false)
        order by dates.as_of_date
    {% endset %}
    {% set found = [] %}
    {% for row in run_query(query) %}
        {% for name in upstream if row['lacks_' ~ name] %}
            {% do exceptions.raise_compiler_error(
                "by_date: " ~ name ~ " is not built for " ~ row.as_of_date ~ ", and " ~ model.name ~ " reads it. Build it first: dbt build -s +" ~ model.name
            ) %}
        {% endfor %}
        {% do found.append({'as_of_date': row.as_of_date, 'version': row.version}) %}
    {% endfor %}
    {{ return([] if flags.EMPTY else found) }}
{% endmacro %}

{# Whether the model's SELECT gives other columns, or others by type, than the table has. #}
{% macro _has_other_columns(existing) %}
    {% set shape = make_temp_relation(this, '__shape').incorporate(type='table') %}
    {% do segmentation._run(get_create_table_as_sql(True, shape, segmentation._slice_sql(compiled_code, []))) %}
    {% set wanted, present = [], [] %}
    {% for column in adapter.get_columns_in_relation(shape) %}{% do wanted.append([column.name, column.data_type]) %}{% endfor %}
    {% for column in adapter.get_columns_in_relation(existing) %}{% do present.append([column.name, column.data_type]) %}{% endfor %}
    {% do adapter.drop_relation(shape) %}
    {{ return(wanted | sort != present | sort) }}
{% endmacro %}

{# The dates cut into slices: consecutive ones, with at most feature_slice_rows users together, or one that has more. #}
{% macro _slices(dates) %}
    {% if not dates %}{{ return([]) }}{% endif %}
    {% set sizes = {} %}
    {% set query %}
        select
            cast(as_of_date as {{ dbt.type_string() }}) as as_of_date,
            cast(count(*) as {{ dbt.type_bigint() }}) as users
        from {{ ref('user_dates') }}
        where as_of_date in ({{ segmentation.date_literals(dates | map(attribute='as_of_date') | list) }})
        group by as_of_date
    {% endset %}
    {% for row in run_query(query) %}{% do sizes.update({row.as_of_date: row.users | int}) %}{% endfor %}
    {% set slices = [] %}
    {% set last = namespace(users=0) %}
    {% for date in dates %}
        {% set users = sizes.get(date.as_of_date, 0) %}
        {% if not slices or last.users + users > segmentation.setting('feature_slice_rows') %}
            {% do slices.append([]) %}
            {% set last.users = 0 %}
        {% endif %}
        {% do slices[-1].append(date) %}
        {% set last.users = last.users + users %}
    {% endfor %}
    {{ return(slices) }}
{% endmacro %}

{# Removes the rows of dates, after what says that they are built. #}
{% macro _forget_dates(relation, built, dates) %}
    {% set literals = segmentation.date_literals(dates | map(attribute='as_of_date') | list) %}
    {% do segmentation._run('delete from ' ~ built ~ ' where as_of_date in (' ~ literals ~ ')') %}
    {% do segmentation._run('delete from ' ~ relation ~ ' where as_of_date in (' ~ literals ~ ')') %}
{% endmacro %}

{# SQL that writes down the versions of the dates of a slice, and how many rows they have. #}
{% macro _remember_dates(relation, built, slice) -%}
    insert into {{ built }} (as_of_date, version, row_count, built_by)
    with counts as (
        select
            as_of_date,
            count(*) as row_count
        from {{ relation }}
        where as_of_date in ({{ segmentation.date_literals(slice | map(attribute='as_of_date') | list) }})
        group by as_of_date
    )
    {% for date in slice %}
    select
        {{ segmentation.date_literals([date.as_of_date]) }} as as_of_date,
        {{ date.version }} as version,
        coalesce((select row_count from counts where as_of_date = {{ segmentation.date_literals([date.as_of_date]) }}), 0) as row_count,
        {{ dbt.string_literal(invocation_id) }} as built_by
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
