{#
    A post-hook of the feature tables: deletes the rows that a full refresh would not build: users or dates that are
    no longer in user_dates, rows of older logic and, in sparse families, rows of a date that was rebuilt without any.

    Arguments: sparse_reads (the `reads` of a sparse family; none for the others).
#}
{% macro remove_stale_features(sparse_reads=none) -%}
    {%- set user_dates = ref('user_dates') -%}
    {%- set date_input_hashes = ref('date_input_hashes') if sparse_reads is not none -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as built
    where
        built.logic_hash != '{{ segmentation.compiled_logic_hash() }}'
        or not exists (
            select 1
            from {{ user_dates }} as user_dates
            where user_dates.user_id = built.user_id and user_dates.as_of_date = built.as_of_date
        )
        {%- if sparse_reads is not none %}
        or not exists (
            select 1
            from {{ date_input_hashes }} as date_input_hashes
            where
                date_input_hashes.as_of_date = built.as_of_date
                and built.input_hash = {{ segmentation.date_fingerprint(sparse_reads) }}
        )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
