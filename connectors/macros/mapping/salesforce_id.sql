{#
    A Salesforce id with 18 characters. Reports show 15, which differ by case alone; the last three encode the case of those before
    (Salesforce help, "How unique IDs work"). Other texts stay as they are.

    Arguments: id (SQL of a short expression, it is repeated).
    Call:      {{ salesforce_id('account_id') }}
#}
{% macro salesforce_id(id) -%}
    case
        when regexp_full_match({{ id }}, '[a-zA-Z0-9]{15}')
            then
                {{ id }}
                {%- for part in range(3) %}
                || substr(
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
                    1
                    {%- for place in range(5) %}
                    + case when substr({{ id }}, {{ 5 * part + place + 1 }}, 1) between 'A' and 'Z' then {{ 2 ** place }} else 0 end
                    {%- endfor %},
                    1
                )
                {%- endfor %}
        else {{ id }}
    end
{%- endmacro %}
