{#
    A SELECT with the columns of attribute_history out of a relation that keeps old versions of the rows of users or accounts: a dbt
    snapshot, a table in a loader's history mode, or one with validity columns. For sources that only know today: a snapshot of them says
    from now on what was true.

    A version begins with dbt_valid_from, _fivetran_start or valid_from, whichever it has. The first one counts from the beginning of the
    record (signed_up_at, created_at): it is nearer to what was true then than today's value.

    Arguments: input (users or accounts), relation (with the input's columns; those that it lacks do not have a history).
    Call:      {{ versions_as_history('users', ref('users_snapshot')) }} as the model that `inputs: {attribute_history: …}` names
    Errors:    another input stops the parse.
#}
{% macro versions_as_history(input, relation) -%}
{%- if input not in ('users', 'accounts') -%}
    {{ exceptions.raise_compiler_error("versions_as_history: `input` must be users or accounts, got '" ~ input ~ "'.") }}
{%- endif -%}
{%- set key = segmentation.input_contract(input).key[0] -%}
{%- set entity = {'users': 'user', 'accounts': 'account'}[input] -%}
{%- set since = {'users': 'signed_up_at', 'accounts': 'created_at'}[input] -%}
{%- set attributes = segmentation.input_contract('attribute_history').attributes[entity] -%}
{%- set starts = ['dbt_valid_from', '_fivetran_start', 'valid_from'] -%}
{%- set zone = segmentation.setting('source_timezones').get(input, 'UTC') -%}
with
kept_rows as (
    {{ segmentation.with_missing_columns(relation, attributes + starts + [since]) }}
),

versions as (
    select
        {{ segmentation.trimmed_text(key) }} as {{ key }},
        {%- for attribute in attributes %}
        {{ segmentation.trimmed_text(attribute) }} as {{ attribute }},
        {%- endfor %}
        {{ segmentation.to_utc(segmentation.trimmed_text(since), zone) }} as begun_at,
        coalesce(
            {%- for column in starts %}
            {{ segmentation.to_utc(segmentation.trimmed_text(column), zone) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as version_from
    from kept_rows
),

beginnings as (
    select
        {{ key }},
        min(begun_at) as begun_at
    from versions
    group by {{ key }}
),

value_changes as (
    {{ segmentation.version_changes('versions', key, 'version_from', attributes) }}
),

history as (
    select
        '{{ entity }}' as entity,
        value_changes.record_id as entity_id,
        value_changes.attribute,
        value_changes.held as value,
        -- The earlier of the two that there are.
        case when value_changes.is_first then least(beginnings.begun_at, value_changes.version_from) else value_changes.version_from end
            as valid_from,
        value_changes.version_from as updated_at
    from value_changes
    inner join beginnings on value_changes.record_id = beginnings.{{ key }}
)

select * from history
{%- endmacro %}
