{#
    The rows of users or accounts from all tools that give them, one per tool and id: of several rows that a tool has of an id, the newest
    (updated_at), as in any input. Rows without an id stay: the input rejects and counts them.

    Arguments: input (users or accounts).
    Call:      select * from ({{ newest_of_tools('users') }})
#}
{% macro newest_of_tools(input) -%}
{%- set columns = segmentation.input_contract(input).columns.keys() | list -%}
{%- set key = segmentation.input_contract(input).key[0] -%}
    select * exclude (left_out_because)
    from ({{ segmentation_connectors.rows_of_tools(input) }})
    where left_out_because is null
    qualify
        {{ key }} is null
        or row_number() over (
            partition by tool, {{ key }}
            order by {{ segmentation_connectors.time_value('updated_at') }} desc nulls last, {{ columns | join(', ') }}
        ) = 1
{%- endmacro %}
