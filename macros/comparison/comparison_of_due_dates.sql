{#
    An incremental table by as_of_date around the SELECT that compares.

    The SELECT reads these CTEs and returns all rows of the dates in `dates`:
      dates           the dates that have to be compared (again), with previous_as_of_date
      user_features   rows of these dates and of the dates before them
      user_segments   the same
    The macro adds comparison_hash: of the SQL, of the features and memberships of the date, and of those of the date
    before it. A stored date is compared again when that differs from what is there now, so the result is that of a full
    refresh. Dates go into the SQL as literals, so that the engine skips all others. Segments in plain SQL may read what no
    hash covers, so that one of them brings all dates up in every build.

    Arguments: rows (SQL, one SELECT, in a `set` block: dbt does not see the macros in the body of a `call` block, and
               `state:modified` would miss a change in one of them).
    Call:      {% set rows %} with … select * from … {% endset %}
               {{ comparison_of_due_dates(rows) }}
#}
{% macro comparison_of_due_dates(rows) -%}
{%- set logic_hash = segmentation.logic_hash(rows ~ segmentation.registered_segments() | join(' ')) -%}
{%- set due = segmentation._due_comparison_dates(logic_hash) -%}
{%- if due and not due.compare -%}
-- Nothing has changed since the last build.
select * from {{ this }}
where false
{%- else -%}
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.due_condition(due.read if due else none) }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.due_condition(due.read if due else none) }}
),

present_hashes as (
    {{ segmentation._comparison_hashes(logic_hash) }}
),

dates as (
    select
        as_of_date,
        previous_as_of_date
    from {{ ref('as_of_dates') }}
    where {{ segmentation.due_condition(due.compare if due else none) }}
),

compared_dates as (
    {{ rows }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

stamped as (
    select
        compared_dates.*,
        present_hashes.comparison_hash,
        data_through.data_through
    from compared_dates
    inner join present_hashes on compared_dates.as_of_date = present_hashes.as_of_date
    cross join data_through
)

select * from stamped
{%- endif -%}
{%- endmacro %}

{# A SELECT with the present comparison_hash of each date. #}
{% macro _comparison_hashes(logic_hash) -%}
    with
    membership_versions as (
        select distinct
            segment,
            effective_hash,
            as_of_date
        from {{ ref('user_segments') }}
    ),

    membership_hashes as (
        select
            as_of_date,
            {{ segmentation.fingerprint_sum(segmentation.fingerprint(['segment', 'effective_hash'])) }} as membership_hash,
            -- Rows that a view older than the project's files gave: not to be relied on.
            max(case when effective_hash = -1 then 1 else 0 end) = 1 as is_outdated
        from membership_versions
        group by as_of_date
    ),

    date_hashes as (
        select
            as_of_dates.as_of_date,
            as_of_dates.previous_as_of_date,
            coalesce(feature_date_hashes.features_hash, 0) as features_hash,
            coalesce(membership_hashes.membership_hash, 0) as membership_hash,
            coalesce(membership_hashes.is_outdated, false) as is_outdated
        from {{ ref('as_of_dates') }} as as_of_dates
        left join {{ ref('feature_date_hashes') }} as feature_date_hashes
            on as_of_dates.as_of_date = feature_date_hashes.as_of_date
        left join membership_hashes on as_of_dates.as_of_date = membership_hashes.as_of_date
    )

    select
        date_hashes.as_of_date,
        date_hashes.previous_as_of_date,
        {{ segmentation.fingerprint([
            "'" ~ logic_hash ~ "'", 'date_hashes.features_hash', 'date_hashes.membership_hash', 'previous_dates.as_of_date',
            'previous_dates.features_hash', 'previous_dates.membership_hash',
        ]) }} as comparison_hash,
        date_hashes.is_outdated or coalesce(previous_dates.is_outdated, false) as is_outdated
    from date_hashes
    left join date_hashes as previous_dates on date_hashes.previous_as_of_date = previous_dates.as_of_date
{%- endmacro %}

{# The dates to compare and those to read for it, as texts; none for all of them. #}
{% macro _due_comparison_dates(logic_hash) %}
    {% if not (execute and is_incremental() and flags.WHICH in ['build', 'run']) %}{{ return(none) }}{% endif %}
    {#- A table from before there were hashes. #}
    {% if 'comparison_hash' not in adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
        {{ return(none) }}
    {% endif %}
    {% if segmentation.segment_hashes().values() | selectattr('is_plain') | list %}{{ return(none) }}{% endif %}
    {% set query %}
        with hashes as (
            {{ segmentation._comparison_hashes(logic_hash) }}
        ),

        built as (
            select distinct as_of_date, comparison_hash from {{ this }}
        )

        select
            cast(hashes.as_of_date as {{ dbt.type_string() }}) as as_of_date,
            cast(hashes.previous_as_of_date as {{ dbt.type_string() }}) as previous_as_of_date
        from hashes
        left join built
            on
                hashes.as_of_date = built.as_of_date
                and hashes.comparison_hash = built.comparison_hash
        where built.as_of_date is null or hashes.is_outdated
        order by hashes.as_of_date
    {% endset %}
    {% set due = {'compare': [], 'read': []} %}
    {% for row in run_query(query) %}
        {% do due.compare.append(row[0]) %}
        {% do due.read.append(row[0]) %}
        {% if row[1] %}{% do due.read.append(row[1]) %}{% endif %}
    {% endfor %}
    {% do due.update({'read': due.read | unique | list}) %}
    {{ return(due) }}
{% endmacro %}
