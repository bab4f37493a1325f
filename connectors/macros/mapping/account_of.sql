{#
    The id that an account has in the inputs, as SQL: of own_accounts where the variable names one, else the tool's own id. An account that
    lacks it is nobody's.

    Arguments: tool, table (of accounts), record_id (SQL of the tool's own id).
    Call:      {{ account_of('hubspot', 'company', 'company_id') }}
#}
{% macro account_of(tool, table, record_id) -%}
    {%- if segmentation_connectors.own_or(tool, table, 'account_id', '') -%}
    (select own_accounts.account_id from own_accounts where own_accounts.record_id = {{ record_id }})
    {%- else -%}
    {{ record_id }}
    {%- endif -%}
{%- endmacro %}
