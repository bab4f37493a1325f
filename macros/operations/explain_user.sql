{#
    Prints why a user is or is not in a segment on a date: each criterion in words, the user's values of the columns and
    counts in it, and whether it holds; then since when the user is in, or was.

    Arguments: user_id, segment (a registered name), as_of_date (one of as_of_dates; default: the newest).
    Call:      dbt run-operation explain_user --args '{user_id: "u00012", segment: power_users, as_of_date: 2026-10-18}'
    Prints:    User u00012, segment power_users (Power users), on 2026-10-18
                 holds  habitual: active_days_28d >= 12
                          active_days_28d = 17
                 fails  broad: distinct_features_28d >= 5
                          distinct_features_28d = 4
               Not in the segment on this date: 1 of 2 criteria fails (broad).
               In the segment from 2026-03-01 until 2026-05-03, when the user was not in it any more.
    Errors:    a segment that is not registered (names the nearest), a user whom no input names, a date that is not
               evaluated (names the dates around it).
#}
{% macro explain_user(user_id, segment, as_of_date=none) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set segments = segmentation.registered_segments() %}
    {% if segment not in segments %}
        {% set nearest = segmentation._nearest_name(segment | string, segments) %}
        {{ exceptions.raise_compiler_error(
            "explain_user: `segment` must be one of registered_segments(), got '" ~ segment ~ "'"
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
        ) }}
    {% endif %}
    {% set date = segmentation._explained_date(as_of_date) %}
    {% set user = segmentation.text_literal(user_id) %}
    {% set known = segmentation._explained_user(user_id) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set label = ' (' ~ entry.label ~ ')' if entry.get('label') else '' %}
    {% set lines = ['User ' ~ user_id ~ ', segment ' ~ segment ~ label ~ ', on ' ~ date] %}
    {% set where = 'where user_id = ' ~ user ~ " and as_of_date = cast('" ~ date ~ "' as date)" %}
    {% set features = segmentation._first_row('select * from ' ~ ref('user_features') ~ ' ' ~ where) %}
    {% if features %}
        {% set row = segmentation._first_row('select * from ' ~ ref(segment) ~ ' ' ~ where) %}
        {% do lines.extend(segmentation._explained_criteria(entry, row, features, where)) %}
        {% do lines.append(segmentation._explained_verdict(entry, row)) %}
    {% else %}
        {% do lines.append(
            'Not in the segment on this date: not in the population then (signed up on ' ~ known.signed_up_on
            ~ (', deleted on ' ~ known.deleted_on if known.deleted_on is not none else '') ~ ').'
        ) %}
    {% endif %}
    {% do lines.extend(segmentation._explained_stays(user, segment)) %}
    {% do print(lines | join('\n')) %}
{% endmacro %}

{# When the user signed up and was deleted, as a mapping of texts. #}
{% macro _explained_user(user_id) %}
    {% set query %}
        select
            cast({{ segmentation.day_of('signed_up_at') }} as {{ dbt.type_string() }}) as signed_up_on,
            cast({{ segmentation.day_of('deleted_at') }} as {{ dbt.type_string() }}) as deleted_on
        from {{ ref('stg_users') }}
        where user_id = {{ segmentation.text_literal(user_id) }}
    {% endset %}
    {% set known = segmentation._first_row(query) %}
    {% if not known %}
        {{ exceptions.raise_compiler_error(
            "explain_user: `user_id` must be a user of stg_users, got '" ~ user_id ~ "'. Ids are compared exactly."
        ) }}
    {% endif %}
    {{ return(known) }}
{% endmacro %}

{#
    Each criterion of the segment and the values it reads, as lines. `row`: the user's row in the segment on the date;
    `features`: that in user_features; `where`: the clause that finds both.
#}
{% macro _explained_criteria(entry, row, features, where) %}
    {% set details = entry.get('segment', {}) %}
    {% set lines = [] %}
    {% for criterion, text in details.get('texts', {}).items() %}
        {% do lines.append('  ' ~ ('holds' if row[criterion] else 'fails') ~ '  ' ~ criterion ~ ': ' ~ text) %}
        {% set seen_in = segmentation._explained_names(details.expressions[criterion], text) %}
        {% for column, value in features.items()
            if column in seen_in and column not in ['user_id', 'as_of_date'] %}
            {% do lines.append('           ' ~ column ~ ' = ' ~ segmentation._explained_value(value)) %}
        {% endfor %}
        {% for measure in details.measures if measure in seen_in %}
            {% do lines.append('           ' ~ measure.split('__')[0] ~ ' = ' ~ segmentation._explained_value(row[measure])) %}
        {% endfor %}
        {% for other in details.reads_segments if 'in_' ~ other in seen_in %}
            {% set is_in = segmentation._first_row('select is_member from ' ~ ref(other) ~ ' ' ~ where) %}
            {% do lines.append('           in_' ~ other ~ ' = ' ~ segmentation._explained_value(is_in.get('is_member', false))) %}
        {% endfor %}
    {% else %}
        {% do lines.append('  The segment is plain SQL without named criteria:') %}
        {% do lines.append('  ' ~ entry.get('definition', '') | replace('\n', '\n  ')) %}
    {% endfor %}
    {{ return(lines) }}
{% endmacro %}

{# Whether the user is in the segment on the date, and which criteria say no. #}
{% macro _explained_verdict(entry, row) %}
    {% set texts = entry.get('segment', {}).get('texts', {}) %}
    {% if row.get('is_member') %}
        {{ return('In the segment on this date' ~ (': all criteria hold.' if texts else '.')) }}
    {% elif not texts %}
        {{ return('Not in the segment on this date.') }}
    {% endif %}
    {% set failed = [] %}
    {% for criterion in texts if not row[criterion] %}{% do failed.append(criterion) %}{% endfor %}
    {{ return(
        'Not in the segment on this date: ' ~ failed | length ~ ' of ' ~ texts | length ~ ' criteria '
        ~ ('fails' if failed | length == 1 else 'fail') ~ ' (' ~ failed | join(', ') ~ ').'
    ) }}
{% endmacro %}

{# Since when the user is in the segment, or was, as lines. #}
{% macro _explained_stays(user, segment) %}
    {% set query %}
        select
            cast(entered_on as {{ dbt.type_string() }}),
            cast(exited_on as {{ dbt.type_string() }}),
            is_left_censored
        from {{ ref('segment_memberships') }}
        where user_id = {{ user }} and segment = {{ segmentation.text_literal(segment) }}
        order by entered_on
    {% endset %}
    {% set lines = [] %}
    {% for stay in run_query(query).rows %}
        {% set start = stay[0] ~ (' or before' if stay[2] else '') %}
        {% if stay[1] is none %}
            {% do lines.append('In the segment since ' ~ start ~ '.') %}
        {% else %}
            {% do lines.append('In the segment from ' ~ start ~ ' until ' ~ stay[1] ~ ', the first date no longer in it.') %}
        {% endif %}
    {% else %}
        {% do lines.append('Never in the segment on any date kept.') %}
    {% endfor %}
    {{ return(lines) }}
{% endmacro %}

{# The date as text: the given one if it is evaluated, else the newest. #}
{% macro _explained_date(as_of_date) %}
    {% set query %}
        select cast(as_of_date as {{ dbt.type_string() }}) from {{ ref('as_of_dates') }} order by as_of_date
    {% endset %}
    {% set dates = segmentation._first_column(query) | map('string') | list %}
    {% if not dates %}
        {{ exceptions.raise_compiler_error('explain_user: as_of_dates is empty, since the project does not have users yet. Check marts.input_summary.') }}
    {% endif %}
    {% if as_of_date is none %}{{ return(dates[-1]) }}{% endif %}
    {% set asked = as_of_date | string %}
    {% if asked in dates %}{{ return(asked) }}{% endif %}
    {% if not segmentation._is_date(asked) %}
        {{ exceptions.raise_compiler_error(
            "explain_user: `as_of_date` must be a date in the form YYYY-MM-DD, got '" ~ asked ~ "'."
        ) }}
    {% endif %}
    {% set near = [] %}
    {% for date in dates if date < asked %}{% if loop.last %}{% do near.append(date) %}{% endif %}{% endfor %}
    {% for date in dates if date > asked %}{% if loop.first %}{% do near.append(date) %}{% endif %}{% endfor %}
    {{ exceptions.raise_compiler_error(
        "explain_user: `as_of_date` must be one of as_of_dates, got " ~ asked ~ "; near it " ~ near | join(' and ')
        ~ (' are' if near | length > 1 else ' is') ~ " evaluated. extra_as_of_dates adds a date."
    ) }}
{% endmacro %}

{#
    The names in a criterion, as a list: all words of its SQL outside of literals, and those of its text that can only
    be names of columns, since a rank or a count of an account shows what it is made of there alone.
#}
{% macro _explained_names(expression, text) %}
    {% set sql = modules.re.sub("'[^']*'", "''", expression) %}
    {% set words = modules.re.findall('[a-z0-9_]*_[a-z0-9_]*', modules.re.sub("'[^']*'", "''", text)) %}
    {{ return(modules.re.findall('[a-z_][a-z0-9_]*', sql) + words) }}
{% endmacro %}

{# A value for people: texts in quotes, NULL and booleans as in SQL, whole numbers without decimals. #}
{% macro _explained_value(value) %}
    {% if value is none %}{{ return('NULL') }}{% endif %}
    {% if value is boolean %}{{ return('true' if value else 'false') }}{% endif %}
    {% if value is number %}{{ return(value | int | string if value == value | int else value | round(4) | string) }}{% endif %}
    {{ return("'" ~ value ~ "'" if value is string else value | string) }}
{% endmacro %}
