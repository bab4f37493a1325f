{#
    The table that the step before left, in a model that is materialized as `iterated`: a relation.

    Arguments: start (relation, where the first step starts: the model of the config `start`. Naming it here tells dbt
               that the model depends on it).
    Call:      select * from {{ segmentation.last_step(ref('cluster_starts')) }}
#}
{% macro last_step(start) %}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__last_step'}, type='table')) }}
{% endmacro %}
