{#
    The value of a variable: what `vars:` of the project or --vars says, or else the default in the registry. In this project
    itself what `vars: sample` says stands in the place of the default: a project that installs this one as a package owes
    nothing to the sample.

    A variable is only read by this macro, so that a default is written once, in macros/registries/variables.sql. And a macro
    that a project calls from a model of its own sees it too: var() alone would see only the project's own variables.

    Arguments: name (an entry of variables()).
    Call:      {{ setting('session_timeout_minutes') }}
    Errors:    a value that breaks the variable's rule stops the parse with all problems of all variables and registries; so
               does a name without an entry.
#}
{% macro setting(name) %}
    {% set entry = segmentation._variable(name) %}
    {% set value = var(name, segmentation._default_of(entry)) %}
    {% if segmentation._variable_problems(entry, value, {}) %}{% do segmentation.check_registries() %}{% endif %}
    {{ return(value) }}
{% endmacro %}

{# The same without a check, for what the checks themselves read. #}
{% macro _unchecked_setting(name) %}
    {{ return(var(name, segmentation._default_of(segmentation._variable(name)))) }}
{% endmacro %}

{# What a variable is where nothing sets it, see setting(). #}
{% macro _default_of(entry) %}
    {% set sample = var('sample', {}) if project_name == 'segmentation' else {} %}
    {{ return(sample.get(entry.name, entry.default)) }}
{% endmacro %}

{# The entry of a variable. #}
{% macro _variable(name) %}
    {% for entry in segmentation.variables() if entry.name == name %}{{ return(entry) }}{% endfor %}
    {% set names = segmentation.variables() | map(attribute='name') | list %}
    {% set nearest = segmentation._nearest_name(name | string, names) %}
    {{ exceptions.raise_compiler_error(
        "setting: `name` must be a variable of macros/registries/variables.sql, got " ~ tojson(name)
        ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
    ) }}
{% endmacro %}
