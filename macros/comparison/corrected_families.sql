{#
    Every row of a relation with its `family`, `family_p_value` and `q_value`: the tail of every mart that tests.

    The body of a CTE. The relation has the columns p_value and quality (comparison_quality()). A row that `tested_when` leaves out,
    that has no p, or whose quality is insufficient, small_n or low_counts, is not a test: its family and its q are NULL, and it
    makes no other row's q larger.

    Arguments: relation (name of a CTE), family (SQL of the family's name), tested_when (SQL condition, default: none),
               by (list of columns that divide families further; default: none),
               family_wise_when (SQL condition on the rows whose q is Holm's, the family-wise error rate, instead of Benjamini and
               Hochberg's; a family has either all of its rows there or none; default: no row).
    Call:      {{ corrected_families('p_values', "'segment_profiles'", 'not is_circular') }}
    Source:    see benjamini_hochberg() and holm().
#}
{% macro corrected_families(relation, family, tested_when='true', by=[], family_wise_when=none) -%}
    {%- set divided_by = by + ['family'] -%}
    {%- set counts = segmentation.counts_in_family() ~ (' and ' ~ tested_when if tested_when != 'true' else '') -%}
    with
    family_tests as (
        select
            *,
            case when p_value is not null and {{ counts }} then {{ family }} end as family,
            case when {{ counts }} then p_value end as family_p_value
        from {{ relation }}
    )
    {%- if family_wise_when %},

    with_false_discovery_rate as (
        {{ segmentation.benjamini_hochberg('family_tests', 'family_p_value', divided_by, 'false_discovery_q') }}
    ),

    with_error_rate as (
        {{ segmentation.holm('with_false_discovery_rate', 'family_p_value', divided_by, 'family_wise_q') }}
    )

    select
        *,
        case when {{ family_wise_when }} then family_wise_q else false_discovery_q end as q_value
    from with_error_rate
    {%- else %}

    {{ segmentation.benjamini_hochberg('family_tests', 'family_p_value', divided_by, 'q_value') }}
    {%- endif %}
{%- endmacro %}
