{#
    What every criterion macro is made of. A criterion is a mapping:
      is_criterion  true: marks it as one
      sql           a boolean expression over the columns of user_features and of the measures; may be NULL
      text          the same in words
      measures      name -> a column that the segment computes before it evaluates any criterion (see below)
      segments      names of segments whose membership the expression uses (column in_<segment>)
      accounts      name -> {criterion, …}: columns computed over the users of an account
    Plain SQL given by a person becomes one too. The names of measures contain a hash of what they compute, so that two
    criteria that count the same share one column.

    A measure is a mapping:
      kind       'activity': an aggregate over rows of activity known on the date
                 'rank':     the share of users of the date, from the top, that a value closes (cume_dist, descending)
                 'sequence', 'history': a table of their own, see segment()
      sql        the aggregate or window function
      reads      'days' (the rollup user_event_days) or 'events' (single events, for properties)
      events     names to which the rows are limited
      days       how far back it looks, none = all history
      signup     whether it needs signup_date
      default    what a user without any row has: 0 for counts, NULL for dates
#}
{% macro _criterion(sql, text, measures={}, segments=[], accounts={}) %}
    {{ return({
        'is_criterion': true, 'sql': sql, 'text': text, 'measures': measures, 'segments': segments, 'accounts': accounts,
    }) }}
{% endmacro %}

{# A criterion as it is, and a text as a criterion in plain SQL. #}
{% macro _as_criterion(value) %}
    {% if value is mapping and value.get('is_criterion') %}{{ return(value) }}{% endif %}
    {% set sql = value | string %}
    {{ return(segmentation._criterion('(' ~ sql.strip() ~ ')', modules.re.sub('[ \n]+', ' ', sql).strip())) }}
{% endmacro %}

{#
    Stops the parse with all problems of a criterion's arguments; names the model. Not for a model that is switched off: dbt
    renders it all the same, and its events need not be those of the project that switched it off.
#}
{% macro _raise_problems(problems) %}
    {% if problems and not (model is defined and model and model.config.enabled is false) %}
        {{ exceptions.raise_compiler_error(
            (model.name ~ ': ' if model is defined and model else '') ~ problems | join('\n    ')
        ) }}
    {% endif %}
{% endmacro %}

{#
    Checks of arguments, as a list of texts. `rules` is a list of [argument, value, rule]; a value of none passes all but
    'event', 'text' and 'required'. Rules: days (whole number ≥ 1), count (whole number ≥ 0), number (finite), share (> 0 and
    ≤ 1), event (a listed name or a list of them), text, date (YYYY-MM-DD), boolean.
#}
{% macro _argument_problems(macro, rules) %}
    {% set problems = [] %}
    {% for argument, given_value, rule in rules %}
        {% set requirement = none %}
        {% set value = none if given_value is undefined else given_value %}
        {% if rule == 'event' %}
            {% set names = segmentation.listed_events() | map(attribute='name') | list %}
            {% set given = [value] if value is string else (value if value is sequence and value is not mapping else []) %}
            {% if given_value is undefined %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` is required.') %}
            {% elif not given %}
                {% set requirement = 'must be the name of an event or a list of names' %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` ' ~ requirement ~ ', got ' ~ tojson(value) ~ '.') %}
            {% endif %}
            {% for name in given if name not in names %}
                {% set nearest = segmentation._nearest_name(name | string, names) %}
                {% do problems.append(
                    macro ~ ": `" ~ argument ~ "` must be an event of `vars: events`, got '" ~ name ~ "'"
                    ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
                ) %}
            {% endfor %}
        {% elif value is none %}
            {% if rule in ('text', 'required') %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` is required.') %}
            {% endif %}
        {% else %}
            {% set is_number = value is number and value is not boolean %}
            {% set is_whole = value is integer and value is not boolean %}
            {% if rule == 'days' and not (is_whole and value >= 1) %}
                {% set requirement = 'must be a whole number ≥ 1' %}
            {% elif rule == 'count' and not (is_whole and value >= 0) %}
                {% set requirement = 'must be a whole number ≥ 0' %}
            {% elif rule == 'number' and not segmentation._is_finite(value) %}
                {% set requirement = 'must be a number' %}
            {% elif rule == 'share' and not (is_number and value > 0 and value <= 1) %}
                {% set requirement = 'must be a number above 0 and at most 1' %}
            {% elif rule == 'text' and not (value is string and value.strip()) %}
                {% set requirement = 'must be a text' %}
            {% elif rule == 'date' and not segmentation._is_date(value) %}
                {% set requirement = 'must be a date in the form YYYY-MM-DD' %}
            {% elif rule == 'boolean' and value is not boolean %}
                {% set requirement = 'must be true or false' %}
            {% endif %}
            {% if requirement %}
                {% do problems.append(macro ~ ': `' ~ argument ~ '` ' ~ requirement ~ ', got ' ~ tojson(value) ~ '.') %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}

{# Whether a value is a number that SQL can write: true and false are none, nor are NaN and infinity. #}
{% macro _is_finite(value) %}
    {{ return(value is number and value is not boolean and value == value and -1e308 <= value <= 1e308) }}
{% endmacro %}

{# Whether a value is a text YYYY-MM-DD that names a day: 2026-02-30 does not. #}
{% macro _is_date(value) %}
    {% if value is not string or not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value) %}{{ return(false) }}{% endif %}
    {% set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int %}
    {% if year < 1 or month < 1 or month > 12 or day < 1 %}{{ return(false) }}{% endif %}
    {% set found = modules.datetime.date(year, month, 1) + modules.datetime.timedelta(days=day - 1) %}
    {{ return(found.month == month) }}
{% endmacro %}

{#
    What is wrong with at_least, at_most and exactly together: at most one reading, not an empty range, and not one that
    holds everybody, as `at least 0 times` does.
#}
{% macro _range_problems(macro, at_least, at_most, exactly, rule='count', include_zero=true) %}
    {% set problems = segmentation._argument_problems(macro, [
        ['at_least', at_least, 'days' if rule == 'count' else rule], ['at_most', at_most, rule], ['exactly', exactly, rule],
    ]) %}
    {% if not problems %}
        {% if exactly is not none and (at_least is not none or at_most is not none) %}
            {% do problems.append(macro ~ ': `exactly` excludes `at_least` and `at_most`.') %}
        {% elif at_least is not none and at_most is not none and at_least > at_most %}
            {% do problems.append(
                macro ~ ': `at_least` must not be above `at_most`, got ' ~ at_least ~ ' and ' ~ at_most ~ '.'
            ) %}
        {% elif include_zero is false and (at_most == 0 or exactly == 0) %}
            {% do problems.append(
                macro ~ ': `include_zero=false` leaves nobody in ' ~ ('`at_most=0`' if exactly is none else '`exactly=0`') ~ '.'
            ) %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    The SQL of a range over a column: all the bounds that are given. `is_double`: for sums and averages of doubles, which reach
    a bound if they do but for rounding (1e-12 of it): 0.1 + 0.7 is a little less than 0.8.
#}
{% macro _range_sql(column, at_least, at_most, exactly, is_double=false) %}
    {% set parts = [] %}
    {% if is_double %}
        {% set low, high = at_least if exactly is none else exactly, at_most if exactly is none else exactly %}
        {% if low is not none %}{% do parts.append(column ~ ' >= ' ~ (low - 1e-12 * low | abs)) %}{% endif %}
        {% if high is not none %}{% do parts.append(column ~ ' <= ' ~ (high + 1e-12 * high | abs)) %}{% endif %}
        {{ return('(' ~ parts | join(' and ') ~ ')') }}
    {% endif %}
    {% if exactly is not none %}{% do parts.append(column ~ ' = ' ~ exactly) %}{% endif %}
    {% if at_least is not none %}{% do parts.append(column ~ ' >= ' ~ at_least) %}{% endif %}
    {% if at_most is not none %}{% do parts.append(column ~ ' <= ' ~ at_most) %}{% endif %}
    {{ return('(' ~ parts | join(' and ') ~ ')') }}
{% endmacro %}

{# The same in words: 'at least 3', 'between 3 and 5', 'exactly 0'. #}
{% macro _range_text(at_least, at_most, exactly) %}
    {% if exactly is not none %}{{ return('exactly ' ~ exactly) }}{% endif %}
    {% if at_least is not none and at_most is not none %}{{ return('between ' ~ at_least ~ ' and ' ~ at_most) }}{% endif %}
    {% if at_most is not none %}{{ return('at most ' ~ at_most) }}{% endif %}
    {{ return('at least ' ~ at_least) }}
{% endmacro %}

{#
    Which rows of activity a count looks at: a mapping {sql, text, days, signup}. Exactly one of within_days, between and
    within_days_of_signup, or none of them for all history.
#}
{% macro _period(within_days=none, between=none, within_days_of_signup=none) %}
    {% if within_days is not none %}
        {{ return({
            'sql': segmentation.in_window('activity.event_date', 'dates.as_of_date', within_days),
            'text': 'in the last ' ~ within_days ~ ' days', 'days': within_days, 'signup': false, 'suffix': within_days ~ 'd',
        }) }}
    {% elif between is not none %}
        {{ return({
            'sql': "activity.event_date between cast('" ~ between[0] ~ "' as date) and cast('" ~ between[1] ~ "' as date)",
            'text': 'between ' ~ between[0] ~ ' and ' ~ between[1], 'days': none, 'signup': false, 'suffix': 'between',
        }) }}
    {% elif within_days_of_signup is not none %}
        {{ return({
            'sql': '(activity.event_date >= activity.signup_date and activity.event_date < '
                ~ segmentation.days_before('activity.signup_date', -within_days_of_signup) ~ ')',
            'text': 'in the first ' ~ within_days_of_signup ~ ' days since signup', 'days': none, 'signup': true,
            'suffix': 'first_' ~ within_days_of_signup ~ 'd',
        }) }}
    {% endif %}
    {{ return({'sql': 'true', 'text': 'ever', 'days': none, 'signup': false, 'suffix': 'ever'}) }}
{% endmacro %}

{# What is wrong with the arguments of _period(), as a list of texts. #}
{% macro _period_problems(macro, within_days, between, within_days_of_signup) %}
    {% set problems = segmentation._argument_problems(macro, [
        ['within_days', within_days, 'days'], ['within_days_of_signup', within_days_of_signup, 'days'],
    ]) %}
    {% if between is not none %}
        {% if between is string or between is not sequence or between | length != 2 %}
            {% do problems.append(macro ~ ': `between` must be a list of two dates, got ' ~ tojson(between) ~ '.') %}
        {% else %}
            {% set dated = segmentation._argument_problems(macro, [
                ['between', between[0], 'date'], ['between', between[1], 'date'],
            ]) %}
            {% do problems.extend(dated) %}
            {% if not dated and between[0] > between[1] %}
                {% do problems.append(
                    macro ~ ': `between` must name the earlier date first, got ' ~ between[0] ~ ' and ' ~ between[1] ~ '.'
                ) %}
            {% endif %}
        {% endif %}
    {% endif %}
    {% if [within_days, between, within_days_of_signup] | reject('none') | list | length > 1 %}
        {% do problems.append(
            macro ~ ': only one of `within_days`, `between` and `within_days_of_signup` can be given.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{#
    The SQL of a filter on event properties: a mapping property -> value, list of values, or {operator: value} with one of
    =, !=, >, >=, <, <=. Numbers are compared as numbers, booleans as to_boolean() reads them, all else as text; by order
    only numbers: as texts, '9' would be more than '10'. A property that is missing, or cannot be read so, meets nothing.
#}
{% macro _properties_sql(where, relation='activity') %}
    {% set parts = [] %}
    {% for property, asked in where.items() %}
        {% set comparisons = asked if asked is mapping else {'in': [asked] if asked is string or asked is not sequence else asked} %}
        {% for operator, value in comparisons.items() %}
            {% set values = value if operator == 'in' else [value] %}
            {% set numeric = values | reject('number') | list | length == 0 and values | select('boolean') | list | length == 0 %}
            {% set logical = values | reject('boolean') | list | length == 0 %}
            {% set column = segmentation.event_property(
                property, 'double' if numeric else ('boolean' if logical else 'text'), relation
            ) %}
            {% set literals = [] %}
            {% for item in values %}
                {% set text = item | string | lower if item is boolean else item %}
                {% do literals.append(
                    item ~ 'e0' if item is integer and numeric else (item if numeric
                    else (text if logical else segmentation.text_literal(text)))
                ) %}
            {% endfor %}
            {% do parts.append(column ~ ' ' ~ (
                'in (' ~ literals | join(', ') ~ ')' if operator == 'in' else operator ~ ' ' ~ literals[0]
            )) %}
        {% endfor %}
    {% endfor %}
    {{ return('coalesce(' ~ parts | join(' and ') ~ ', false)') }}
{% endmacro %}

{# What is wrong with a filter on properties, as a list of texts. #}
{% macro _properties_problems(macro, where) %}
    {% set problems = [] %}
    {% if where is not none %}
        {% if where is not mapping or not where %}
            {% do problems.append(
                macro ~ ': `where` must be a mapping of property to value, list or {operator: value}, got ' ~ tojson(where) ~ '.'
            ) %}
        {% else %}
            {% for property, asked in where.items() %}
                {% set values = asked.values() | list if asked is mapping
                    else (asked if asked is sequence and asked is not string else [asked]) %}
                {% if property is not string or not property or not values
                    or values | reject('string') | reject('number') | list %}
                    {% do problems.append(
                        macro ~ ': `where` must be a mapping of property to value, list or {operator: value}, got '
                        ~ tojson({property: asked}) ~ '.'
                    ) %}
                {% endif %}
            {% endfor %}
            {% for property, asked in where.items() if not problems %}
                {% set comparisons = asked if asked is mapping else {'=': asked} %}
                {% for operator, value in comparisons.items() %}
                    {% if operator not in ['=', '!=', '>', '>=', '<', '<='] %}
                        {% do problems.append(
                            macro ~ ": `where` accepts the operators =, !=, >, >=, <, <=, got '" ~ operator ~ "' for " ~ property ~ '.'
                        ) %}
                    {% elif operator not in ['=', '!='] and not segmentation._is_finite(value) %}
                        {% do problems.append(
                            macro ~ ': `where` compares `' ~ property ~ '` by ' ~ operator ~ ' with a number, got ' ~ tojson(value) ~ '.'
                        ) %}
                    {% else %}
                        {% for item in ([value] if value is string or value is not sequence else value)
                            if item is number and item is not boolean and not segmentation._is_finite(item) %}
                            {% do problems.append(
                                macro ~ ': `where` must compare `' ~ property ~ '` with a finite number, got ' ~ tojson(item) ~ '.'
                            ) %}
                        {% endfor %}
                    {% endif %}
                {% endfor %}
            {% endfor %}
        {% endif %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}

{# A filter on properties in words. #}
{% macro _properties_text(where) %}
    {{ return(' where ' ~ tojson(where, sort_keys=true) if where else '') }}
{% endmacro %}

{#
    A measure over activity and its name: a mapping {name, measures}. `aggregate` is SQL over activity (event_name, events,
    event_date, known_date, signup_date, and properties where a filter is given) and dates.as_of_date.
#}
{% macro _activity_measure(label, aggregate, events, period, where=none, default='0', reads=none) %}
    {% set measure = {
        'kind': 'activity', 'sql': aggregate, 'reads': reads or ('events' if where else 'days'), 'events': events,
        'days': period.days, 'signup': period.signup, 'default': default,
    } %}
    {% set name = segmentation._measure_name(label, measure) %}
    {{ return({'name': name, 'measures': {name: measure}}) }}
{% endmacro %}

{# A readable column name with a hash of what it computes. #}
{% macro _measure_name(label, measure) %}
    {{ return(
        modules.re.sub('[^a-z0-9]+', '_', label | lower)[:48].strip('_') ~ '__' ~ local_md5(tojson(measure, sort_keys=true))[:6]
    ) }}
{% endmacro %}

{# The events of an argument as a list of names. #}
{% macro _event_list(event) %}
    {{ return([event] if event is string else event | list) }}
{% endmacro %}

{# The count of events in a period, as a measure (see _activity_measure()). #}
{% macro _count_measure(event, period, where=none) %}
    {% set events = segmentation._event_list(event) %}
    {% set condition = 'activity.event_name in (' ~ segmentation.text_literals(events) ~ ') and ' ~ period.sql %}
    {% if where %}{% set condition = condition ~ ' and ' ~ segmentation._properties_sql(where) %}{% endif %}
    {{ return(segmentation._activity_measure(
        'count_' ~ events | join('_or_') ~ '_' ~ period.suffix,
        'cast(sum(case when ' ~ condition ~ ' then activity.events else 0 end) as bigint)',
        events, period, where,
    )) }}
{% endmacro %}
