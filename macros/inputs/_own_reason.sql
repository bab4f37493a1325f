{#
    Why a row cannot be used, whatever other rows there are, as SQL over `legal`; NULL if it can be. The first reason
    counts.
    `rules`: see _input_rules(); `reasons`: see checked_input().
#}
{% macro _own_reason(entry, rules, reasons) -%}
{%- set ranges = entry.get('ranges', {}) -%}
{%- set one_of = entry.get('one_of', []) -%}
case
    {%- if rules.times %}
    when
        {%- for column in rules.times %}
        {{ 'or ' if not loop.first }}(text_of_{{ column }} is not null and {{ column }} is null)
        {%- endfor %}
        then 'unreadable_time'
    {%- endif %}
    when
        {%- for column in entry.key %}
        {{ 'or ' if not loop.first }}text_of_{{ column }} is null
        {%- endfor %}
        then 'missing_key'
    {%- for column in rules.required | select('in', rules.ids) %}
    when text_of_{{ column }} is not null and {{ column }} is null then 'placeholder_id'
    {%- endfor %}
    {%- if one_of %}
    when coalesce(text_of_{{ one_of | join(', text_of_') }}) is not null and coalesce({{ one_of | join(', ') }}) is null
        then 'placeholder_id'
    {%- endif %}
    {%- for column in rules.required %}
    when text_of_{{ column }} is null then 'missing_value'
    {%- if column in ranges %}
    when read_{{ column }} is not null and {{ column }} is null then 'out_of_range'
    {%- endif %}
    when {{ column }} is null then 'unreadable_value'
    {%- endfor %}
    {%- for reason, condition in reasons.items() %}
    when {{ condition }} then '{{ reason }}'
    {%- endfor %}
end
{%- endmacro %}
