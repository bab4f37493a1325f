{#
    Columns of user_features that say much the same of a user, or of which one is computed from another, as features() has
    them in `related`: group -> stems of columns. A stem is the name without its window, so `active_days` stands for
    active_days_7d, _28d, _91d and active_days_previous_28d. A column may be in several groups: the health score is made of
    activity, tickets and NPS.

    Two columns of one group are related. A segment that is chosen by one differs in the other by construction, so that the
    comparison of the two is circular (see circular_metrics()). Criteria over events count as all of `activity` and `first_use`.

    Call: {% for group, stems in related_columns().items() %}
#}
{% macro related_columns() %}
    {% set groups = {} %}
    {% for feature in segmentation.features() %}
        {% for group in feature.related or [] %}
            {% set stems = [segmentation._column_stem(feature.name)] + feature.get('aliases', []) %}
            {% do groups.update({group: (groups.get(group, []) + stems) | unique | list}) %}
        {% endfor %}
    {% endfor %}
    {{ return(groups) }}
{% endmacro %}
