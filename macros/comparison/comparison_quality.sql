{#
    How far a comparison of two groups can be believed: SQL that yields the first of these that applies.

      insufficient  fewer than `at_least` on a side, or what `insufficient` says: nothing is claimed
      low_counts    fewer than 5 expected in a cell of the table group × outcome: the normal approximation is poor
      skewed        fewer than 355·skew² values on a side: so is that of a mean
      small_n       fewer than 30 independent units on a side
      ok            none of these

    Arguments: n, baseline_n (SQL, counts on either side; NULL where there is no other side),
               smallest_count (SQL, the fewest expected in a cell; NULL where that is not the question; none: never asked),
               mean_skew (SQL, squared skewness of a mean's sampling distribution, skew² / n; NULL as above),
               insufficient (SQL, a further condition), at_least (units a side, default 2),
               units (list of SQL, the independent units that small_n counts; default: n and baseline_n).
    Call:      {{ comparison_quality('n', 'baseline_n', smallest_count='smallest_expected_count') }}
    Source:    5 in a cell: Cochran (1954), Biometrics 10, 417–451. 355·skew²: Kohavi, Deng, Longbotham and Xu (2014), KDD, rule 7.
#}
{% macro comparison_quality(n, baseline_n, smallest_count=none, mean_skew=none, insufficient=none, at_least=2, units=none) -%}
    {%- set small = [] -%}
    {%- for count in units or [n, baseline_n] -%}{%- do small.append(count ~ ' < 30') -%}{%- endfor -%}
    case
        when {{ n }} < {{ at_least }} or {{ baseline_n }} < {{ at_least }}{{ ' or ' ~ insufficient if insufficient }}
            then 'insufficient'
        {%- if smallest_count %}
        when {{ smallest_count }} < 5 then 'low_counts'
        {%- endif %}
        {%- if mean_skew %}
        when 355e0 * {{ mean_skew }} > 1 then 'skewed'
        {%- endif %}
        when {{ small | join(' or ') }} then 'small_n'
        else 'ok'
    end
{%- endmacro %}
