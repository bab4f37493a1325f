{#
    SQL of the text that says whose row of an input it is: 'user_id:u00012', 'anonymous_id:…' of an event that nobody was
    logged in for, 'email:…' of a user's row that lacks its id. NULL: nobody's. None for an input that is not about persons.
    state.forgotten_users holds the hashes of such texts.

    Addresses are compared in the form of lower_address(), so that nobody is forgotten for somebody else.

    Arguments: name (an input of input_contract()), column (a text with `{}` in the place of a column's name,
               that gives the trimmed_text() of the column). A placeholder is nobody's id, see real_id().
    Call:      {{ input_subject('events', 'text_of_{}') }}
#}
{% macro input_subject(name, column='text_of_{}') %}
    {% set columns = segmentation.input_contract(name).columns %}
    {% set user = "'user_id:' || " ~ segmentation.real_id(column.replace('{}', 'user_id')) %}
    {% if 'entity_id' in columns %}
        {{ return(
            'case when coalesce(lower(' ~ column.replace('{}', 'entity') ~ "), 'user') != 'account' then 'user_id:' || "
            ~ column.replace('{}', 'entity_id') ~ ' end'
        ) }}
    {% elif 'email' in columns %}
        {{ return('coalesce(' ~ user ~ ", 'email:' || " ~ segmentation.lower_address(column.replace('{}', 'email')) ~ ')') }}
    {% elif 'anonymous_id' in columns and 'anonymous_id' not in segmentation.input_contract(name).key %}
        {{ return('coalesce(' ~ user ~ ", 'anonymous_id:' || " ~ column.replace('{}', 'anonymous_id') ~ ')') }}
    {% elif 'user_id' in columns %}
        {{ return(user) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
