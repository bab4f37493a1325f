{{ config(enabled=gives(none, 'users') or gives(none, 'accounts')) }}

-- Which tool each attribute of each user and account is from, where a tool has a value; and how many other tools have one, and another one.
{%- set entities = {'users': 'user', 'accounts': 'account'} %}
{%- set counted = [] %}
{%- for input in entities if gives(none, input) %}{% do counted.append(input) %}{% endfor %}
with
{%- for input in counted %}
{%- set key = segmentation.input_contract(input).key[0] %}
{%- set columns = segmentation.input_contract(input).columns.keys() | reject('in', [key, 'updated_at']) | list %}
{{ input }}_of_tools as (
    {{ newest_of_tools(input) }}
),

{{ input }}_values as (
    {%- for column in columns %}
    {{ 'union all' if not loop.first }}
    select
        '{{ entities[input] }}' as entity,
        {{ key }} as entity_id,
        '{{ column }}' as attribute,
        {{ column }} as held,
        tool,
        case tool
            {%- for tool in attribute_priority(input, column) %}
            when '{{ tool }}' then {{ loop.index }}
            {%- endfor %}
        end as place
    from {{ input }}_of_tools
    where {{ column }} is not null
    {%- endfor %}
),
{%- endfor %}

values_of_tools as (
    {%- for input in counted %}
    {{ 'union all' if not loop.first }}
    select * from {{ input }}_values
    {%- endfor %}
),

sources as (
    select
        entity,
        entity_id,
        attribute,
        min_by(tool, place) as tool,
        cast(count(*) as bigint) as tools_with_value,
        cast(count(distinct held) as bigint) as different_values
    from values_of_tools
    where entity_id is not null
    group by entity, entity_id, attribute
)

select * from sources
