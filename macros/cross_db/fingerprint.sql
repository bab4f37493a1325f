{#
    A 63-bit hash of several values in one bigint, for finding changed rows. NULL and the empty text differ, and so do
    ('a', 'b') and ('ab', ''). It is compared only with hashes that the same engine made: a new engine
    version that hashes differently rebuilds once.

    Arguments: expressions (list of SQL).
    Call:      {{ fingerprint(['user_id', 'event_date']) }}
#}
{% macro fingerprint(expressions) -%}
    {{ return(adapter.dispatch('fingerprint', 'segmentation')(expressions)) }}
{%- endmacro %}

{% macro default__fingerprint(expressions) -%}
    cast(
        hash(
            {%- for expression in expressions %}
                coalesce(cast({{ expression }} as varchar), chr(2)){{ ' || chr(1) ||' if not loop.last }}
            {%- endfor %}
        ) >> 1 as bigint
    )
{%- endmacro %}
