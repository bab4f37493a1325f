{#
    How far a comparison of two groups can be believed: SQL that yields the first of these that applies.

      insufficient  fewer than `at_least` on a side, or what `insufficient` says: nothing is claimed
      low_counts    fewer than 5 expected in a cell of the table group × outcome: the normal approximation is poor
      small_n       fewer than `min_test_users` users on a side, or than `min_test_accounts` independent units
      skewed        the skewness of what is tested is above `skew_limit`: p may be wrong by more than a factor of two at 0.001
      ok            none of these

    Only rows that are skewed or ok are in a family: corrected_families().

    Arguments: n, baseline_n (SQL, counts on either side; NULL where there is no other side),
               smallest_count (SQL, the fewest expected in a cell; NULL where that is not the question; none: never asked),
               sampling_skew (SQL, skewness of the sampling distribution of what is tested; NULL as above),
               skew_limit (default 0.35, for a normal or t tail; 1 where p takes the skewness into account: two_tails_p()),
               insufficient (SQL, a further condition), at_least (units a side, default 2),
               units (list of SQL, the independent units; then small_n counts these; default: users),
               units_when (SQL condition on the rows whose units are these; there small_n counts users and units, elsewhere users).
    Call:      {{ comparison_quality('n', 'baseline_n', smallest_count='smallest_expected_count') }}
    Source:    5 in a cell: Cochran (1954), Biometrics 10, 417–451. The limits of the skewness: test_comparison_rules.py deals skewed
               values at random; Kohavi, Deng, Longbotham and Xu (2014), KDD, rule 7, asks for 0.05 so that p holds at 0.05.
#}
{% macro comparison_quality(
    n, baseline_n, smallest_count=none, sampling_skew=none, skew_limit=0.35, insufficient=none, at_least=2, units=none,
    units_when=none
) -%}
    {%- set by_unit = units and not units_when -%}
    {%- set least = segmentation.setting('min_test_accounts' if by_unit else 'min_test_users') -%}
    {%- set small = [] -%}
    {%- for count in units or [] if by_unit -%}{%- do small.append(count ~ ' < ' ~ least) -%}{%- endfor -%}
    {%- for count in [n, baseline_n] if not by_unit -%}{%- do small.append(count ~ ' < ' ~ least) -%}{%- endfor -%}
    {%- for count in units or [] if units_when -%}
        {%- do small.append('(' ~ units_when ~ ' and ' ~ count ~ ' < ' ~ segmentation.setting('min_test_accounts') ~ ')') -%}
    {%- endfor -%}
    case
        when {{ n }} < {{ at_least }} or {{ baseline_n }} < {{ at_least }}{{ ' or ' ~ insufficient if insufficient }}
            then 'insufficient'
        {%- if smallest_count %}
        when {{ smallest_count }} < 5 then 'low_counts'
        {%- endif %}
        when {{ small | join(' or ') }} then 'small_n'
        {%- if sampling_skew %}
        when abs({{ sampling_skew }}) > {{ segmentation._double(skew_limit) }} then 'skewed'
        {%- endif %}
        else 'ok'
    end
{%- endmacro %}
