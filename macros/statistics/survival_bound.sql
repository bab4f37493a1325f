{#
    A bound of the interval of a survival share at var('confidence_level'), on the log-log scale: within 0 and 1.

    S^exp(±z·√V / |ln S|), where V is Greenwood's sum Σ events / (at risk · (at risk − events)). NULL before the first event
    and where nobody survives: there is nothing to say about the spread.

    Arguments: log_survival (SQL, ln S), variance_sum (SQL, Greenwood's sum), side ('lower' or 'upper').
    Call:      {{ survival_bound('log_survival', 'variance_sum', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Kalbfleisch and Prentice (1980), The Statistical Analysis of Failure Time Data, chapter 1.3.
#}
{% macro survival_bound(log_survival, variance_sum, side) -%}
    {#- The lower bound has the larger exponent. -#}
    {%- set sign = "" if segmentation._sign("survival_bound", side) == "-" else "-" -%}
    {%- set z = segmentation._double(segmentation._confidence_z('survival_bound')) -%}
    case
        when {{ log_survival }} < 0 and {{ variance_sum }} > 0
            then exp({{ log_survival }} * exp({{ sign }}{{ z }} * sqrt({{ variance_sum }}) / -({{ log_survival }})))
    end
{%- endmacro %}
