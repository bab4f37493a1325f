{# What is stale cut into slices: of consecutive dates with at most feature_slice_rows rows together, or of one that has more. #}
{% macro _slices(stale) %}
    {% if not stale %}{{ return([]) }}{% endif %}
    {% set query %}
        select
            cast(as_of_date as {{ dbt.type_string() }}) as as_of_date,
            {%- if config.get('sized_by') %}
            cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count
        from {{ segmentation.built_dates(config.get('sized_by')) }}
            {%- else %}
            cast(count(*) as {{ dbt.type_bigint() }}) as row_count
        from {{ ref('user_dates') }}
            {%- endif %}
        where {{ segmentation._on_dates(stale | map(attribute='as_of_date') | list) }}
        group by as_of_date
    {% endset %}
    {% set sizes = {} %}
    {% for row in run_query(query) %}{% do sizes.update({row.as_of_date: (row.row_count or 0) | int}) %}{% endfor %}
    {% set slices = [] %}
    {% set last = namespace(rows=0, date=none) %}
    {% for entry in stale %}
        {% if entry.as_of_date != last.date %}
            {% set rows = sizes.get(entry.as_of_date, 0) %}
            {% if not slices or last.rows + rows > segmentation.setting('feature_slice_rows') %}
                {% do slices.append([]) %}
                {% set last.rows = 0 %}
            {% endif %}
            {% set last.rows = last.rows + rows %}
            {% set last.date = entry.as_of_date %}
        {% endif %}
        {% do slices[-1].append(entry) %}
    {% endfor %}
    {{ return(slices) }}
{% endmacro %}

{# The model's SQL for the dates and parts of a slice, from _stale_dates(); without any it yields no row. #}
{% macro _slice_sql(sql, slice) -%}
    {%- set dates = slice | map(attribute='as_of_date') | list -%}
    {%- set conditions = {
        segmentation._slice_text(): segmentation._on_dates(dates),
        segmentation._slice_text(before=true):
            segmentation._on_dates(dates + slice | selectattr('date_before') | map(attribute='date_before') | list),
        segmentation._slice_text(by_part=true): segmentation._on_parts(slice | selectattr('part') | list),
    } -%}
    {%- set parts = [''] if config.get('parts_of') else segmentation.segment_versions() if config.get('part_column') else [] -%}
    {%- for part in parts -%}
        {%- do conditions.update({
            segmentation._slice_text(part=part):
                segmentation._on_dates(slice | selectattr('part', 'eq', part) | map(attribute='as_of_date') | list)
        }) -%}
    {%- endfor -%}
    {%- set texts = namespace(sql=sql) -%}
    {%- for text, condition in conditions.items() -%}{%- set texts.sql = texts.sql | replace(text, condition) -%}{%- endfor -%}
    {{ return(texts.sql) }}
{%- endmacro %}

{# The condition that a row belongs to one of some dates and parts, by the columns as_of_date and part_column; false for none. #}
{% macro _on_parts(entries) -%}
    {%- set parts_of_dates, conditions = {}, [] -%}
    {%- for part, of_part in entries | groupby('part') -%}
        {%- do parts_of_dates.setdefault(segmentation._on_dates(of_part | map(attribute='as_of_date') | list), []).append(part) -%}
    {%- endfor -%}
    {%- for on_dates, parts in parts_of_dates.items() -%}
        {%- do conditions.append('(' ~ config.get('part_column') ~ ' in (' ~ segmentation.text_literals(parts) ~ ') and ' ~ on_dates ~ ')') -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else 'false') }}
{%- endmacro %}

{# The condition that as_of_date is one of some dates; false for none. #}
{% macro _on_dates(dates) -%}
    {{ return('as_of_date in (' ~ segmentation.date_literals(dates | unique | list) ~ ')' if dates else 'false') }}
{%- endmacro %}

{# Removes the rows of dates and parts, after what says that they are built. #}
{% macro _forget(relation, built, entries) %}
    {% do segmentation._run(segmentation.delete_rows(built, segmentation._of_entries('part', entries))) %}
    {% do segmentation._run(segmentation.delete_rows(relation, segmentation._of_entries(config.get('part_column'), entries))) %}
{% endmacro %}

{# The condition that a row belongs to some dates and parts, by the columns as_of_date and `column`; without `column`, by dates alone. #}
{% macro _of_entries(column, entries) -%}
    {%- set conditions = [] -%}
    {%- for part, of_part in entries | groupby('part') -%}
        {%- set dates = segmentation._on_dates(of_part | map(attribute='as_of_date') | list) -%}
        {%- do conditions.append('(' ~ column ~ ' = ' ~ dbt.string_literal(part) ~ ' and ' ~ dates ~ ')' if column else dates) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}

{# SQL that writes down the versions of a slice's dates and parts, and how many rows they have. #}
{% macro _remember(relation, built, slice) -%}
    {%- set part_column = config.get('part_column') -%}
    insert into {{ built }} (part, as_of_date, version, row_count, built_by)
    with counts as (
        select
            {{ part_column or "''" }} as part,
            as_of_date,
            count(*) as row_count
        from {{ relation }}
        where {{ segmentation._on_dates(slice | map(attribute='as_of_date') | list) }}
        group by {{ 'part, ' if part_column }}as_of_date
    ),

    versions as (
        {%- for entry in slice %}
        select
            {{ dbt.string_literal(entry.part) }} as part,
            {{ segmentation.date_literals([entry.as_of_date]) }} as as_of_date,
            {{ entry.version }} as version
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select
        versions.part,
        versions.as_of_date,
        versions.version,
        coalesce(counts.row_count, 0) as row_count,
        {{ dbt.string_literal(invocation_id) }} as built_by
    from versions
    left join counts on versions.part = counts.part and versions.as_of_date = counts.as_of_date
{%- endmacro %}
