{#
    A bound of the interval of an odds ratio at setting('confidence_level'), from its logarithm and the error of that.

    For four counts the error is √(1/a + 1/b + 1/c + 1/d). NULL unless the error is at least 0. NULL too for an upper bound
    past 1e304: no bound.

    Arguments: log_odds_ratio, standard_error (SQL), side ('lower' or 'upper').
    Call:      {{ odds_ratio_bound('log_odds_ratio', 'log_odds_ratio_error', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Woolf (1955), Annals of Human Genetics 19, 251–253.
#}
{% macro odds_ratio_bound(log_odds_ratio, standard_error, side) -%}
    {%- set log_odds_ratio = segmentation._operand(log_odds_ratio) -%}
    {%- set standard_error = segmentation._operand(standard_error) -%}
    {%- set sign = segmentation._sign('odds_ratio_bound', side) -%}
    {%- set z = segmentation._double(segmentation._confidence_z()) -%}
    {%- set log_bound = log_odds_ratio ~ ' ' ~ sign ~ ' ' ~ z ~ ' * ' ~ standard_error -%}
    case
        when {{ standard_error }} >= 0
            then case
                when {{ log_bound }} < -7e2 then 0e0
                when {{ log_bound }} <= 7e2 then exp({{ log_bound }})
            end
    end
{%- endmacro %}
