{#
    The relation that the variable `past_deliveries` names: who was sent and held out by deliveries that the state does not remember.
    Without one an empty relation of the right shape.

    Call:   select * from {{ past_deliveries() }}
    Errors: an entry of another form stops the parse.
#}
{% macro past_deliveries() -%}
    {{ segmentation.named_relation(
        segmentation.setting('past_deliveries'), ['user_id', 'audience', 'is_held_out', 'delivered_through']
    ) }}
{%- endmacro %}
