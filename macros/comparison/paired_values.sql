{#
    CTEs of users who are there on a date and on the one before it, the last of them `paired_values`: user_id, account_id, and the columns of
    ruled_values() of each metric on both dates, by the ruler of the date: before__<metric> … is what was so on the earlier one. NULL
    where one of the two is.

    What nobody did is no change: an account is divided on both dates by the number of users that it had on the earlier one, so
    a new colleague changes nobody's part; and whoever had signed up later than a metric's window begins is left out, since
    there everything only fills up. Whoever has another account than before has the part that is theirs there.

    Arguments: metrics (entries of metrics()); user_features on both dates, as_of_dates, and rulers of rulers_by_date() are in scope.
    Call:      {{ paired_values(metrics) }}
#}
{% macro paired_values(metrics) -%}
{%- set windows = segmentation._windows_of_columns() -%}
{%- set looks_back, before = {}, [] -%}
{%- set named = ['plan', 'tenure_days', 'account_users'] -%}
{%- for metric in metrics -%}
    {%- set words = segmentation._metric_words(metric) -%}
    {%- do named.extend(modules.re.findall('[a-z_][a-z0-9_]*', words)) -%}
    {%- do looks_back.update({metric.name: segmentation._longest_window(words, windows)}) -%}
    {%- for column in segmentation.ruled_values(metric, 'earlier_values', 'rulers') -%}
        {%- do before.append('before__' ~ column) -%}
    {%- endfor -%}
{%- endfor -%}
earlier_values as (
    {{ segmentation.user_metric_values(metrics, kept=['account_users', 'tenure_days']) }}
),

-- What was so on the earlier date, by the ruler of the later one.
earlier_users as (
    select
        earlier_values.user_id,
        earlier_values.account_id,
        earlier_values.account_users,
        earlier_values.tenure_days,
        {%- for metric in metrics %}
        {%- for column, sql in segmentation.ruled_values(metric, 'earlier_values', 'rulers').items() %}
        {{ sql }} as before__{{ column }},
        {%- endfor %}
        {%- endfor %}
        as_of_dates.as_of_date
    from earlier_values
    inner join as_of_dates on earlier_values.as_of_date = as_of_dates.previous_as_of_date
    inner join rulers on as_of_dates.as_of_date = rulers.as_of_date
),

divided_as_before as (
    select
        user_features.*,
        case
            when user_features.account_id = earlier_users.account_id
                then coalesce(earlier_users.account_users, user_features.account_users)
            else user_features.account_users
        end as earlier_account_users,
        {%- for column in before %}
        earlier_users.{{ column }},
        {%- endfor %}
        earlier_users.tenure_days as earlier_tenure_days
    from user_features
    inner join earlier_users
        on
            user_features.user_id = earlier_users.user_id
            and user_features.as_of_date = earlier_users.as_of_date
),

present_features as (
    select
        user_id,
        account_id,
        earlier_tenure_days,
        {%- for column in before %}
        {{ column }},
        {%- endfor %}
        {%- for feature in segmentation.features() if feature.name in named %}
        {%- if feature.name == 'account_users' %}
        earlier_account_users as account_users,
        {%- elif 'account_users' in feature.reads %}
        {#- Who is without an account pays alone, on both dates. #}
        coalesce({{ feature.name }} * account_users / nullif(cast(earlier_account_users as double), 0), {{ feature.name }})
            as {{ feature.name }},
        {%- else %}
        {{ feature.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from divided_as_before
),

present_values as (
    {{ segmentation.user_metric_values(metrics, 'present_features', kept=['earlier_tenure_days'] + before) }}
),

paired_values as (
    select
        present_values.user_id,
        present_values.account_id,
        {%- for metric in metrics %}
        {%- set window = looks_back[metric.name] %}
        {%- for column, sql in segmentation.ruled_values(metric, 'present_values', 'rulers').items() %}
        {%- for prefix, value, other in [
            ('', sql, 'before__' ~ metric.name), ('before__', 'present_values.before__' ~ column, metric.name)
        ] %}
        case
            when
                present_values.{{ other }} is not null
                {%- if window %}
                and coalesce(present_values.earlier_tenure_days >= {{ window - 1 }}, true)
                {%- endif %}
                then {{ value }}
        end as {{ prefix }}{{ column }},
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        present_values.as_of_date
    from present_values
    inner join rulers on present_values.as_of_date = rulers.as_of_date
)
{%- endmacro %}
