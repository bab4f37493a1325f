{#
    SQL: whether a column of a row holds the person, as a value of its own (`is_own`: the row is the person's) or anywhere in a
    text (a column of numbers or dates has none: `is_number`). An id such as `17` is looked for only where ids of users stand: elsewhere it is a number. An anonymous id counts where
    no other user's id stands beside it: two people may have used one computer. `columns`: all columns of the relation.
#}
{% macro _holds_person(person, column, columns, is_own=false, is_number=false) %}
    {% set plain = 'cast(' ~ adapter.quote(column) ~ ' as ' ~ dbt.type_string() ~ ')' %}
    {% set value = segmentation.trimmed_text(adapter.quote(column)) %}
    {% set id = segmentation.text_literal(person.user_id) %}
    {% set parts = [] %}
    {% set holds_ids = column in ['user_id', 'entity_id', 'named_id', 'unknown_id', 'likely_id'] %}
    {% if is_number %}
        {% set holds = person.is_distinctive or holds_ids %}
        {{ return('coalesce(' ~ plain ~ ' = ' ~ id ~ ', false)' if holds else 'false') }}
    {% endif %}
    {% if person.hashes %}
        {% set hashed = [] %}
        {% if is_own and column not in ['raw_row', 'row_key'] %}
            {% do hashed.append('lower(' ~ value ~ ') in (' ~ segmentation.text_literals(person.hashes) ~ ')') %}
        {% else %}
            {% for hash in person.hashes %}{% do hashed.append(segmentation.contains_word('lower(' ~ plain ~ ')', hash)) %}{% endfor %}
        {% endif %}
        {% do parts.append('case when length(' ~ plain ~ ') >= 64 then ' ~ hashed | join(' or ') ~ ' else false end') %}
    {% endif %}
    {% if person.is_distinctive or holds_ids %}{% do parts.append(value ~ ' = ' ~ id) %}{% endif %}
    {% if holds_ids and column != 'entity_id' and person.named_ids %}
        {% do parts.append(value ~ ' in (' ~ segmentation.text_literals(person.named_ids) ~ ')') %}
    {% endif %}
    {% if column == 'anonymous_id' and person.anonymous_ids %}
        {% do parts.append(value ~ ' in (' ~ segmentation.text_literals(person.anonymous_ids) ~ ')' ~ (
            ' and coalesce(' ~ segmentation.real_id(segmentation.trimmed_text('user_id')) ~ ', ' ~ id ~ ') = ' ~ id
            if 'user_id' in columns else ''
        )) %}
    {% endif %}
    {% for email in person.emails %}
        {% if is_own and column not in ['raw_row', 'row_key'] %}
            {% do parts.append(segmentation.lower_address(value) ~ ' = ' ~ segmentation.text_literal(email)) %}
        {% else %}
            {% do parts.append(segmentation.contains_word(segmentation.lower_address(plain), email)) %}
        {% endif %}
    {% endfor %}
    {% if not is_own or column in ['raw_row', 'row_key'] %}
        {% if person.is_distinctive %}
            {% do parts.append(segmentation.contains_word(value, person.user_id)) %}
        {% elif column == 'raw_row' %}
            {% do parts.append(segmentation.contains_word(value, '"user_id":"' ~ person.user_id ~ '"')) %}
        {% endif %}
    {% endif %}
    {{ return('coalesce(' ~ (parts | join(' or ') or 'false') ~ ', false)') }}
{% endmacro %}
