{#
    A time in text form as a UTC timestamp; NULL where it cannot be read.

    With an offset the text is that instant; without one it is local time in `source_timezone`. A bare date is midnight UTC
    of that date whatever the zone: it names a day, and the day must not move. Never cast such text to `timestamp`
    directly: DuckDB drops the offset without a word. Works for columns that are dates or timestamps already.

    Arguments: expression (SQL), source_timezone (IANA name, default UTC).
    Call:      {{ to_utc('occurred_at', 'Europe/Berlin') }}
#}
{% macro to_utc(expression, source_timezone='UTC') -%}
    {{ return(adapter.dispatch('to_utc', 'segmentation')(expression, source_timezone)) }}
{%- endmacro %}

{% macro default__to_utc(expression, source_timezone) -%}
    case
        when {{ segmentation.has_utc_offset(expression) }}
            then
                try_cast(
                    regexp_replace(
                        regexp_replace(cast({{ expression }} as varchar), ' ?(z|UTC)$', 'Z'), ' ([+-])', '\1'
                    ) as timestamptz
                ) at time zone 'UTC'
        when cast({{ expression }} as varchar) not like '%:%'
            then try_cast(cast({{ expression }} as varchar) as timestamp)
        else
            try_cast(cast({{ expression }} as varchar) as timestamp)
            at time zone {{ dbt.string_literal(dbt.escape_single_quotes(source_timezone)) }} at time zone 'UTC'
    end
{%- endmacro %}
