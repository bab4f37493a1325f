{#
    The relation that the variable `personas` names: segment, name, backstory, goals, frustrations and quotes of made-up people who
    stand for a segment. Without one an empty relation of the right shape.

    Call:   select * from {{ personas() }}
    Errors: an entry of another form stops the parse.
#}
{% macro personas() -%}
    {{ segmentation.named_relation(
        segmentation.setting('personas'), ['segment', 'name', 'backstory', 'goals', 'frustrations', 'quotes']
    ) }}
{%- endmacro %}
