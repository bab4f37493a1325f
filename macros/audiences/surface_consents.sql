{#
    What consent each surface of an audience needs: surface -> column of users that must be true, or none. What the variable
    `surface_consents` does not list keeps its default, so that a surface that is added never takes a consent away from another.

    Call:   {{ surface_consents()['email'] }}
    Errors: a column that is neither marketing_consent nor a yes-or-no trait of users stops the parse.
#}
{% macro surface_consents() %}
    {% set consents = {'email': 'marketing_consent', 'ads': 'marketing_consent'} %}
    {% do consents.update(segmentation.setting('surface_consents')) %}
    {% set known = ['marketing_consent'] %}
    {% for trait in segmentation.traits() if trait.in == 'users' and trait.type == 'boolean' %}{% do known.append(trait.name) %}{% endfor %}
    {% for surface, column in consents.items() if column and column not in known %}
        {{ exceptions.raise_compiler_error(
            'vars: surface_consents: `' ~ surface ~ '` must be one of ' ~ known | join(', ') ~ ', got ' ~ tojson(column)
            ~ '. A yes-or-no column of users is one of them once `vars: traits` lists it with type boolean.'
        ) }}
    {% endfor %}
    {{ return(consents) }}
{% endmacro %}
