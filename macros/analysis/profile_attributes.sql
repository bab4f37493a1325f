{#
    The attributes by which segment_profiles describes a segment: one entry for each feature with a `profile` in features().
      name        lower snake case; the value of the mart's column `attribute`
      label       what people read
      type        family of features: demographic, geographic, firmographic, technographic, customer, behavioral,
                  psychographic, value
      expression  SQL of a text over one row of user_features (default: the column of that name); NULL becomes `__unknown__`
      related     columns that decide the attribute, or that it decides, where features() does not say so: a segment
                  defined by one of them, or by one related to it, is circular in the attribute

    A feature that cannot be known, since an input is off, is left out. A new attribute is a `profile` in the feature's entry.
    A project that installs this one as a package may bring its own list (default__profile_attributes).

    Call:   {% for attribute in profile_attributes() %}
#}
{% macro profile_attributes() %}
    {% set entries = [] %}
    {% for entry in adapter.dispatch('profile_attributes', 'segmentation')() %}
        {% set complete = dict(entry) %}
        {% do complete.update({
            'expression': entry.get('expression', 'population.' ~ entry.name),
            'related': entry.get('related', []),
        }) %}
        {% do entries.append(complete) %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}

{% macro default__profile_attributes() %}
    {% set found = [] %}
    {% for feature in segmentation.features() if feature.profile is defined and segmentation.is_known_feature(feature.name) %}
        {% set profile = feature.profile %}
        {#- Unknown for those who did nothing, so a definition by activity decides it in part. #}
        {% set attribute = {
            'name': segmentation._profile_name(feature), 'label': profile.label, 'type': feature.family, 'feature': feature.name,
            'related': profile.get('related', []) + (['active_days'] if feature.known_only_if_active else []),
        } %}
        {% if profile.bands is defined %}
            {% do attribute.update({'expression': segmentation.value_bands(feature.name, profile.bands)}) %}
        {% endif %}
        {% set before = found | map(attribute='feature') | list %}
        {% do found.insert(before.index(profile.after) + 1 if profile.get('after') in before else found | length, attribute) %}
    {% endfor %}
    {#- Of several values each is a yes or no. -#}
    {% for feature in segmentation.features() if feature.trait is defined and feature.trait.type == 'list' %}
        {% for value in feature.trait.get('values', []) %}
            {% set holds = segmentation.holds_value('population.' ~ feature.name, value) %}
            {% do found.append({
                'name': segmentation._value_name(feature.name, value),
                'label': feature.trait.get('label', feature.name) ~ ': ' ~ value, 'type': feature.family, 'feature': feature.name,
                'related': [feature.name], 'expression': 'case when ' ~ holds ~ " then 'yes' when not " ~ holds ~ " then 'no' end",
            }) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# The name of the attribute that a feature with a profile makes. #}
{% macro _profile_name(feature) %}
    {{ return(feature.profile.get('name', feature.name ~ ('_band' if 'bands' in feature.profile else ''))) }}
{% endmacro %}

{# The name of what asks whether a trait has one value: interests, Jazz & Blues -> interests_jazz_blues. #}
{% macro _value_name(trait, value) %}
    {{ return(trait ~ '_' ~ modules.re.sub('[^a-z0-9]+', '_', value | lower) | trim('_')) }}
{% endmacro %}
