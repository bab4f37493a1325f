{#
    The hash of everything in a row of user_events that a rollup uses: if it changes, the day has to be rebuilt.
#}
{% macro user_event_hash() -%}
    {{ return(segmentation.fingerprint([
        'event_id', 'user_id', 'event_name', 'occurred_at', 'known_date', 'device_type', 'os', 'app_version', 'properties'
    ], ['properties'])) }}
{%- endmacro %}
