{#
    The name of a user's RFM cell: a text. Every cell of 5 × 5 × 5 has one name: the first rule that holds counts, the last
    holds for the rest. Recency is how lately, frequency how often, monetary how much; 5 is best. With fewer classes
    (`rfm: classes`) the best is 5 here, too: of 3 classes they are 2, 4 and 5.

    | group | rule (sum is frequency + monetary) | meaning |
    |---|---|---|
    | champions | recency 5, sum ≥ 8 | here lately, often, and paying much |
    | loyal | recency ≥ 4, sum ≥ 6 | regular |
    | promising | recency ≥ 4 | here lately, little so far |
    | needs_attention | recency 3 | between coming and going |
    | at_risk | recency 2, or sum ≥ 6 | fading, or valuable and gone |
    | hibernating | the rest | long gone, and little was there |
    | null | a class is NULL | does not occur in user_features |

    Arguments: recency, frequency, monetary (SQL, classes 1 to 5).
    Call:      {{ rfm_group('rfm_recency', 'rfm_frequency', 'rfm_monetary') }} as rfm_group
    Source:    Hughes (1994), Strategic Database Marketing, for the cells; the names are the usual ones of the trade.
#}
{% macro rfm_group(recency, frequency, monetary) -%}
    {%- set recency, frequency, monetary = segmentation._of_five(recency), segmentation._of_five(frequency), segmentation._of_five(monetary) -%}
    case
        when {{ recency }} is null or {{ frequency }} is null or {{ monetary }} is null then cast(null as {{ dbt.type_string() }})
        when {{ recency }} = 5 and {{ frequency }} + {{ monetary }} >= 8 then 'champions'
        when {{ recency }} >= 4 and {{ frequency }} + {{ monetary }} >= 6 then 'loyal'
        when {{ recency }} >= 4 then 'promising'
        when {{ recency }} = 3 then 'needs_attention'
        when {{ recency }} = 2 or {{ frequency }} + {{ monetary }} >= 6 then 'at_risk'
        else 'hibernating'
    end
{%- endmacro %}

{# A class as one of five, as SQL. #}
{% macro _of_five(class) -%}
    {%- set classes = segmentation.setting('rfm').classes -%}
    {{ return(class if classes == 5 else 'cast(floor((5 * ' ~ class ~ ' + ' ~ (classes - 1) ~ ') / ' ~ classes ~ 'e0) as bigint)') }}
{%- endmacro %}
