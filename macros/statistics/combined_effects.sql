{#
    The effects of several groups taken together, one row per family: their mean, and whether they differ by more than chance.

    The body of a CTE. Groups whose effect or standard error is NULL, or whose standard error is 0, are left out; a family
    without any has no row. The groups must be disjoint for q, i_squared and tau_squared to mean what they say; where they
    overlap, their effects are alike, and both are too small.

    Columns beside those of `partition_by`:
      effects              groups that count
      fixed_effect         mean of the effects weighted by their precision (1 / standard error²), and its error
      fixed_effect_error
      q                    Cochran's Q: weighted squares around it, a chi-square with effects − 1 degrees of freedom if all are alike
      i_squared            share of their variation that is beyond chance, 0 to 1; 0 for one group
      tau_squared          variance of the true effects (DerSimonian and Laird); 0 where q is below what chance gives
      random_effect        mean of the effects where the true ones differ by tau_squared

    Arguments: relation, effect, standard_error (names of columns), partition_by (list of one column or more that make a family;
               NULL is a value).
    Call:      {{ combined_effects('parts', 'difference', 'standard_error', ['experiment', 'metric']) }}
    Source:    Cochran (1954), Biometrics 10, 101–129; DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177–188;
               Higgins and Thompson (2002), Statistics in Medicine 21, 1539–1558.
#}
{% macro combined_effects(relation, effect, standard_error, partition_by) -%}
    {%- set family = partition_by | join(', ') -%}
    with
    effects_with_errors as (
        select
            {{ family }},
            {{ effect }} as effect,
            {{ standard_error }} * {{ standard_error }} as squared_error
        from {{ relation }}
        where {{ effect }} is not null and {{ standard_error }} * {{ standard_error }} > 0
    ),

    fixed_effects as (
        select
            {{ family }},
            count(*) as effects,
            sum(effect / squared_error) / sum(1e0 / squared_error) as fixed_effect,
            sum(1e0 / squared_error) as weights,
            sum(1e0 / (squared_error * squared_error)) as squared_weights
        from effects_with_errors
        group by {{ family }}
    ),

    spreads as (
        select
            {{ segmentation._columns_of('fixed_effects', partition_by) }}
            fixed_effects.effects,
            fixed_effects.fixed_effect,
            fixed_effects.weights,
            fixed_effects.squared_weights,
            sum(
                (effects_with_errors.effect - fixed_effects.fixed_effect)
                * (effects_with_errors.effect - fixed_effects.fixed_effect) / effects_with_errors.squared_error
            ) as q
        from effects_with_errors
        inner join fixed_effects
            on {{ segmentation._same_columns('effects_with_errors', 'fixed_effects', partition_by) }}
        group by
            {{ segmentation._columns_of('fixed_effects', partition_by) }}
            fixed_effects.effects, fixed_effects.fixed_effect, fixed_effects.weights, fixed_effects.squared_weights
    ),

    variations as (
        select
            *,
            case when effects > 1 and q > effects - 1 then (q - (effects - 1)) / q else 0e0 end as i_squared,
            case
                when effects > 1 and q > effects - 1
                    -- One effect that is all but known leaves nothing of the weights but rounding.
                    then coalesce((q - (effects - 1)) / nullif(greatest(weights - squared_weights / weights, 0e0), 0), 0e0)
                else 0e0
            end as tau_squared
        from spreads
    )

    select
        {{ segmentation._columns_of('variations', partition_by) }}
        cast(variations.effects as bigint) as effects,
        variations.fixed_effect,
        1e0 / sqrt(variations.weights) as fixed_effect_error,
        variations.q,
        variations.i_squared,
        variations.tau_squared,
        sum(effects_with_errors.effect / (effects_with_errors.squared_error + variations.tau_squared))
        / sum(1e0 / (effects_with_errors.squared_error + variations.tau_squared)) as random_effect
    from effects_with_errors
    inner join variations
        on {{ segmentation._same_columns('effects_with_errors', 'variations', partition_by) }}
    group by
        {{ segmentation._columns_of('variations', partition_by) }}
        variations.effects, variations.fixed_effect, variations.weights, variations.q, variations.i_squared,
        variations.tau_squared
{%- endmacro %}

{# SQL: the columns of a relation, each with a comma behind it. #}
{% macro _columns_of(relation, columns) -%}
    {%- set sql = [] -%}
    {%- for column in columns -%}{%- do sql.append(relation ~ '.' ~ column ~ ',') -%}{%- endfor -%}
    {{ return(sql | join(' ')) }}
{%- endmacro %}

{# SQL: two relations agree in the columns. #}
{% macro _same_columns(left, right, columns) -%}
    {%- set sql = [] -%}
    {%- for column in columns -%}{%- do sql.append(left ~ '.' ~ column ~ ' is not distinct from ' ~ right ~ '.' ~ column) -%}{%- endfor -%}
    {{ return(sql | join(' and ')) }}
{%- endmacro %}
