{#
    SQL that is true if rows on the far side of a gap of more than `max_gap_days` are too few to decide about dates: less than
    max_gap_share of all rows, or fewer than max_gap_events and less than a quarter of them.

    Arguments: rows_beyond, all_rows (SQL, numbers of rows).
    Call:      {{ is_stray('events_from_here', 'all_events') }}
#}
{% macro is_stray(rows_beyond, all_rows) -%}
    (
        {{ rows_beyond }} < {{ all_rows }} * {{ segmentation.setting('max_gap_share') }}
        or ({{ rows_beyond }} < {{ segmentation.setting('max_gap_events') }} and 4 * {{ rows_beyond }} < {{ all_rows }})
    )
{%- endmacro %}
