{#
    Pre-hooks of a table in schema `state`, which no full refresh rebuilds: a copy of what it holds, as
    <table>__backup in the same schema, made before the build changes it. Two statements, since some engines take one at a time.

    Arguments: step ('drop' or 'copy').
    Call:      pre_hook=["{{ segmentation.backup_state('drop') }}", "{{ segmentation.backup_state('copy') }}"]
#}
{% macro backup_state(step) -%}
    {%- if is_incremental() -%}
        {%- set backup = this.incorporate(path={'identifier': this.identifier ~ '__backup'}) -%}
        {%- if step == 'drop' -%}
            drop table if exists {{ backup }}
        {%- else -%}
            create table {{ backup }} {{ segmentation.partitioned_by([]) }} as select * from {{ this }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
