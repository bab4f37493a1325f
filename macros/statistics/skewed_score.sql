{#
    The score that a value of a skewed standardized statistic would have if the statistic were normal, as double: the normal
    probability beyond the score is that beyond z of Pearson's type III (a shifted gamma) with this skewness. Of a mean of few
    skewed values the normal tail at z is several times too light; see two_tails_p().

    With k = 4 / skew² and x = z · skew / 2: w = sign(z) · √(2 k (x − ln(1 + x))), and the score is w + ln(z / w) / w; near
    z · skew = 0 its series z − skew (z² − 1) / 6 + skew² (7 z³ − z) / 144. Where no value can be, ±40.
    Relative error of the probability, for |z| to 8: 0.5 % to |skew| = 1, 4 % to 2.
    NULL for NULL, NaN and infinity.

    Arguments: z, skew (SQL).
    Call:      {{ skewed_score('abs(z)', 'skew') }}
    Source:    Barndorff-Nielsen (1991), Modified signed log likelihood ratio, Biometrika 78, 557–563, for the gamma distribution; the
               series is Cornish and Fisher's.
#}
{% macro skewed_score(z, skew) -%}
    {%- set z, skew = segmentation._operand(z), segmentation._operand(skew) -%}
    {%- set x = '5e-1 * ' ~ z ~ ' * ' ~ skew -%}
    {%- set w = 'sign(' ~ z ~ ') * sqrt(8e0 * (' ~ x ~ ' - ln(1e0 + ' ~ x ~ '))) / abs(' ~ skew ~ ')' -%}
    case
        when not (abs({{ z }}) < 1e9 and abs({{ skew }}) < 1e9) then cast(null as double)
        when abs({{ x }}) < 2.5e-2
            then {{ z }} - {{ skew }} * ({{ z }} * {{ z }} - 1e0) / 6e0
                + {{ skew }} * {{ skew }} * {{ z }} * (7e0 * {{ z }} * {{ z }} - 1e0) / 1.44e2
        when {{ x }} <= -1e0 then 4e1 * sign({{ z }})
        when {{ x }} is not null then {{ w }} + ln({{ z }} / ({{ w }})) / ({{ w }})
    end
{%- endmacro %}
