{#
    A post-hook of user_features: adds the dates that the first statement of a first build left out, slice by slice.

    A slice is a range of dates with about `feature_slice_rows` users together, or one date if that has more. Its statement is
    the model's own with the dates in the place of slice_condition(). The hook runs in the model's transaction: a build that
    stops in between leaves the table that was there before. Where no date is missing, as after an increment, it does nothing.
#}
{% macro insert_other_slices() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
    {%- set query -%}
        with dates as (
            select
                as_of_date,
                sum(count(*)) over (order by as_of_date) as rows_so_far
            from {{ ref('user_dates') }}
            where as_of_date not in (select built.as_of_date from {{ this }} as built)
            group by as_of_date
        )

        select
            cast(min(as_of_date) as {{ dbt.type_string() }}) as first_date,
            cast(max(as_of_date) as {{ dbt.type_string() }}) as last_date
        from dates
        group by floor((rows_so_far - 1) / {{ segmentation.setting('feature_slice_rows') }})
        order by 1
    {%- endset -%}
    {%- set slices = run_query(query).rows if segmentation.slice_condition() in compiled_code else [] -%}
    {%- for slice in slices %}
    {%- set dates = 'as_of_date between ' ~ segmentation.date_literals([slice[0]]) ~ ' and ' ~ segmentation.date_literals([slice[1]]) -%}
    {%- call statement('slice_' ~ loop.index) -%}
    insert into {{ this }}
    {{ compiled_code | replace(segmentation.slice_condition(), dates) }}
    {%- endcall -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
