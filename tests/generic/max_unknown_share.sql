{#
    Not more than the share `max_unknown_share` (a variable) of the rows that name a user, or an account, name one that
    nobody knows.

    For input_summary; the ids and what they have in common are in unknown_ids. An input that names nobody passes.

    Call:      - max_unknown_share: {config: {severity: warn}}
#}
{% test max_unknown_share(model) %}
{%- set limit = segmentation.setting('max_unknown_share') -%}
{%- set causes = {
    'letter_case': 'upper and lower case',
    'number_format': 'numbers read as floats, ending in .0',
    'leading_zeros': 'lost leading zeros',
    'other_spelling': 'white space, quotes or invisible characters',
    'id_of_other_kind': 'account ids instead of user ids, or the other way around',
    'anonymous_id': 'anonymous ids that the input identities does not link to a user',
} -%}
with
counts as (
    {%- for kind in ['user', 'account'] %}
    select
        input,
        '{{ kind }}' as id_kind,
        commonest_unknown_cause,
        unknown_{{ kind }}_share as unknown_share
    from {{ model }}
    where unknown_{{ kind }}_share > cast({{ limit }} as double)
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

failures as (
    select
        input || ': ' || cast(cast(100e0 * unknown_share as decimal(5, 1)) as {{ dbt.type_string() }})
        || ' % of the rows that name a' || case id_kind when 'user' then ' user' else 'n account' end
        || ' (limit {{ '%.1f' | format(100 * limit) }} %) name one missing from the input ' || id_kind
        || 's, so they do not count for anybody.'
        || coalesce(
            ' Most common likely cause: ' || case commonest_unknown_cause
                {%- for cause, words in causes.items() %}
                when '{{ cause }}' then '{{ words }}'
                {%- endfor %}
            end || '.',
            ''
        )
        || ' Look at the mart unknown_ids; docs/your-data.md says what to do.' as message
    from counts
)

select * from failures
{% endtest %}
