{#
    SQL: whether a rule of the variable `not_people` names a user by what the row of the input says: the domain of the address (with those
    below it), a value, or the account. The relation is `users`. Empty text if the rule asks for nothing of this kind.

    Arguments: rule (an entry of the variable).
    Call:      {{ left_out_users({'name': 'colleagues', 'email_domains': ['acme.com']}) }}
    Renders:   coalesce(lower(users.email) like '%@acme.com' escape '!' or …, false)
#}
{% macro left_out_users(rule) -%}
    {%- set parts = [] -%}
    {%- if rule.email_domains -%}
        {%- set addresses = [] -%}
        {%- for domain in rule.email_domains -%}
            {%- set domain = domain.strip().lstrip('*@.') -%}
            {%- do addresses.extend(['*@' ~ domain, '*@*.' ~ domain]) -%}
        {%- endfor -%}
        {%- do parts.append(segmentation.is_like_one('users.email', addresses)) -%}
    {%- endif -%}
    {%- for column, values in (rule.user_values or {}).items() -%}
        {%- do parts.append(segmentation.is_like_one('users.' ~ column, values)) -%}
    {%- endfor -%}
    {%- if rule.account_ids -%}
        {%- set ids = segmentation.text_literals(rule.account_ids | map('string') | map('trim') | list) -%}
        {%- do parts.append('coalesce(users.account_id in (' ~ ids ~ '), false)') -%}
    {%- endif -%}
    {{ return(parts | join(' or ')) }}
{%- endmacro %}
