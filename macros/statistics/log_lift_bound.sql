{#
    A bound of the interval of the lift (mean / baseline mean − 1) at setting('confidence_level').

    Built on the logarithm of the ratio, where it is nearly symmetric; it never falls below −1.
    NULL unless both means are above 0 and both errors at least 0. NULL too for an upper bound past 1e304: no bound.

    Arguments: mean, baseline_mean (SQL), standard_error, baseline_standard_error (SQL, of the means), side ('lower' or 'upper').
    Call:      {{ log_lift_bound('mean', 'standard_error', 'baseline_mean', 'baseline_standard_error', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Katz, Baptista, Azen and Pike (1978), Biometrics 34, 469–474, with the errors of means by the delta method.
#}
{% macro log_lift_bound(mean, standard_error, baseline_mean, baseline_standard_error, side) -%}
    {%- set mean = segmentation._operand(mean) -%}
    {%- set standard_error = segmentation._operand(standard_error) -%}
    {%- set baseline_mean = segmentation._operand(baseline_mean) -%}
    {%- set baseline_standard_error = segmentation._operand(baseline_standard_error) -%}
    {%- set sign = segmentation._sign('log_lift_bound', side) -%}
    {%- set z = segmentation._double(segmentation._confidence_z()) -%}
    {%- set relative = standard_error ~ ' / nullif(' ~ mean ~ ', 0)' -%}
    {%- set baseline_relative = baseline_standard_error ~ ' / nullif(' ~ baseline_mean ~ ', 0)' -%}
    {%- set log_bound -%}
        ln({{ mean }}) - ln({{ baseline_mean }}) {{ sign }} {{ z }} * sqrt(
            1e0 * {{ relative }} * {{ relative }} + 1e0 * {{ baseline_relative }} * {{ baseline_relative }}
        )
    {%- endset -%}
    case
        when {{ mean }} > 0 and {{ baseline_mean }} > 0 and {{ standard_error }} >= 0 and {{ baseline_standard_error }} >= 0
            then case
                when {{ log_bound }} < -7e2 then -1e0
                when {{ log_bound }} <= 7e2 then exp({{ log_bound }}) - 1
            end
    end
{%- endmacro %}
