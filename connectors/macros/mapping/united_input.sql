{#
    An input from all tools that give it: their rows one below the other. The body of connected_<input>.

    Two tools that report the same thing under different ids give it twice, and rows of one id from two tools are versions or a
    conflict, as in any input. Users and accounts are different: merged_input().

    Arguments: input.
    Call:      {{ united_input('events') }}
#}
{% macro united_input(input) -%}
with
rows_of_tools as (
    {{ segmentation_connectors.rows_of_tools(input) }}
),

used as (
    select * exclude (left_out_because)
    from rows_of_tools
    where left_out_because is null
)

select * from used
{%- endmacro %}
