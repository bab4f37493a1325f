{#
    The pairs of segments that segment_comparison compares with each other, beside the rest and the period before: the checked
    variable `comparison_pairs`, a list of [segment, other segment].

    Call:   {% for segment, other_segment in comparison_pairs() %}
    Errors: anything but pairs of two different registered segments, each pair once, stops the parse.
#}
{% macro comparison_pairs() %}
    {% set pairs = var('comparison_pairs') %}
    {% set problems = segmentation._comparison_pairs_problems(pairs, segmentation.registered_segments()) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n    ')) }}{% endif %}
    {{ return(pairs) }}
{% endmacro %}

{# What is wrong with a list of pairs, as a list of texts. #}
{% macro _comparison_pairs_problems(pairs, segments) %}
    {% set start = 'vars: comparison_pairs: ' %}
    {% if pairs is not sequence or pairs is string or pairs is mapping %}
        {{ return([start ~ 'must be a list of pairs [segment, other segment], got ' ~ tojson(pairs) ~ '.']) }}
    {% endif %}
    {% set problems = [] %}
    {% set seen = [] %}
    {% for pair in pairs %}
        {% if pair is not sequence or pair is string or pair is mapping or pair | length != 2 %}
            {% do problems.append(start ~ 'each entry must be a pair [segment, other segment], got ' ~ tojson(pair) ~ '.') %}
        {% else %}
            {% for segment in pair if segment not in segments %}
                {% do problems.append(
                    start ~ 'must name registered segments (macros/registries/segments.sql), got ' ~ tojson(segment) ~ '.'
                ) %}
            {% endfor %}
            {% if pair[0] == pair[1] %}
                {% do problems.append(start ~ 'a pair must be two different segments, got ' ~ tojson(pair) ~ '.') %}
            {% elif pair in seen %}
                {% do problems.append(start ~ 'each pair must occur once, got ' ~ tojson(pair) ~ ' again.') %}
            {% endif %}
            {% do seen.append(pair) %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
