{#
    The partitions over which north_star_mix_shift splits a change, one entry each:
      name        label of the partition in lower snake case
      expression  SQL text over one row of user_features and its `lifecycle_segment`: the group of a user on that date. Whoever
                  has NULL is in the group `__none__`, so that every partition holds everybody once
    A new partition is one entry. A project that installs this one as a package writes a macro of its own
    (default__mix_shift_partitions).

    Call: {% for partition in mix_shift_partitions() %}
#}
{% macro mix_shift_partitions() %}
    {{ return(adapter.dispatch('mix_shift_partitions', 'segmentation')()) }}
{% endmacro %}

{% macro default__mix_shift_partitions() %}
    {{ return([
        {'name': 'lifecycle_segment', 'expression': 'lifecycle_segment'},
        {'name': 'company_size', 'expression': "
            case
                when employee_count < 50 then 'under_50'
                when employee_count < 1000 then '50_999'
                when employee_count >= 1000 then '1000_plus'
                when account_id is null then 'no_account'
            end"},
        {'name': 'tenure', 'expression': "
            case when tenure_days < 28 then 'under_28_days' when tenure_days < 91 then '28_to_90_days' else '91_days_plus' end"},
    ]) }}
{% endmacro %}
