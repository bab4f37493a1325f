{#
    What was assigned at random, of a row of experiment_users beside its row of experiment_variants: the account (a user
    without one is one of their own), or else the user.

    Call:    {{ experiment_unit_key('experiment_users') }}
    Renders: case when experiment_variants.randomization_unit = 'account' then … else experiment_users.user_id end
#}
{% macro experiment_unit_key(relation) -%}
case
    when experiment_variants.randomization_unit = 'account'
        then {{ segmentation.account_key(relation) }}
    else {{ relation }}.user_id
end
{%- endmacro %}
