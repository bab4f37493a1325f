{#
    A regular expression that finds the columns of user_features that tell how active somebody was: whoever is selected by one
    of them was active, or was not, before anything is measured. They are those that features() relates to `activity`, and
    the affinity that is inferred from use.

    Call: {% if segment_mentions('power_users', activity_pattern()) %}
#}
{% macro activity_pattern() %}
    {% set names = ['inferred_affinity'] %}
    {% for feature in segmentation.features() if 'activity' in (feature.related or []) %}{% do names.append(feature.name) %}{% endfor %}
    {{ return(names | join('|')) }}
{% endmacro %}
