{#
    Who pays, as SQL: the account, or where there is none the user, with a blank before the id. Ids are trimmed, so none of an
    account begins with one.

    Arguments: relation (alias of a relation with account_id and user_id), user_id (SQL; whose the rows without an account are, where
               that is another one's: who was merged).
    Call:      {{ payer_id('invoices') }} as payer_id
    Renders:   coalesce(invoices.account_id, ' ' || invoices.user_id)
#}
{% macro payer_id(relation, user_id=none) -%}
    coalesce({{ relation }}.account_id, ' ' || {{ user_id or relation ~ '.user_id' }})
{%- endmacro %}
