{#
    A time in text form as a UTC timestamp; NULL where it has none of the forms below.

    The form is checked before the cast: a cast alone drops words (10:00 PM, EST), believes 26-01-05 and loses offsets.
      2026-03-05                       midnight of that date in `date_timezone` (UTC) whatever the zone: it names a day, and the day must not
                                       move
      2026-03-05T10:00[:00[.123456]]   local time in `source_timezone`; `t` or one blank instead of T, comma instead of point
      the same with Z, UTC, +hh, +hhmm or +hh:mm, up to 14 hours, after at most one blank: that instant
    Years 1900 to 2199. Of a fraction nine digits are read and six are kept. Works for columns that are dates or timestamps
    already. A local time that the clocks skip is read with the offset before the change, one that they show twice is the
    later one.

    Arguments: expression (SQL), source_timezone (IANA name, default UTC), is_end (true: the column says when something ends,
               so infinity and the years 2200 to 9999 mean never: 9999-12-31), date_timezone (IANA name, default UTC).
    Call:      {{ to_utc('occurred_at', 'Europe/Berlin') }}
#}
{% macro to_utc(expression, source_timezone='UTC', is_end=false, date_timezone='UTC') -%}
    {{ return(adapter.dispatch('to_utc', 'segmentation')(expression, source_timezone, is_end, date_timezone)) }}
{%- endmacro %}

{% macro default__to_utc(expression, source_timezone, is_end, date_timezone) -%}{{ segmentation._not_written('to_utc') }}{%- endmacro %}

{% macro duckdb__to_utc(expression, source_timezone, is_end, date_timezone='UTC') -%}
    {%- set text = 'cast(' ~ expression ~ ' as varchar)' -%}
    {%- set date = segmentation._date_form() -%}
    {%- set time = segmentation._time_of_day_form() -%}
    {%- set zone = dbt.string_literal(dbt.escape_single_quotes(source_timezone)) -%}
    {%- set lenient_time = segmentation._time_of_day_form('[.,]') -%}
    case
        -- The commonest forms first: the cast takes them as they are.
        when length({{ text }}) = 10 and regexp_matches({{ text }}, '^{{ date }}$')
            then try_cast({{ text }} as timestamp)
            {%- if date_timezone != 'UTC' %} at time zone {{ segmentation.text_literal(date_timezone) }} at time zone 'UTC'{% endif %}
        when regexp_matches({{ text }}, '^{{ date }}[T ]{{ time }}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$')
            then try_cast({{ text }} as timestamptz) at time zone 'UTC'
        when regexp_matches({{ text }}, '^{{ date }}[T ]{{ time }}$')
            then try_cast({{ text }} as timestamp) at time zone {{ zone }} at time zone 'UTC'
        when regexp_matches({{ text }}, '^{{ date }}[Tt ]{{ lenient_time }}{{ segmentation._offset_form() }}$')
            then
                try_cast(
                    replace(replace(replace(replace(replace(
                        upper({{ text }}), ',', '.'), 'UTC', 'Z'), ' Z', 'Z'), ' +', '+'), ' -', '-'
                    ) as timestamptz
                ) at time zone 'UTC'
        when regexp_matches({{ text }}, '^{{ date }}[Tt ]{{ lenient_time }}$')
            then
                try_cast(replace(upper({{ text }}), ',', '.') as timestamp)
                at time zone {{ zone }} at time zone 'UTC'
        {%- if is_end %}
        when {{ text }} = 'infinity'
            then cast('9999-12-31' as timestamp)
        when
            regexp_matches(
                {{ text }},
                '^{{ segmentation._date_form('(2[2-9]|[3-9][0-9])') }}([Tt ]{{ lenient_time }}({{ segmentation._offset_form() }})?)?$'
            )
            and try_cast(substr({{ text }}, 1, 10) as date) is not null
            then cast('9999-12-31' as timestamp)
        {%- endif %}
    end
{%- endmacro %}

{# Regular expressions of the parts of a time in text form, each without ^ and $. #}
{% macro _date_form(century='(19|20|21)') -%}
    {{ return(century ~ '[0-9]{2}-[01][0-9]-[0-3][0-9]') }}
{%- endmacro %}

{% macro _time_of_day_form(point='[.]') -%}
    {{ return('([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](' ~ point ~ '[0-9]{1,9})?)?') }}
{%- endmacro %}

{% macro _offset_form() -%}
    {{ return(' ?([Zz]|UTC|[+-]((0[0-9]|1[0-3])(:?[0-5][0-9])?|14(:?00)?))') }}
{%- endmacro %}

{# Only what begins as a date is cast: a time of day alone would be taken for one of today. The session's zone is UTC. #}
{% macro spark__to_utc(expression, source_timezone, is_end, date_timezone='UTC') -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    {%- set date = '^' ~ segmentation._date_form() -%}
    {%- set time = '[Tt ]' ~ segmentation._time_of_day_form('[.,]') -%}
    {%- set plain = "replace(replace(upper(" ~ text ~ "), ',', '.'), ' ', 'T')" -%}
    {#- Nine decimals are more than a timestamp holds; an offset without minutes is not read. -#}
    {%- set instant = "regexp_replace(regexp_replace(replace(replace(replace(replace(upper(" ~ text ~ "), ',', '.'), 'UTC', 'Z'), ' Z', 'Z'), ' +', '+'), ' -([0-9:]+)\\\\z', '-$1'), '([+-][0-9]{2})\\\\z', '$1:00')" -%}
    case
        when length({{ text }}) = 10 and {{ text }} rlike {{ segmentation.text_literal(date ~ '\\z') }}
            then {% if date_timezone != 'UTC' %}{{ segmentation._spark_from_zone('try_cast(' ~ text ~ ' as timestamp)', date_timezone) }}{% else %}try_cast({{ text }} as timestamp){% endif %}
        when {{ text }} rlike {{ segmentation.text_literal(date ~ time ~ segmentation._offset_form() ~ '\\z') }}
            then try_cast({{ instant }} as timestamp)
        when {{ text }} rlike {{ segmentation.text_literal(date ~ time ~ '\\z') }}
            then {{ segmentation._spark_from_zone('try_cast(' ~ plain ~ ' as timestamp)', source_timezone) }}
        {%- if is_end %}
        when {{ text }} = 'infinity'
            then cast('9999-12-31' as timestamp)
        when
            {{ text }} rlike {{ segmentation.text_literal(
                '^' ~ segmentation._date_form('(2[2-9]|[3-9][0-9])') ~ '(' ~ time ~ '(' ~ segmentation._offset_form() ~ ')?)?\\z'
            ) }}
            and try_cast(substr({{ text }}, 1, 10) as date) is not null
            then cast('9999-12-31' as timestamp)
        {%- endif %}
    end
{%- endmacro %}

{# The UTC of a time in a zone; of an hour that comes twice, when clocks go back, the second one, as DuckDB has it. #}
{% macro _spark_from_zone(local, zone) -%}
    {%- set zone = segmentation.text_literal(zone) -%}
    {%- set first = 'to_utc_timestamp(' ~ local ~ ', ' ~ zone ~ ')' -%}
    case
        when from_utc_timestamp({{ first }} + interval 1 hour, {{ zone }}) = {{ local }} then {{ first }} + interval 1 hour
        when from_utc_timestamp({{ first }} + interval 30 minute, {{ zone }}) = {{ local }} then {{ first }} + interval 30 minute
        else {{ first }}
    end
{%- endmacro %}
