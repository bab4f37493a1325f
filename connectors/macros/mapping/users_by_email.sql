{#
    A SELECT of the users whom an email address names, in lower case: those of connected_users, if the option `bridge: email` of the tool asks
    for it; else without rows. An address that two users have names neither.

    Arguments: tool.
    Call:      with by_email as ( {{ users_by_email('zendesk') }} )
    Errors:    another bridge stops the parse.
#}
{% macro users_by_email(tool) -%}
    {%- set setting = segmentation_connectors.connector_setting(tool) -%}
    {%- set bridge = setting.options.get('bridge') if setting else none -%}
    {%- if bridge and bridge != 'email' -%}
        {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': `bridge` may be email, got `' ~ bridge ~ '`.') }}
    {%- endif -%}
    {%- if bridge and segmentation_connectors.gives(none, 'users') -%}
    select lower(trim(email)) as address, min(user_id) as bridged_user_id
    from {{ ref('connected_users') }}
    where email is not null and user_id is not null
    group by lower(trim(email))
    having count(distinct user_id) = 1
    {%- else -%}
    select cast(null as varchar) as address, cast(null as varchar) as bridged_user_id
    where false
    {%- endif -%}
{%- endmacro %}
