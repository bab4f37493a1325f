{#
    Users who signed up in a year, a quarter, a month or a week: a cohort as people mean it. Days are those of the reporting time
    zone. A week has the number of the calendar (ISO 8601) and starts as `week_starts_on` says: it is the one with that
    week's Thursday.

    Arguments: period ('2026', '2026-Q1', '2026-03' or '2026-W05'); through (the same forms): up to the end of that one.
    Call:      signed_up_in('2026-Q1')
               signed_up_in('2026-01', through='2026-05')
    Errors:    any other form, and a `through` that ends before the period begins, stop the parse.
#}
{% macro signed_up_in(period, through=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('signed_up_in', kwargs, varargs, ['period', 'through'])) %}
    {% do segmentation._raise_problems(segmentation._signed_up_in_problems(period, through)) %}
    {% set first = segmentation._calendar_period(period)[0] %}
    {% set after = segmentation._calendar_period(period if through is none else through)[1] %}
    {% set signup_date = segmentation.days_before('as_of_date', 'tenure_days') %}
    {{ return(segmentation._criterion(
        '(' ~ signup_date ~ " >= cast('" ~ first ~ "' as date) and " ~ signup_date ~ " < cast('" ~ after ~ "' as date))",
        'signed up in ' ~ period ~ (' to ' ~ through if through is not none else ''),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of signed_up_in(), as a list of texts. #}
{% macro _signed_up_in_problems(period, through=none) %}
    {% set problems = segmentation._argument_problems('signed_up_in', [['period', period, 'text']]) %}
    {% for name, value in [['period', period], ['through', through]] if value is not none and not problems %}
        {% if not segmentation._calendar_period(value) %}
            {% do problems.append(
                'signed_up_in: `' ~ name ~ "` must be a year, quarter, month or week such as '2026', '2026-Q1', '2026-03' or '2026-W05', got "
                ~ tojson(value) ~ '.'
            ) %}
        {% endif %}
    {% endfor %}
    {% if not problems and through is not none
        and segmentation._calendar_period(through)[1] <= segmentation._calendar_period(period)[0] %}
        {% do problems.append(
            'signed_up_in: `through` must not end before `period` begins, got ' ~ tojson(through) ~ ' after ' ~ tojson(period) ~ '.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# The first day of a period and the day after its last one, as texts; none if the text is not a period. #}
{% macro _calendar_period(text) %}
    {% set found = modules.re.fullmatch('((?:19|20|21)[0-9]{2})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])|W(0[1-9]|[1-4][0-9]|5[0-3])))?', text | string) %}
    {% if text is not string or not found %}{{ return(none) }}{% endif %}
    {% set date = modules.datetime.date %}
    {% set year = found.group(1) | int %}
    {% if found.group(4) %}
        {% set week = found.group(4) | int %}
        {#- The last days of December may be in the first week of the next year; the 28th never is. -#}
        {% if week > date(year, 12, 28).isocalendar()[1] %}{{ return(none) }}{% endif %}
        {% set thursday = date.fromisocalendar(year, week, 4) %}
        {% set first_day = {'monday': 0, 'sunday': 6, 'saturday': 5}[segmentation.setting('week_starts_on')] %}
        {% set first = thursday - modules.datetime.timedelta(days=(thursday.weekday() - first_day) % 7) %}
        {{ return([first | string, (first + modules.datetime.timedelta(days=7)) | string]) }}
    {% endif %}
    {% set month = found.group(3) | int if found.group(3) else 3 * (found.group(2) | int) - 2 if found.group(2) else 1 %}
    {% set months = 1 if found.group(3) else 3 if found.group(2) else 12 %}
    {% set after = 12 * year + month - 1 + months %}
    {{ return([date(year, month, 1) | string, date(after // 12, after % 12 + 1, 1) | string]) }}
{% endmacro %}
