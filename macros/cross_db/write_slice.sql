{#
    Puts the rows of a slice of a model by date in the place of those that the table has for the same dates and parts, and writes down
    what they were made from. See by_date(), which calls it, for the order of what happens and what a kill leaves.

    On Spark, the slice is computed into a table beside; then whole dates are overwritten in one statement, with the rows of the parts
    that are not due kept from the table itself; a date that came out empty is dropped.

    Arguments: relation, built (the table of built_dates()), sql (the SELECT of the slice), slice (entries of _stale_dates()),
               names (columns of the table, in its order, as a text).
#}
{% macro write_slice(relation, built, sql, slice, names) -%}
    {{ return(adapter.dispatch('write_slice', 'segmentation')(relation, built, sql, slice, names)) }}
{%- endmacro %}

{% macro default__write_slice(relation, built, sql, slice, names) -%}
    {%- do segmentation._forget(relation, built, slice) -%}
    {%- call statement('main') -%}
        insert into {{ relation }} ({{ names }})
        select {{ names }} from (
            {{ sql }}
        ) as slice_rows
    {%- endcall -%}
    {%- do segmentation._run(segmentation._remember(relation, built, slice)) -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro spark__write_slice(relation, built, sql, slice, names) -%}
    {%- set beside = relation.incorporate(path={'identifier': relation.identifier ~ '__slice'}, type='table') -%}
    {%- set dates = segmentation._on_dates(slice | map(attribute='as_of_date') | list) -%}
    {%- set due = segmentation._of_entries(config.get('part_column'), slice) -%}
    {%- do segmentation._run(segmentation.delete_rows(built, segmentation._of_entries('part', slice))) -%}
    {%- do segmentation._run('drop table if exists ' ~ beside) -%}
    {%- do segmentation._run('create table ' ~ beside ~ ' using parquet as ' ~ segmentation.prepared_sql(sql)) -%}
    {%- do segmentation.drop_prepared() -%}
    {%- set all_rows -%}
        select {{ names }} from {{ beside }}
        {%- if config.get('part_column') %}
        union all
        select {{ names }} from {{ relation }} where {{ dates }} and not coalesce({{ due }}, false)
        {%- endif %}
    {%- endset -%}
    {%- set filled = segmentation._text_rows('select distinct as_of_date from (' ~ all_rows ~ ') as all_rows') | map('first') | list -%}
    {%- if filled -%}
        {%- call statement('main') -%}
            insert overwrite table {{ relation }}
            {{ all_rows }}
        {%- endcall -%}
    {%- else -%}
        {%- call noop_statement('main', 'NO ROWS', rows_affected=0) -%}{%- endcall -%}
    {%- endif -%}
    {%- set emptied = [] -%}
    {%- for date in slice | map(attribute='as_of_date') | unique if date not in filled -%}{%- do emptied.append([date]) -%}{%- endfor -%}
    {%- do segmentation._drop_partitions(relation, ['as_of_date'], emptied) -%}
    {%- do segmentation._run(segmentation._remember(relation, built, slice)) -%}
    {%- do segmentation._run('drop table ' ~ beside) -%}
{%- endmacro %}
