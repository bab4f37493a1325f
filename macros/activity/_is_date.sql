{# Whether a value is a text YYYY-MM-DD that names a day. Example: '2026-02-28' does, '2026-02-30' does not. #}
{% macro _is_date(value) %}
    {% if value is not string or not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value) %}{{ return(false) }}{% endif %}
    {% set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int %}
    {% if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= 31) %}{{ return(false) }}{% endif %}
    {% set is_leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) %}
    {{ return(day <= [31, 29 if is_leap_year else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]) }}
{% endmacro %}
