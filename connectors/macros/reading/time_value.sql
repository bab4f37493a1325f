{#
    A time as tools write it, as a UTC timestamp; NULL where it is none of these: seconds, milliseconds or microseconds since 1970 (from
    10^11 on they are milliseconds, from 10^14 on microseconds), or the forms of segmentation.to_utc(): ISO with `T` or a blank, with
    `Z`, an offset or neither.

    Arguments: text (SQL of a short expression, it is repeated), timezone (of times without an offset), counts_local (true: the seconds
               since 1970 count local time, as in Mixpanel's older projects).
    Call:      {{ time_value('created_at') }}
#}
{% macro time_value(text, timezone='UTC', counts_local=false) -%}
    case
        when regexp_full_match({{ text }}, '-?[0-9]{1,17}([.][0-9]+)?') and length({{ text }}) > 8
            then
                make_timestamp(
                    cast(
                        try_cast({{ text }} as decimal(30, 6))
                        * case
                            when abs(try_cast({{ text }} as decimal(30, 6))) < 100000000000 then 1000000
                            when abs(try_cast({{ text }} as decimal(30, 6))) < 100000000000000 then 1000
                            else 1
                        end
                        as bigint
                    )
                ){% if counts_local and timezone != 'UTC' %} at time zone {{ segmentation.text_literal(timezone) }} at time zone 'UTC'{% endif %}
        else {{ segmentation.to_utc(text, timezone) }}
    end
{%- endmacro %}
