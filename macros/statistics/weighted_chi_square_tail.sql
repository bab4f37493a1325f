{#
    The probability that a sum of df squares of normal values that do not weigh alike is at least x, as double. Their weights have the
    mean 1, and `inequality` is the variance of the weights: 0 gives chi_square_tail(). As Satterthwaite: the sum divided by
    1 + inequality is a chi-square with df / (1 + inequality) degrees of freedom.

    Those are no whole number, so the tail is that of df, times the ratio of the gamma tails of both, whose errors cancel. Relative
    error to inequality 1 and from df = 2 on: 3 % at 0.05, 5 % at 0.001, 7 % at 1e-20. NULL for inequality < 0, and as chi_square_tail().

    Arguments: x, df, inequality (SQL, columns). The body is a sub-select of 15.1 kB.
    Call:      {{ weighted_chi_square_tail('chi_square', 'df', 'inequality') }}
    Source:    Satterthwaite (1946), Biometrics Bulletin 2, 110–114; Rao and Scott (1984), Annals of Statistics 12, 46–60; for the
               ratio see skewed_score().
#}
{% macro weighted_chi_square_tail(x, df, inequality) -%}
    {%- set x, df = segmentation._operand(x), segmentation._operand(df) -%}
    {%- set inequality = segmentation._operand(inequality) -%}
    (
        with

        given as (
            select
                {{ x }} / (1e0 + {{ inequality }}) as scaled,
                {{ df }} as whole_df,
                {{ df }} / (1e0 + {{ inequality }}) as real_df
            where {{ inequality }} >= 0 and {{ inequality }} < 1e9
        ),

        standardized as (
            select
                *,
                (scaled - whole_df) / sqrt(2e0 * whole_df) as whole_z,
                (scaled - real_df) / sqrt(2e0 * real_df) as real_z,
                sqrt(8e0 / whole_df) as whole_skew,
                sqrt(8e0 / real_df) as real_skew
            from given
            where whole_df >= 1
        ),

        scores as (
            select
                *,
                {{ segmentation.skewed_score('whole_z', 'whole_skew') }} as whole_score,
                {{ segmentation.skewed_score('real_z', 'real_skew') }} as real_score
            from standardized
        ),

        tails as (
            select
                {{ segmentation.chi_square_tail('scaled', 'whole_df') }} as whole_tail,
                {%- for name in ['whole', 'real'] %}
                case
                    when {{ name }}_score >= 0 then {{ segmentation._normal_tail(name ~ '_score') }}
                    else 1e0 - {{ segmentation._normal_tail(name ~ '_score') }}
                end as {{ name }}_normal_tail{{ ',' if not loop.last }}
                {%- endfor %}
            from scores
        )

        select
            case
                when real_normal_tail >= whole_normal_tail or whole_normal_tail < 1e-290 then whole_tail
                else whole_tail * real_normal_tail / nullif(whole_normal_tail, 0e0)
            end
        from tails
    )
{%- endmacro %}
