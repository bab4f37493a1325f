{#
    A SELECT of what is compared on a date: one row per segment and baseline, with other_group, whose users the baseline is made
    of. The group without a name is everybody; of the baseline `rest` the segment's own users are then taken away.

    Arguments: pairs (from setting('comparison_pairs')); segments is in scope.
    Call:      compared_groups as ( {{ compared_groups(setting('comparison_pairs')) }} )
#}
{% macro compared_groups(pairs) -%}
    select
        segment,
        'rest' as baseline,
        '' as other_group
    from segments
    union all
    select
        segment,
        'all' as baseline,
        '' as other_group
    from segments
    {%- for segment, other_segment in pairs %}
    union all
    select
        '{{ segment }}' as segment,
        'segment:{{ other_segment }}' as baseline,
        '{{ other_segment }}' as other_group
    {%- endfor %}
{%- endmacro %}
