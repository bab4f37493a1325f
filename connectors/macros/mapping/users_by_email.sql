{#
    A SELECT of the users whom an email address names, in lower case: address and bridged_user_id, if the option `bridge: email` of the tool
    asks for it; else without rows. An address that two users have names neither.

    Whose users: those of connected_users; for a CRM, which gives users itself, those of the other tools that do, but not of those
    that take their ids by a bridge too.

    Arguments: tool.
    Call:      with by_email as ( {{ users_by_email('zendesk') }} )
    Errors:    another bridge stops the parse, and so does one of a CRM where no other tool gives users.
#}
{% macro users_by_email(tool) -%}
    {%- set setting = segmentation_connectors.connector_setting(tool) -%}
    {%- set bridge = setting.options.get('bridge') if setting else none -%}
    {%- if bridge and bridge != 'email' -%}
        {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': `bridge` may be email, got `' ~ bridge ~ '`.') }}
    {%- endif -%}
    {%- if bridge and segmentation_connectors.gives(none, 'users') -%}
    select lower(trim(email)) as address, min(user_id) as bridged_user_id
    from {% if segmentation_connectors.gives(tool, 'users') -%}
        ({{ segmentation_connectors._rows_of_tools('users', segmentation_connectors._tools_with_ids(tool)) }})
    {%- else -%}
        {{ ref('connected_users') }}
    {%- endif %}
    where email is not null and user_id is not null{{ ' and left_out_because is null' if segmentation_connectors.gives(tool, 'users') }}
    group by lower(trim(email))
    having count(distinct user_id) = 1
    {%- else -%}
    select cast(null as varchar) as address, cast(null as varchar) as bridged_user_id
    where false
    {%- endif -%}
{%- endmacro %}

{# The other tools that give users under ids of their own. #}
{% macro _tools_with_ids(tool) %}
    {% set others = [] %}
    {% for other in segmentation_connectors.tools_giving('users') if other != tool %}
        {% if other == 'own' or not segmentation_connectors.connector_setting(other).options.get('bridge') %}{% do others.append(other) %}{% endif %}
    {% endfor %}
    {% if not others %}
        {{ exceptions.raise_compiler_error('connectors: ' ~ tool ~ ': `bridge: email` looks for the users of another tool, and no other one gives'
            ~ ' users with an email address. Name their table, or give them as `own`.') }}
    {% endif %}
    {{ return(others) }}
{% endmacro %}
