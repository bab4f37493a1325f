{#
    A bound of the interval of an AUC at setting('confidence_level'), cut off at 0 and 1; NULL if the standard error is NULL or
    0 (all scores equal, or outcomes perfectly apart: the data do not say how uncertain that is).

    Arguments: auc, standard_error (SQL, bare columns), side ('lower' or 'upper').
    Call:      {{ auc_bound('auc', 'auc_standard_error', 'lower') }}
    Errors:    another side stops the parse.
    Source:    as auc_placements().
#}
{% macro auc_bound(auc, standard_error, side) -%}
    {%- set sign = segmentation._sign('auc_bound', side) -%}
    {%- set standard_error = segmentation._operand(standard_error) -%}
    {%- set bound = '(' ~ segmentation._operand(auc) ~ ' ' ~ sign ~ ' ' ~ segmentation._double(segmentation._confidence_z()) ~ ' * '
        ~ standard_error ~ ')' -%}
    case
        when {{ standard_error }} > 0 and {{ bound }} < 0 then 0e0
        when {{ standard_error }} > 0 and {{ bound }} > 1 then 1e0
        when {{ standard_error }} > 0 then {{ bound }}
    end
{%- endmacro %}
