{#
    The dates, by part, to build and to remove: mappings of as_of_date, date_before (none without one), part ('' for all rows) and
    version, as texts; what is no longer wanted has no version. Rows are built again too if they are not as many as were written.
    is_new: the table is still to be made, and `built` is empty.
#}
{% macro _stale_dates(built, is_new=false) %}
    {% set part_column = config.get('part_column') %}
    {% set parts_of = config.get('parts_of') %}
    {% set query %}
        with {{ segmentation._versions_of_dates() }},

        present as (
            {%- if part_column and not parts_of %}
            {%- for part, version in segmentation.segment_versions().items() %}
            select
                '{{ part }}' as part,
                as_of_date,
                previous_as_of_date,
                {{ version }} as version
            from date_versions
            {{ 'union all' if not loop.last }}
            {%- endfor %}
            {%- else %}
            select
                '' as part,
                as_of_date,
                previous_as_of_date,
                date_version as version
            from date_versions
            {%- endif %}
            {%- if parts_of %}
            union all
            select
                parts.part,
                date_versions.as_of_date,
                date_versions.previous_as_of_date,
                {{ segmentation.fingerprint(['date_versions.date_version', 'parts.version']) }} as version
            from date_versions
            inner join {{ segmentation.built_dates(parts_of) }} as parts on date_versions.as_of_date = parts.as_of_date
            {%- endif %}
        ),

        stored as (
            {%- if is_new %}
            select part, as_of_date, row_count from {{ built }}
            {%- else %}
            select
                {{ part_column or "''" }} as part,
                as_of_date,
                count(*) as row_count
            from {{ this }}
            group by {{ 'part, ' if part_column }}as_of_date
            {%- endif %}
        ),

        dates as (
            select part, as_of_date from present
            union
            select part, as_of_date from stored
            union
            select part, as_of_date from {{ built }}
        )

        select
            cast(dates.as_of_date as {{ dbt.type_string() }}) as as_of_date,
            cast(present.previous_as_of_date as {{ dbt.type_string() }}) as date_before,
            dates.part,
            cast(present.version as {{ dbt.type_string() }}) as version
        from dates
        left join present on dates.part = present.part and dates.as_of_date = present.as_of_date
        left join stored on dates.part = stored.part and dates.as_of_date = stored.as_of_date
        left join {{ built }} as built on dates.part = built.part and dates.as_of_date = built.as_of_date
        where
            present.as_of_date is null
            or not coalesce(built.version = present.version and built.row_count = coalesce(stored.row_count, 0), false)
        order by dates.as_of_date, dates.part
    {% endset %}
    {% if flags.EMPTY %}{{ return([]) }}{% endif %}
    {% do segmentation._refuse_missing_upstream() %}
    {% set found = [] %}
    {% for row in run_query(query) %}
        {% do found.append({
            'as_of_date': row.as_of_date, 'part': row.part or '', 'version': row.version,
            'date_before': row.date_before if config.get('before') else none,
        }) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# CTEs, the last of them `date_versions`: what each date of as_of_dates rests on, and the fingerprint of all that. #}
{% macro _versions_of_dates() -%}
    {%- set reads, upstream, whole = config.get('reads', []), config.get('upstream', []), config.get('reads_whole', {}) -%}
    {%- set hashed = ["'" ~ segmentation.logic_hash(compiled_code) ~ "'", 'as_of_dates.is_period_end'] -%}
    {%- for kind in reads -%}{%- do hashed.append('date_input_hashes.' ~ kind ~ '_hash') -%}{%- endfor -%}
    {%- for name in whole -%}{%- do hashed.append(name ~ '.version') -%}{%- endfor -%}
    {%- for name in upstream -%}{%- do hashed.append(name ~ '.version') -%}{%- endfor -%}
    {%- set before = config.get('before', []) -%}
    {%- if before -%}{%- do hashed.append('as_of_dates.previous_as_of_date') -%}{%- endif -%}
    {%- for name in before -%}{%- do hashed.append(name ~ '_before.version') -%}{%- endfor -%}
    {%- for name in upstream %}
    {{ name }} as (
        select
            as_of_date,
            {{ segmentation.fingerprint_sum(segmentation.fingerprint(['part', 'version'])) }} as version
        from {{ segmentation.built_dates(name) }}
        group by as_of_date
    ),
    {% endfor %}
    {%- for name, columns in whole.items() %}
    {{ name }} as (
        select {{ segmentation.fingerprint_sum(segmentation.fingerprint(columns, columns)) }} as version
        from {{ ref(name) }}
    ),
    {% endfor %}
    {%- set outcome_days = config.get('outcome_days') %}
    {%- if outcome_days == 'all' %}
    outcomes as (
        select
            as_of_date,
            max(as_of_date) over () as known_on
        from {{ ref('as_of_dates') }}
    ),
    {% elif outcome_days %}
    -- What is known when the outcome is: on that day, or on the first date after it.
    outcomes as (
        select
            as_of_dates.as_of_date,
            min(later.as_of_date) as known_on
        from {{ ref('as_of_dates') }} as as_of_dates
        left join {{ ref('as_of_dates') }} as later
            on
                later.as_of_date >= {{ segmentation.days_before('as_of_dates.as_of_date', -outcome_days) }}
                and not coalesce(later.is_running, false)
        group by as_of_dates.as_of_date
    ),
    {% endif %}
    date_versions as (
        select
            as_of_dates.as_of_date,
            as_of_dates.previous_as_of_date,
            {%- for kind in reads %}
            date_input_hashes.{{ kind }}_hash,
            {%- endfor %}
            {%- for name in upstream %}
            {{ name }}.version as {{ name }}_version,
            {%- endfor %}
            {{ segmentation.fingerprint(hashed) }} as date_version
        from {{ ref('as_of_dates') }} as as_of_dates
        {%- if outcome_days %}
        inner join outcomes on as_of_dates.as_of_date = outcomes.as_of_date
        left join {{ ref('date_input_hashes') }} as date_input_hashes on outcomes.known_on = date_input_hashes.as_of_date
        {%- elif reads %}
        inner join {{ ref('date_input_hashes') }} as date_input_hashes on as_of_dates.as_of_date = date_input_hashes.as_of_date
        {%- endif %}
        {%- for name in whole %}
        cross join {{ name }}
        {%- endfor %}
        {%- for name in upstream %}
        left join {{ name }} on as_of_dates.as_of_date = {{ name }}.as_of_date
        {%- endfor %}
        {%- for name in before %}
        left join {{ name }} as {{ name }}_before on as_of_dates.previous_as_of_date = {{ name }}_before.as_of_date
        {%- endfor %}
    )
{%- endmacro %}

{# A date that an upstream model lacks would be built from nothing. #}
{% macro _refuse_missing_upstream() %}
    {% for name in config.get('upstream', []) + ([config.get('parts_of')] if config.get('parts_of') else []) %}
        {% set query %}
            select cast(min(as_of_date) as {{ dbt.type_string() }}) as as_of_date
            from {{ ref('as_of_dates') }}
            where as_of_date not in (select built.as_of_date from {{ segmentation.built_dates(name) }} as built)
        {% endset %}
        {% for row in run_query(query) if row.as_of_date %}
            {% do exceptions.raise_compiler_error(
                'by_date: ' ~ name ~ ' is not built for ' ~ row.as_of_date ~ ', and ' ~ model.name
                ~ ' reads it. Build it first: dbt build -s +' ~ model.name
            ) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{# Whether the model's SELECT gives other columns, or others by type, than the table has. #}
{% macro _has_other_columns(existing) %}
    {% set wanted = segmentation.column_types('(' ~ segmentation._slice_sql(compiled_code, []) ~ ') as slice_rows') %}
    {% set present = segmentation.column_types(existing) %}
    {{ return(wanted.items() | sort != present.items() | sort) }}
{% endmacro %}
