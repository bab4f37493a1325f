{#
    An incremental table by as_of_date around the SELECT that compares, or that computes a part of what segment_comparison
    is made of.

    What the SELECT reads by date stands in `reads` and `reads_before`: the macro makes a CTE of each name, with the rows of
    the dates that are due. A relation of `reads_before` has those of the dates before them too; the SELECT must then return
    rows of the due dates alone. Dates go into the SQL as literals, so that the engine skips all others.

    The macro adds comparison_hash: of the SQL, of the features and memberships of the date, of those of the date before it,
    and of the parts that it reads. A stored date is computed again when that differs from what is there now, so the result is
    that of a full refresh. Segments in plain SQL may read what no hash covers, so that one of them brings all dates up in
    every build.

    Arguments: rows (SQL, one SELECT, in a `set` block: dbt does not see the macros in the body of a `call` block, and
               `state:modified` would miss a change in one of them),
               reads, reads_before (lists of models with an as_of_date: user_features, user_segments, as_of_dates, and parts,
               which are models around which this macro stands).
    Call:      {% set rows %} with … select * from … {% endset %}
               {{ comparison_of_due_dates(rows, reads=['metric_rulers', 'user_segments'], reads_before=['user_features']) }}
#}
{% macro comparison_of_due_dates(rows, reads, reads_before=[]) -%}
{%- set logic_hash = segmentation.logic_hash(rows ~ segmentation.registered_segments() | join(' ')) -%}
{%- set parts = (reads + reads_before) | reject('in', ['as_of_dates', 'user_features', 'user_segments']) | list -%}
{%- set due = segmentation._due_comparison_dates(logic_hash, parts) -%}
{%- if due and not due.compare -%}
-- Nothing has changed since the last build.
select * from {{ this }}
where false
{%- else -%}
with
{%- for name in reads + reads_before %}
{{ name }} as (
    select * from {{ ref(name) }}
    where {{ segmentation.due_condition(due['compare' if name in reads else 'read'] if due else none) }}
),
{% endfor %}
computed as (
    {{ rows }}
),

present_hashes as (
    {{ segmentation._comparison_hashes(logic_hash, parts) }}
),

hashed as (
    select
        computed.*,
        present_hashes.comparison_hash
    from computed
    inner join present_hashes on computed.as_of_date = present_hashes.as_of_date
)

select * from hashed
{%- endif -%}
{%- endmacro %}

{# A SELECT with the present comparison_hash of each date. #}
{% macro _comparison_hashes(logic_hash, parts) -%}
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
    {%- for part in parts %}

    {{ part }}_hashes as (
        select distinct
            comparison_hash,
            as_of_date
        from {{ ref(part) }}
    ),
    {%- endfor %}

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

    {% set hashed = [
        "'" ~ logic_hash ~ "'", 'date_hashes.features_hash', 'date_hashes.membership_hash', 'previous_dates.as_of_date',
        'previous_dates.features_hash', 'previous_dates.membership_hash',
    ] -%}
    {%- for part in parts -%}{%- do hashed.append(part ~ '_hashes.comparison_hash') -%}{%- endfor -%}
    select
        date_hashes.as_of_date,
        date_hashes.previous_as_of_date,
        {{ segmentation.fingerprint(hashed) }} as comparison_hash,
        date_hashes.is_outdated or coalesce(previous_dates.is_outdated, false) as is_outdated
    from date_hashes
    left join date_hashes as previous_dates on date_hashes.previous_as_of_date = previous_dates.as_of_date
    {%- for part in parts %}
    left join {{ part }}_hashes on date_hashes.as_of_date = {{ part }}_hashes.as_of_date
    {%- endfor %}
{%- endmacro %}

{# The dates to compute and those to read for it, as texts; none for all of them. #}
{% macro _due_comparison_dates(logic_hash, parts) %}
    {% if not (execute and is_incremental() and flags.WHICH in ['build', 'run']) %}{{ return(none) }}{% endif %}
    {#- A table from before there were hashes. #}
    {% if 'comparison_hash' not in adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
        {{ return(none) }}
    {% endif %}
    {% if segmentation.segment_hashes().values() | selectattr('is_plain') | list %}{{ return(none) }}{% endif %}
    {% set query %}
        with hashes as (
            {{ segmentation._comparison_hashes(logic_hash, parts) }}
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
