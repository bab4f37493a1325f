{#
    Materialization of a table by as_of_date: the model's SELECT is written once, for all dates, and computed for those that are
    due, in slices that fit in memory.

    A date is due when its version is not the one that it was built with: a fingerprint of the model's compiled SQL, of the inputs
    that it reads on the date, and of the versions of the models by date that it reads. built_dates() holds them. Each slice is one
    transaction: the state of its dates is forgotten, their rows are replaced, the state is remembered. A build that is killed keeps
    the slices that it finished, and the next one makes the rest. Dates that are no longer wanted go.

    The columns data_through and is_decision_date are stamps: they are brought up to date on the dates that are not built again too.

    Where the SELECT has other columns than the table, and on a full refresh, the table is made anew, in place: until the last slice
    is done it lacks dates.

    Config: reads (list): what the SELECT reads, of _kinds_of_input();
            upstream (list): the models by date that it reads;
            reads_whole (mapping): small relations without dates, with the columns that it reads of each: {'segments': ['label']};
              one that stands behind a view needs `-- depends_on:`;
            outcome_days: it judges a date by what happens in so many days after it: `reads` are those of the end of that time; or
              'all': by all that happens after it, up to the newest date;
            sized_by (one of `upstream`, or `parts_of`): its rows bound the slices; without it the users of user_dates do;
            before (list): those of `upstream` that it reads on the date before each date too, by in_slice(before=true);
            part_column: the rows of each segment, by this column, are due apart from those of others. What they rest on is said by
              segment_versions(), of the hashes and versions that `reads` and `upstream` name, for in_slice(part=…); or
            parts_of: they rest on the rows of that segment in this model, which has the same column, besides what `reads` and
              `upstream` name: in_slice(by_part=true) is for this model, in_slice(part='') for the rows of no segment.
    The SELECT has a column as_of_date, keeps what it reads to in_slice(), and reads nothing that `reads`, `reads_whole` and
    `upstream` leave out.
    Call:   {{ config(materialized='by_date', reads=['population', 'activity'], upstream=['user_key_events']) }}
    Errors: no in_slice() in the SQL, an unknown entry in `reads`, one in `before` that is not upstream, `parts_of` without
            `part_column`, and a date that an upstream model lacks stop the build.
#}
{% materialization by_date, default %}
    {%- do segmentation._check_by_date(compiled_code) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set built = segmentation.built_dates(model.name) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set progress = namespace(is_new=existing is none or existing.type != 'table' or should_full_refresh(), stale=[]) -%}
    {%- set planning = segmentation._plan_quickly() -%}
    {%- if not progress.is_new -%}
        {%- do segmentation._run(segmentation._create_built_dates(built)) -%}
        {%- set progress.stale = segmentation._stale_dates(built) -%}
        {%- set progress.is_new = progress.stale and segmentation._has_other_columns(existing) -%}
    {%- endif -%}
    {%- if progress.is_new -%}
        {%- do segmentation._run('drop table if exists ' ~ built) -%}
        {%- do segmentation._run(segmentation._create_built_dates(built)) -%}
        {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
        {%- set progress.stale = segmentation._stale_dates(built, is_new=true) -%}
    {%- endif -%}

    {%- set gone = progress.stale | rejectattr('version') | list -%}
    {%- if gone -%}
        {%- do segmentation._forget(target_relation, built, gone) -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- set slices = segmentation._slices(progress.stale | selectattr('version') | list) -%}
    {%- if progress.is_new -%}
        {#- The table is that of its first slice, so that the statement is planned once. -#}
        {%- set first = slices.pop(0) if slices else [] -%}
        {%- call statement('main') -%}
            {{ segmentation.create_by_date(target_relation, segmentation.prepared_sql(segmentation._slice_sql(compiled_code, first))) }}
        {%- endcall -%}
        {%- do segmentation.drop_prepared() -%}
        {%- if first -%}{%- do segmentation._run(segmentation._remember(target_relation, built, first)) -%}{%- endif -%}
        {%- do persist_docs(target_relation, model) -%}
        {%- do adapter.commit() -%}
    {%- elif not slices -%}
        {%- call noop_statement('main', 'NOTHING DUE', rows_affected=-1) -%}{%- endcall -%}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation) -%}
    {%- set names = columns | map(attribute='quoted') | join(', ') -%}
    {%- for slice in slices -%}
        {%- do segmentation.write_slice(target_relation, built, segmentation._slice_sql(compiled_code, slice), slice, names) -%}
    {%- endfor -%}
    {%- for name in ['data_through', 'is_decision_date'] if name in columns | map(attribute='name') -%}
        {%- do segmentation._run(segmentation._stamp(target_relation, name)) -%}
    {%- endfor -%}
    {%- do segmentation._plan_as_before(planning) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Runs a statement of the transaction. #}
{% macro _run(sql) -%}
    {%- if sql | trim -%}{%- call statement('by_date') -%}{{ sql }}{%- endcall -%}{%- endif -%}
{%- endmacro %}

{# SQL that brings a stamp of all rows up to date. #}
{% macro _stamp(relation, name) -%}
    {%- if name == 'data_through' -%}
        {%- set value = '(select newest.data_through from ' ~ ref('data_through') ~ ' as newest)' -%}
    {%- else -%}
        {%- set value = 'coalesce(as_of_date = (select max(dates.as_of_date) from ' ~ ref('as_of_dates')
            ~ ' as dates where dates.is_period_end), false)' -%}
    {%- endif -%}
    {{ segmentation.update_column(relation, name, value) }}
{%- endmacro %}

{#
    The kinds of input that a model by date may read: what becomes known day by day, each with a column <kind>_hash of
    date_input_hashes, which sums it up; and `reference`, the seeds, known on all dates.
#}
{% macro _kinds_of_input() -%}
    {{ return(['activity', 'campaigns', 'crm', 'invoices', 'population', 'present', 'spend', 'voice', 'traits', 'reference']) }}
{%- endmacro %}

{% macro _check_by_date(sql) -%}
    {%- set kinds = segmentation._kinds_of_input() -%}
    {%- set problems = [] -%}
    {%- for kind in config.get('reads', []) if kind not in kinds -%}
        {%- do problems.append("by_date: unknown entry '" ~ kind ~ "' in `reads`; expected one of " ~ kinds | join(', ') ~ ".") -%}
    {%- endfor -%}
    {%- set before = config.get('before', []) -%}
    {%- if before is not sequence or before is string or before | reject('in', config.get('upstream', [])) | list -%}
        {%- do problems.append("by_date: `before` must be a list of models that `upstream` names, and is " ~ before ~ ".") -%}
    {%- endif -%}
    {%- if config.get('parts_of') and not config.get('part_column') -%}
        {%- do problems.append("by_date: `parts_of` needs `part_column`, the column that says whose a row is.") -%}
    {%- endif -%}
    {%- if 'true /* as_of_date in slice' not in sql -%}
        {%- do problems.append("by_date: " ~ model.name ~ " reads no relation of the dates being built, by in_slice().") -%}
    {%- endif -%}
    {%- do segmentation._raise_problems(problems) -%}
{%- endmacro %}

{#
    DuckDB 2.0 takes longer to plan large statements than to run them, for two of its optimizers, and with one of them alone it
    may never end. Without both, one date of user_features takes 2.5 s instead of 6.0, and one of metric_sums 0.1 s instead of
    2.9. What was set before, for _plan_as_before(); none on other engines.
#}
{% macro _plan_quickly() -%}{{ return(adapter.dispatch('plan_quickly', 'segmentation')()) }}{%- endmacro %}

{% macro default__plan_quickly() -%}{{ return(none) }}{%- endmacro %}

{% macro duckdb__plan_quickly() -%}
    {%- set before = run_query("select current_setting('disabled_optimizers') as names").rows[0][0] or '' -%}
    {%- do segmentation._run("set disabled_optimizers = '" ~ (before.split(',') + ['projection_pullup', 'projection_placement']) | select | unique | join(',') ~ "'") -%}
    {{ return(before) }}
{%- endmacro %}

{% macro _plan_as_before(before) -%}
    {%- if before is not none -%}{%- do segmentation._run("set disabled_optimizers = '" ~ before ~ "'") -%}{%- endif -%}
{%- endmacro %}
