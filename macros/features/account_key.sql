{#
    Whom a user speaks for where accounts are what is counted: a text for each account, and one for each user without an account.

    Arguments: relation (alias of a relation with account_id and user_id).
    Call:      {{ account_key('user_features') }} as account_key
    Renders:   coalesce('account ' || user_features.account_id, 'user ' || user_features.user_id)
#}
{% macro account_key(relation) -%}
    coalesce('account ' || {{ relation }}.account_id, 'user ' || {{ relation }}.user_id)
{%- endmacro %}
