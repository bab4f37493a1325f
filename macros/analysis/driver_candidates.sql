{#
    The conditions among which segment_drivers looks for what is associated with an outcome, one entry each:
      name        value of the mart's column `driver`, lower snake case
      label       the condition in words
      kind        event (performed in the target's window), segment (membership), attribute (a condition on user_features) or
                  amount (a column of user_features above its median)
      event       of an event: its name
      segment     of a segment: its name
      expression  of an attribute a boolean, of an amount a number, SQL over one row of user_features

    Every listed feature event and every registered segment that is no draft is a candidate; attributes and amounts are listed below,
    and left out where an input that they need is off. A new one is one entry. A project that installs this one as a package may bring its own
    (default__driver_candidates).

    Call: {% for candidate in driver_candidates() %}
#}
{% macro driver_candidates() %}
    {{ return(adapter.dispatch('driver_candidates', 'segmentation')()) }}
{% endmacro %}

{% macro default__driver_candidates() %}
    {% set candidates = [] %}
    {% for event in segmentation.listed_events() if event.is_feature and event.is_human %}
        {% do candidates.append({
            'name': 'performed_' ~ event.name, 'label': 'performed ' ~ event.name, 'kind': 'event', 'event': event.name,
        }) %}
    {% endfor %}
    {% for segment in segmentation.segments_in_use() %}
        {% do candidates.append({'name': 'in_' ~ segment, 'label': 'in ' ~ segment, 'kind': 'segment', 'segment': segment}) %}
    {% endfor %}
    {% for attribute, values in {
        'company_size': ['micro', 'small', 'medium', 'large', 'enterprise'],
        'business_model': ['b2b', 'b2c'],
        'acquisition_channel': ['organic', 'paid_search', 'referral', 'social', 'partner', 'outbound'],
        'region': ['europe', 'north_america', 'latin_america', 'asia'],
        'seniority': ['junior', 'individual', 'manager'],
        'primary_device': ['desktop', 'mobile'],
        'plan': ['free', 'starter', 'pro', 'enterprise'],
    }.items() if segmentation.is_known_feature(attribute) %}
        {% for value in values %}
            {% do candidates.append({
                'name': attribute ~ '_' ~ value, 'label': attribute ~ ' is ' ~ value, 'kind': 'attribute',
                'expression': attribute ~ ' = ' ~ segmentation.text_literal(value),
            }) %}
        {% endfor %}
    {% endfor %}
    {% for column in [
        'active_days_28d', 'sessions_28d', 'session_minutes_28d', 'distinct_features_28d', 'tenure_days', 'mrr', 'seats',
        'tickets_91d', 'nps_score', 'csat_score',
    ] if segmentation.is_known_feature(column) %}
        {% do candidates.append({'name': 'more_' ~ column, 'label': column, 'kind': 'amount', 'expression': column}) %}
    {% endfor %}
    {{ return(candidates + segmentation._trait_candidates()) }}
{% endmacro %}

{# The conditions on traits of the project's own: each value that the variable lists, true of a boolean, more of a number. #}
{% macro _trait_candidates() %}
    {% set candidates = [] %}
    {% for trait in segmentation.traits() %}
        {% for value in trait.get('values', []) %}
            {% do candidates.append({
                'name': segmentation._value_name(trait.name, value), 'kind': 'attribute',
                'label': trait.name ~ (' contains ' if trait.type == 'list' else ' is ') ~ value,
                'expression': segmentation.holds_value(trait.name, value) if trait.type == 'list'
                    else trait.name ~ ' = ' ~ segmentation.text_literal(value),
            }) %}
        {% endfor %}
        {% if trait.type == 'boolean' %}
            {% do candidates.append({'name': trait.name, 'label': trait.name, 'kind': 'attribute', 'expression': trait.name}) %}
        {% elif trait.type in ['bigint', 'double'] %}
            {% do candidates.append({'name': 'more_' ~ trait.name, 'label': trait.name, 'kind': 'amount', 'expression': trait.name}) %}
        {% endif %}
    {% endfor %}
    {{ return(candidates) }}
{% endmacro %}
