{#
    On which dates each segment has to be evaluated again: segment -> list of dates as text, or none for all of them.

    Asks the database, in an incremental run only: rows of user_segments that carry the present effective hash stand for
    their segment and date. A date on which nobody is a member has no row and is evaluated again; that finds nothing, cheaply.
    The dates are written into the SQL as literals, so that the engine skips all others before it counts anything.

    Arguments: hashes (from segment_hashes()).
#}
{% macro due_segment_dates(hashes) %}
    {% set due = {} %}
    {% if not (execute and is_incremental() and flags.WHICH in ['build', 'run']) %}
        {% for segment in hashes %}{% do due.update({segment: none}) %}{% endfor %}
        {{ return(due) }}
    {% endif %}
    {% set query %}
        with present as (
            {%- for segment, entry in hashes.items() %}
            select '{{ segment }}' as segment, as_of_date, {{ entry.effective_hash }} as effective_hash
            from {{ ref('feature_date_hashes') }} as date_hashes
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ),

        built as (
            select distinct segment, as_of_date, effective_hash from {{ this }}
        )

        select present.segment, cast(present.as_of_date as {{ dbt.type_string() }}) as as_of_date
        from present
        left join built
            on
                present.segment = built.segment
                and present.as_of_date = built.as_of_date
                and present.effective_hash = built.effective_hash
        where built.segment is null
        order by present.segment, present.as_of_date
    {% endset %}
    {% for segment, entry in hashes.items() %}
        {% do due.update({segment: none if entry.is_plain else []}) %}
    {% endfor %}
    {% for row in run_query(query) %}
        {% if due[row[0]] is not none %}{% do due[row[0]].append(row[1]) %}{% endif %}
    {% endfor %}
    {{ return(due) }}
{% endmacro %}
