{#
    The id that a record of a CRM has as a user, as SQL: the one in the column that the variable names; with the option `bridge: email` also
    that of the user with its address; without either the record's own.

    Arguments: tool, table; record_id (SQL of the CRM's own id).
    Call:      {{ crm_user_id('hubspot', 'contact', 'contacts.id') }}, with users_by_email() joined as by_email
#}
{% macro crm_user_id(tool, table, record_id) %}
    {% set own = segmentation_connectors.own_or(tool, table, 'user_id', '') %}
    {% if not segmentation_connectors.crm_bridges(tool) %}{{ return(own or record_id) }}{% endif %}
    {{ return('coalesce(' ~ own ~ ', by_email.bridged_user_id)' if own else 'by_email.bridged_user_id') }}
{% endmacro %}
