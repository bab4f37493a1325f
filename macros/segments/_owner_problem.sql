{#
    What is wrong with the owner of a segment or metric, as the end of a sentence; none if nothing is, and for what is no text.
    `vars: owners` lists the teams that may own something; if it is empty, every name will do.

    Arguments: owner (what the entry says).
    Call:      _owner_problem('growht')  ->  must be one of vars: owners (growth, product), got "growht".
#}
{% macro _owner_problem(owner) %}
    {% set owners = segmentation._unchecked_setting('owners') %}
    {% if not owners or owner is not string or owner in owners %}{{ return(none) }}{% endif %}
    {{ return('must be one of vars: owners (' ~ owners | join(', ') ~ '), got ' ~ tojson(owner) ~ '.') }}
{% endmacro %}
