{#
    A SELECT of the accounts of a tool under the id that the variable `columns` names for them: record_id (the tool's own id of the account)
    and account_id. Without rows where it names none: account_of() then leaves ids as they are.

    Arguments: tool, table (of accounts), id (the names that loaders give the record's id).
    Call:      own_accounts as ({{ own_accounts('hubspot', 'company', ['id', 'company_id']) }})
#}
{% macro own_accounts(tool, table, id) -%}
    {%- if segmentation_connectors.own_or(tool, table, 'account_id', '') -%}
    select {{ segmentation_connectors.salesforce_id('id') if tool == 'salesforce' else 'id' }} as record_id, own_account_id as account_id
    from ({{ segmentation_connectors.source_table(tool, table, {'id': id}, key=['id']) }})
    where left_out_because is null
    {%- else -%}
    select cast(null as varchar) as record_id, cast(null as varchar) as account_id where false
    {%- endif -%}
{%- endmacro %}
