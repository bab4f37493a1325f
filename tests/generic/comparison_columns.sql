{#
    The columns that every mart of comparisons shares agree with each other: a row has a q exactly if it is in a family, a q is
    never below its p, both are probabilities, and a row with too few on a side or too few outcomes is in no family.

    Arguments: p (name of the column with p; default p_value).
    Call:      - comparison_columns
#}
{% test comparison_columns(model, p='p_value') %}
with
failures as (
    select
        'A row of {{ model.identifier | default("the model") }} '
        || case
            when family is null then 'has a q_value and no family'
            when q_value is null then 'is in a family and has no q_value'
            when quality not in ('skewed', 'ok') then 'is ' || quality || ' and has a q_value'
            when not coalesce({{ p }} between 0 and 1, false) then 'has a q_value and no p between 0 and 1'
            else 'has a q_value below its p, or above 1'
        end
        || '. Use corrected_families().' as message
    from {{ model }}
    where
        (family is null) != (q_value is null)
        or (q_value is not null and quality not in ('skewed', 'ok'))
        or (q_value is not null and not coalesce({{ p }} between 0 and 1, false))
        or q_value < {{ p }} * (1 - 1e-12)
        or q_value > 1
)

select * from failures
{% endtest %}
