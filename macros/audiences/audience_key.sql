{#
    SQL of what an audience's destination knows a user by: the column of stg_users__addresses that key_kind names.

    Arguments: key_kind (SQL), addresses (name of a CTE with the columns of stg_users__addresses).
    Call:      {{ audience_key('audiences.key_kind', 'addresses') }} as destination_key
#}
{% macro audience_key(key_kind, addresses) -%}
    case {{ key_kind }}
        when 'user_id' then {{ addresses }}.user_id
        when 'email' then {{ addresses }}.email
        when 'email_sha256' then {{ addresses }}.email_sha256
        when 'google_email_sha256' then {{ addresses }}.google_email_sha256
    end
{%- endmacro %}
