{#
    A bound of the interval of an odds ratio at var('confidence_level'), from its logarithm and the error of that.

    NULL in, NULL out. At most e^700, so that it stays a number.

    Arguments: log_odds_ratio, standard_error (SQL: for four counts √(1/a + 1/b + 1/c + 1/d)), side ('lower' or 'upper').
    Call:      {{ odds_ratio_bound('log_odds_ratio', 'log_odds_ratio_error', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Woolf (1955), Annals of Human Genetics 19, 251–253.
#}
{% macro odds_ratio_bound(log_odds_ratio, standard_error, side) -%}
    {%- set sign = segmentation._sign('odds_ratio_bound', side) -%}
    {%- set z = segmentation._double(segmentation._confidence_z('odds_ratio_bound')) -%}
    {%- set bound = segmentation._operand(log_odds_ratio) ~ ' ' ~ sign ~ ' ' ~ z ~ ' * ' ~ segmentation._operand(standard_error) -%}
    case
        when {{ bound }} < -7e2 then 0e0
        when {{ bound }} > 7e2 then exp(7e2)
        else exp({{ bound }})
    end
{%- endmacro %}
