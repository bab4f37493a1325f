{#
    How many users may be merged into one, directly and by others. A merge with which a cluster grows above it is refused and listed: what
    swallows that many is an address of a whole team or a test, not a person.

    Returns: 100.
    Call:    {{ merge_limit() }}
#}
{% macro merge_limit() %}
    {{ return(100) }}
{% endmacro %}
