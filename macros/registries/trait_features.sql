{#
    The traits of a project's own as entries of features(): what nobody has to write has a default here. `trait` in an entry is what
    the project wrote; docs/your-data.md says what each field means.

    Call:   {{ trait_features() }}
    Errors: what is wrong with an entry is reported by check_registries().
#}
{% macro trait_features() %}
    {% set entries = [] %}
    {% set families = {'users': 'demographic', 'accounts': 'firmographic', 'survey_responses': 'psychographic'} %}
    {% for trait in segmentation.traits() %}
        {% set source = trait['in'] %}
        {% set label = trait.get('label', trait.name | replace('_', ' ') | capitalize) %}
        {% set is_number = trait.type in ['bigint', 'double'] %}
        {% set if_missing = trait.get('if_missing') %}
        {% set entry = {
            'name': trait.name, 'family': trait.get('family', families.get(source, 'behavioral')),
            'type': 'string' if trait.type == 'list' else trait.type,
            'unit': trait.get('unit', label | lower) if is_number else none, 'bounds': none, 'can_be_null': if_missing is none,
            'privacy': trait.get('privacy'),
            'reads': trait.get('reads', [source]) + (['attribute_history'] if source in ['users', 'accounts'] else []),
            'known_only_if_active': trait.get('known_only_if_active', false), 'window_days': trait.get('window_days'),
            'related': trait.get('related'),
            'description': trait.get('description', label ~ ', a trait of this project. NULL if unknown.'),
            'definition': 'as ' ~ ('the model ' ~ source ~ ' says' if segmentation._is_of_model(trait) else 'recorded in ' ~ source),
            'trait': trait,
        } %}
        {% if trait.type in ['string', 'boolean'] %}
            {% do entry.update({'profile': {'label': label}}) %}
        {% elif is_number and trait.bands is defined %}
            {% do entry.update({'profile': {'label': label, 'bands': trait.bands}}) %}
        {% endif %}
        {% do entries.append(entry) %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}
