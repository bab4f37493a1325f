{#
    SQL of the text whose hash decides who is held out of an audience: the salt, the audience and the user, so that each audience
    holds out other people. A change of the salt or of the order would reassign everybody: do not change them.

    Arguments: audience, user_id (SQL).
    Call:      {{ hash_share(holdout_text('audience', 'user_id')) }} < holdout_share
#}
{% macro holdout_text(audience, user_id) -%}
    'audience_holdout_v1|' || {{ audience }} || '|' || {{ user_id }}
{%- endmacro %}
