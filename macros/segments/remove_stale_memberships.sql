{#
    A post-hook of user_segments: deletes what a full refresh would not build: segments that are no longer registered,
    dates that are gone, and memberships of a segment and date that was evaluated again and found empty.
#}
{% macro remove_stale_memberships() -%}
    {%- set date_hashes = ref('feature_date_hashes') -%}
    {%- if execute and is_incremental() -%}
    {%- set hashes = segmentation.segment_hashes() -%}
    delete from {{ this }} as built
    where
        built.effective_hash != -1
        and not exists (
            select 1
            from {{ date_hashes }} as date_hashes
            where
                date_hashes.as_of_date = built.as_of_date
                and built.effective_hash = case built.segment
                    {%- for segment, entry in hashes.items() %}
                    when '{{ segment }}' then {{ entry.effective_hash }}
                    {%- else %}
                    when '' then 0
                    {%- endfor %}
                end
        )
        or built.segment not in ({{ segmentation.text_literals(hashes.keys()) }})
        or built.as_of_date not in (select date_hashes.as_of_date from {{ date_hashes }} as date_hashes)
    {%- endif -%}
{%- endmacro %}
