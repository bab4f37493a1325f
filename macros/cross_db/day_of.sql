{#
    The day of an instant in the zone of `reporting_timezone` (UTC): the one place where a day begins and ends.

    Never (9999-12-31) is never in every zone.

    Arguments: instant (SQL, a timestamp in UTC).
    Call:      {{ day_of('events.occurred_at') }} as event_date
    Renders:   cast(events.occurred_at as date)
#}
{% macro day_of(instant) -%}
    {{ return('cast(' ~ segmentation.local_time(instant) ~ ' as date)') }}
{%- endmacro %}
