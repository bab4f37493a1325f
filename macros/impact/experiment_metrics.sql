{#
    The outcomes that experiments are read by, one entry each:
      name        lower snake case
      label       what people read
      kind        mean (an amount or count per user) or binary (0 or 1: the mean is a share)
      expression  SQL over one row of experiment_users, measured in the window after the assignment; NULL leaves the user out
      covariate   SQL over the same row, measured before the assignment; NULL counts as the average user
      unit        unit of one user's value
      direction   up or down: which way is better; none if neither is

    Revenue is not among them: an account pays, not a user, so the variants of one account would share it.

    Call: {% for metric in experiment_metrics() %}
#}
{% macro experiment_metrics() %}
    {{ return(adapter.dispatch('experiment_metrics', 'segmentation')()) }}
{% endmacro %}

{% macro default__experiment_metrics() %}
    {{ return([
        {'name': 'active_days', 'label': 'Active days', 'kind': 'mean', 'unit': 'days', 'direction': 'up',
         'expression': 'active_days', 'covariate': 'active_days_before'},
        {'name': 'active', 'label': 'Active at all', 'kind': 'binary', 'unit': 'share', 'direction': 'up',
         'expression': 'case when active_days > 0 then 1 when active_days = 0 then 0 end',
         'covariate': 'active_days_before'},
        {'name': 'events', 'label': 'Events', 'kind': 'mean', 'unit': 'events', 'direction': 'up',
         'expression': 'events', 'covariate': 'events_before'},
        {'name': 'sessions', 'label': 'Sessions', 'kind': 'mean', 'unit': 'sessions', 'direction': 'up',
         'expression': 'sessions', 'covariate': 'sessions_before'},
        {'name': 'converted', 'label': 'Converted', 'kind': 'binary', 'unit': 'share', 'direction': 'up',
         'expression': 'case when conversions > 0 then 1 when conversions = 0 then 0 end',
         'covariate': 'active_days_before'},
    ]) }}
{% endmacro %}
