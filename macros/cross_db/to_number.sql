{#
    Text as a number; NULL where it is none.

    The form is checked before the cast, which would take 1_000 and 0x1F: digits 0 to 9 with a decimal point, a sign, an
    exponent (1e3), and blanks around it. Thousands separators are not guessed: '1,000' is NULL, not 1 or 1000. NaN and
    infinity are NULL, and so is, unless `bounded` is false, a number beyond 10^15 on either side: what is summed and
    multiplied further on must not overflow.

    Arguments: expression (SQL), type ('integer' -> bigint, NULL if it has a fraction; 'money' -> decimal(20, 4), rounded;
               'double'), bounded (default true; only doubles may be unbounded).
    Call:      {{ to_number('employee_count', 'integer') }}
    Errors:    an unknown type stops the parse.
#}
{% macro to_number(expression, type, bounded=true) -%}
    {%- if type not in ('integer', 'money', 'double') -%}
        {{ exceptions.raise_compiler_error(
            "to_number: `type` must be integer, money or double, got " ~ type ~ "."
        ) }}
    {%- endif -%}
    {{ return(adapter.dispatch('to_number', 'segmentation')(expression, type, bounded)) }}
{%- endmacro %}

{% macro default__to_number(expression, type, bounded) -%}{{ segmentation._not_written('to_number') }}{%- endmacro %}

{% macro duckdb__to_number(expression, type, bounded) -%}
    {%- set text = 'cast(' ~ expression ~ ' as varchar)' -%}
    {%- set largest = '1000000000000000' -%}
    {%- if type == 'integer' -%}
        case
            when
                regexp_matches({{ text }}, '^ *[+-]?[0-9]{1,18}([.]0*)? *$')
                and try_cast({{ text }} as bigint) between -{{ largest }} and {{ largest }}
                then try_cast({{ text }} as bigint)
            -- As a column of doubles is written. With 17 decimals, so that no fraction is rounded away.
            when
                regexp_matches({{ text }}, '^ *[+-]?[0-9]([.][0-9]{1,17})?[eE][+]?[0-9]{1,2} *$')
                and try_cast({{ text }} as decimal(38, 17)) % 1 = 0
                and try_cast({{ text }} as decimal(38, 17)) between -{{ largest }} and {{ largest }}
                then cast(try_cast({{ text }} as decimal(38, 17)) as bigint)
        end
    {%- else -%}
        {#- DuckDB reads the narrower decimal, in which most amounts fit, a hundred times as fast. -#}
        {%- set number = 'coalesce(try_cast(' ~ text ~ ' as decimal(18, 4)), try_cast(' ~ text ~ ' as decimal(20, 4)))'
            if type == 'money' else 'try_cast(' ~ text ~ ' as double)' -%}
        case
            when
                regexp_matches({{ text }}, '^ *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *$')
                and {{ number ~ ' between -' ~ largest ~ ' and ' ~ largest if bounded or type == 'money' else 'isfinite(' ~ number ~ ')' }}
                then {{ number }}
        end
    {%- endif -%}
{%- endmacro %}

{% macro spark__to_number(expression, type, bounded) -%}
    {%- set text = 'cast(' ~ expression ~ ' as string)' -%}
    {%- set largest = '1000000000000000' -%}
    {%- set pattern = {
        'whole': '^ *[+-]?[0-9]{1,18}([.]0*)? *\\z',
        'as_double': '^ *[+-]?[0-9]([.][0-9]{1,17})?[eE][+]?[0-9]{1,2} *\\z',
        'number': '^ *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *\\z',
    } -%}
    {%- if type == 'integer' -%}
        case
            when
                {{ text }} rlike {{ segmentation.text_literal(pattern.whole) }}
                and try_cast(split_part({{ text }}, '.', 1) as bigint) between -{{ largest }} and {{ largest }}
                then try_cast(split_part({{ text }}, '.', 1) as bigint)
            when
                {{ text }} rlike {{ segmentation.text_literal(pattern.as_double) }}
                and try_cast({{ text }} as decimal(38, 17)) % 1 = 0
                and try_cast({{ text }} as decimal(38, 17)) between -{{ largest }} and {{ largest }}
                then cast(try_cast({{ text }} as decimal(38, 17)) as bigint)
        end
    {%- else -%}
        {%- set number = 'try_cast(' ~ text ~ ' as ' ~ ('decimal(20, 4)' if type == 'money' else 'double') ~ ')' -%}
        case
            when
                {{ text }} rlike {{ segmentation.text_literal(pattern.number) }}
                and {{ number ~ ' between -' ~ largest ~ ' and ' ~ largest if bounded or type == 'money'
                    else 'abs(' ~ number ~ ") < double('Infinity')" }}
                then {{ number }}
        end
    {%- endif -%}
{%- endmacro %}
