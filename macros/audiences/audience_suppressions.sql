{#
    The relation that the variable `audience_suppressions` names: people to whom nothing is sent, whatever they agreed to. Without one
    an empty relation of the right shape.

    Call:   select * from {{ audience_suppressions() }}
    Errors: an entry of another form stops the parse.
#}
{% macro audience_suppressions() -%}
    {{ segmentation.named_relation(segmentation.setting('audience_suppressions'), ['user_id', 'email_sha256']) }}
{%- endmacro %}
