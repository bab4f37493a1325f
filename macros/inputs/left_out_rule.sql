{#
    SQL: the number of the first rule of the variable `not_people` that leaves a row of an input out; NULL if none does.

    A row is left out for whom it names (left_out_ids), an event also for its name or values. Where several rules hold, the one that is
    listed first counts, so that every row is counted once.

    Arguments: input (an input of input_contract()), relation (alias of rows of stg_<input>__checked).
    Call:      where {{ left_out_rule('events') }} is null
    Renders:   least((select … from left_out_ids … where … = checked.user_id), case when … then 1 end), or a NULL without rules
#}
{% macro left_out_rule(input, relation='checked') -%}
{%- set rules = segmentation.setting('not_people') -%}
{%- set columns = segmentation.input_contract(input).columns -%}
{%- set parts = [] -%}
{%- if rules and 'user_id' in columns -%}
    {#- Assignments and messages may name an anonymous id. -#}
    {%- set kinds = "('user', 'anonymous')" if input in ('experiment_assignments', 'campaign_messages') else "('user')" -%}
    {%- do parts.append(segmentation._rule_of_id(kinds, relation ~ '.user_id')) -%}
{%- endif -%}
{%- if rules and input == 'events' -%}
    {%- do parts.append(segmentation._rule_of_id("('anonymous')", segmentation._id_without_user(relation))) -%}
    {%- for rule in rules -%}
        {%- if rule.event_names or rule.event_values -%}
            {%- do parts.append('case when ' ~ segmentation._event_condition(rule, relation) ~ ' then ' ~ loop.index ~ ' end') -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
{%- if rules and 'account_id' in columns and input != 'users' -%}
    {%- do parts.append(segmentation._rule_of_id("('account')", relation ~ '.account_id')) -%}
{%- endif -%}
{%- if rules and 'entity_id' in columns -%}
    {%- do parts.append(segmentation._rule_of_id('(' ~ relation ~ '.entity)', relation ~ '.entity_id')) -%}
{%- endif -%}
{{ 'least(' ~ parts | join(', ') ~ ')' if parts else 'cast(null as bigint)' }}
{%- endmacro %}

{# An anonymous id counts only where the event does not name a user. #}
{% macro _id_without_user(relation) -%}
    {{ return('case when ' ~ relation ~ '.user_id is null then ' ~ relation ~ '.anonymous_id end') }}
{%- endmacro %}

{# The number of the rule that leaves an id of some kinds out, as SQL. #}
{% macro _rule_of_id(kinds, id) -%}
(
    select min(left_out_ids.rule_number)
    from {{ ref('left_out_ids') }} as left_out_ids
    where left_out_ids.id_kind in {{ kinds }} and left_out_ids.left_out_id = {{ id }}
)
{%- endmacro %}

{# Whether a rule leaves an event out for what it is, as SQL: never NULL. #}
{% macro _event_condition(rule, relation) -%}
    {%- set parts = [] -%}
    {%- if rule.event_names -%}
        {%- do parts.append(segmentation.is_like_one(relation ~ '.event_name', rule.event_names)) -%}
    {%- endif -%}
    {%- for name, values in (rule.event_values or {}).items() -%}
        {%- set is_column = name in segmentation.input_contract('events').columns and name != 'properties' -%}
        {%- set value = relation ~ '.' ~ name if is_column else segmentation.event_property(name, 'text', relation) -%}
        {%- do parts.append(segmentation.is_like_one(value, values)) -%}
    {%- endfor -%}
    {{ '(' ~ parts | join(' or ') ~ ')' }}
{%- endmacro %}
