{#
    The first day of the week that a date lies in; `week_starts_on` says which day of the week that is.

    Arguments: date (SQL).
    Call:      {{ week_start('signup_date') }}
    Renders:   cast(date_trunc('week', signup_date) as date) where weeks start on Monday
#}
{% macro week_start(date) -%}
    {%- set earlier = {'monday': 0, 'sunday': 1, 'saturday': 2}[segmentation.setting('week_starts_on')] -%}
    {%- if earlier == 0 -%}
    cast({{ dbt.date_trunc('week', date) }} as date)
    {%- else -%}
    {{ segmentation.days_before('cast(' ~ dbt.date_trunc('week', segmentation.days_before(date, -earlier)) ~ ' as date)', earlier) }}
    {%- endif -%}
{%- endmacro %}
