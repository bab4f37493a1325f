{#
    The metrics that segments are compared by, one entry each. Everything that shows or compares metrics loops over this
    list, so a new metric is one more entry here. docs/statistics.md says what each may be read for.
      name            column name in lower snake case
      label           what people read
      description     one sentence: what one user's value is, and who is left out
      kind            binary   0 or 1; the mean is a share of users
                      mean     an amount, count or score per user
                      ratio    sum(numerator) / sum(denominator), the user as the unit
                      nps      -100, 0 or 100; the mean is the score
                      ordinal  an ordered number whose distances mean little; compared by ranks
      expression      SQL over one row of user_features; NULL leaves the user out. Not for a ratio
      numerator, denominator
                      for a ratio, in the place of expression: SQL over one row; NULL in either leaves the user out
      unit            unit of the metric
      owner           the team that answers for it; one of `vars: owners` if that lists any
      level           user, or account: all users of an account have the same value or equal parts of one, so n users
                      are fewer independent observations than n
      direction       up or down: which way is better; none if neither is
      tier            primary (decides), secondary (explains), guardrail (must not get worse)
      is_heavy_tailed true if a few users hold much of the sum: compared after winsorizing at the pooled 99th percentile
      adds_up         true for amounts and counts, whose sum over users means something; false for scores and ratios
      needs           optional: what it cannot be known without. Inputs of the contract, variables that list something,
                      feature_events and core_events (`vars: events` lists one), and csat_scale, ces_scale and
                      satisfaction_scale (`vars: survey_scales` has one). If one of them is off or empty, so is the metric
      metricflow      optional, for a metric that adds up: MetricFlow shows its sum over users under its name and label.
                      {description} of that sum, and optionally mean: {name, label, description} for the sum per user, if the
                      metric includes every user. Run scripts/generate_semantic_models.py after a change

    A project that installs this one as a package brings its own list by a macro default__metrics().

    Call:   {% for metric in metrics() %}
    Errors: an entry that breaks a rule (macros/registries/_metrics_problems.sql) stops the parse.
#}
{% macro metrics() %}
    {% set entries = adapter.dispatch('metrics', 'segmentation')() %}
    {% if segmentation._metrics_problems(entries) %}{% do segmentation.check_registries() %}{% endif %}
    {% set entries = entries + segmentation._north_star_counts(entries, segmentation._north_star_name()) %}
    {% set known = [] %}
    {% for entry in entries if segmentation.is_known(entry.get('needs', [])) %}{% do known.append(entry) %}{% endfor %}
    {{ return(known) }}
{% endmacro %}

{% macro default__metrics() %}
    {% set features = segmentation.listed_events() | selectattr('is_feature') | list | length %}
    {{ return([
        segmentation._core_actions(7),
        {'name': 'activation_rate', 'label': 'Activation rate', 'kind': 'binary',
         'description': '1 if an activation event occurred within activation_days of signup, else 0; excludes users for whom '
            ~ 'these days are not over or not in the data.',
         'expression': 'case when is_activated then 1 when not is_activated then 0 end', 'unit': 'share of users', 'level': 'user',
         'owner': 'growth', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true,
         'needs': ['activation_events']},
        {'name': 'days_to_first_use', 'label': 'Time to first use', 'kind': 'mean',
         'description': 'Days from signup to the first use of a feature, at most 28; excludes users whose first 28 days are '
            ~ 'not over or not in the data.',
         'expression': 'case when is_signup_observed and tenure_days >= 27 then least(coalesce(days_to_first_use, 28), 28) end',
         'unit': 'days', 'level': 'user',
         'owner': 'growth', 'direction': 'down', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['feature_events']},
        {'name': 'active_users_28d', 'label': 'Active in 28 days (MAU)', 'kind': 'binary',
         'description': '1 if the user was active on at least one of the last 28 days, else 0; includes every user.',
         'expression': 'case when active_days_28d > 0 then 1 else 0 end', 'unit': 'share of users', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true,
         'metricflow': {
            'description': 'Users active on at least one of the last 28 days.',
            'mean': {'name': 'active_share_28d', 'label': 'MAU, share of users',
                     'description': 'Share of users active on at least one of the last 28 days.'},
         }},
        {'name': 'active_days_7d', 'label': 'L7: active days in 7 days', 'kind': 'mean',
         'description': 'Active days in the last 7; 0 if none; includes every user.',
         'expression': 'active_days_7d', 'unit': 'days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'active_days_28d', 'label': 'L28: active days in 28 days', 'kind': 'mean',
         'description': 'Active days in the last 28; 0 if none; includes every user.',
         'expression': 'active_days_28d', 'unit': 'days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true,
         'metricflow': {
            'description': 'Active days of the last 28, over all users.',
            'mean': {'name': 'active_days_28d_per_user', 'label': 'L28 per user',
                     'description': 'Active days of the last 28 per user, before any cap.'},
         }},
        {'name': 'active_days_91d', 'label': 'Active days in 91 days', 'kind': 'mean',
         'description': 'Active days in the last 91; 0 if none; includes every user.',
         'expression': 'active_days_91d', 'unit': 'days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'stickiness', 'label': 'Stickiness (DAU / MAU)', 'kind': 'ratio',
         'description': 'Mean daily active users over 28 days per user active in them; excludes users without an active day.',
         'numerator': 'case when active_days_28d > 0 then active_days_28d / 28e0 end',
         'denominator': 'case when active_days_28d > 0 then 1 end', 'unit': 'share of days', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false},
        {'name': 'engagement', 'label': 'Engagement: events per active day', 'kind': 'ratio',
         'description': 'Events per active day in the last 28 days; excludes users without an active day.',
         'numerator': 'case when active_days_28d > 0 then events_28d end',
         'denominator': 'case when active_days_28d > 0 then active_days_28d end', 'unit': 'events per day', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': false},
        {'name': 'sessions_28d', 'label': 'Sessions in 28 days', 'kind': 'mean',
         'description': 'Sessions in the last 28 days; 0 if none; includes every user.',
         'expression': 'sessions_28d', 'unit': 'sessions', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': true},
        {'name': 'session_minutes_28d', 'label': 'Minutes in 28 days', 'kind': 'mean',
         'description': 'Session minutes in the last 28 days; 0 if none; includes every user.',
         'expression': 'session_minutes_28d', 'unit': 'minutes', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': true},
        {'name': 'events_28d', 'label': 'Events in 28 days', 'kind': 'mean',
         'description': 'Events in the last 28 days; 0 if none; includes every user.',
         'expression': 'events_28d', 'unit': 'events', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': true},
        {'name': 'distinct_features_28d', 'label': 'Features used in 28 days', 'kind': 'mean',
         'description': 'Different features used in the last 28 days; 0 if none; includes every user.',
         'expression': 'distinct_features_28d', 'unit': 'features', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['feature_events']},
        {'name': 'feature_adoption_28d', 'label': 'Feature adoption', 'kind': 'mean',
         'description': 'Share of the listed features used in the last 28 days; excludes users without an active day.',
         'expression': 'case when active_days_28d > 0 then distinct_features_28d / ' ~ features ~ 'e0 end'
            if features else 'cast(null as double)',
         'unit': 'share of features', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['feature_events']},
        {'name': 'retained_users_28d', 'label': 'Retained after 28 days', 'kind': 'binary',
         'description': '1 if the user was active in the last 28 days, else 0; includes only users active in the 28 days before.',
         'expression': 'case when active_days_previous_28d > 0 then case when active_days_28d > 0 then 1 else 0 end end',
         'unit': 'share of users', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'repeat_rate', 'label': 'Repeat rate', 'kind': 'binary',
         'description': '1 if the user was active on at least two of the last 28 days, 0 if on one; excludes everyone else.',
         'expression': 'case when active_days_28d > 0 then case when active_days_28d > 1 then 1 else 0 end end',
         'unit': 'share of users', 'level': 'user',
         'owner': 'product', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': true},
        {'name': 'trial_conversion', 'label': 'Trial-to-paid conversion', 'kind': 'ratio',
         'description': 'Share of accounts whose latest trial converted, among those whose trial is over. Each account is '
            ~ 'divided among its users; excludes users of other accounts.',
         'numerator': "case trial_outcome when 'converted' then 1e0 / coalesce(account_users, 1) when 'lapsed' then 0e0 end",
         'denominator': "case when trial_outcome in ('converted', 'lapsed') then 1e0 / coalesce(account_users, 1) end",
         'unit': 'share of accounts', 'level': 'account',
         'owner': 'growth', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'lead_conversion', 'label': 'Lead conversion', 'kind': 'ratio',
         'description': 'Share of accounts won within lead_days of becoming a lead, among those whose lead_days are over. '
            ~ 'Each account is divided among its users; excludes users of other accounts.',
         'numerator': 'case when is_lead_converted then 1e0 / coalesce(account_users, 1) when not is_lead_converted then 0e0 end',
         'denominator': 'case when is_lead_converted is not null then 1e0 / coalesce(account_users, 1) end',
         'unit': 'share of accounts', 'level': 'account',
         'owner': 'sales', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['account_stages', 'lead_stages', 'won_stages']},
        {'name': 'paying_users', 'label': 'In a paying account', 'kind': 'binary',
         'description': '1 if the account of the user pays, else 0; includes every user.',
         'expression': 'case when mrr > 0 then 1 else 0 end', 'unit': 'share of users', 'level': 'account',
         'owner': 'sales', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': true,
         'needs': ['subscriptions'],
         'metricflow': {'description': 'Users on paying accounts.'}},
        {'name': 'mrr', 'label': 'MRR', 'kind': 'mean',
         'description': "The user's equal part of the account's MRR; 0 if it does not pay; includes every user.",
         'expression': 'coalesce(mrr / coalesce(account_users, 1), 0e0)', 'unit': 'reporting currency per month', 'level': 'account',
         'owner': 'finance', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': true, 'adds_up': true,
         'needs': ['subscriptions'],
         'metricflow': {
            'description': 'MRR on the last date of each period, in the reporting currency. Each account is divided '
                ~ 'equally among its users.',
            'mean': {'name': 'mrr_per_user', 'label': 'MRR per user',
                     'description': 'MRR per user, paying or not, before any cap.'},
         }},
        {'name': 'nrr_91d', 'label': 'NRR over 91 days', 'kind': 'ratio',
         'description': 'Current MRR of the accounts that paid 91 days ago, per MRR then; excludes users of other accounts.',
         'numerator': 'case when mrr_91d_ago > 0 then mrr / coalesce(account_users, 1) end',
         'denominator': 'case when mrr_91d_ago > 0 then mrr_91d_ago / coalesce(account_users, 1) end',
         'unit': 'share of MRR', 'level': 'account',
         'owner': 'customer success', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': true, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'grr_91d', 'label': 'GRR over 91 days', 'kind': 'ratio',
         'description': 'Like NRR, but an account never counts for more MRR now than then; excludes users of other accounts.',
         'numerator': 'case when mrr_91d_ago > 0 then least(mrr, mrr_91d_ago) / coalesce(account_users, 1) end',
         'denominator': 'case when mrr_91d_ago > 0 then mrr_91d_ago / coalesce(account_users, 1) end',
         'unit': 'share of MRR', 'level': 'account',
         'owner': 'customer success', 'direction': 'up', 'tier': 'guardrail', 'is_heavy_tailed': true, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'expansion_rate_91d', 'label': 'Expansion rate over 91 days', 'kind': 'ratio',
         'description': 'Share of accounts that pay more than 91 days ago, among those that paid then. Each account is divided '
            ~ 'among its users; excludes users of other accounts.',
         'numerator': 'case when mrr_91d_ago > 0 then case when mrr > mrr_91d_ago then 1e0 / coalesce(account_users, 1) else 0e0 end end',
         'denominator': 'case when mrr_91d_ago > 0 then 1e0 / coalesce(account_users, 1) end',
         'unit': 'share of accounts', 'level': 'account',
         'owner': 'sales', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'churn_rate_91d', 'label': 'Churn rate over 91 days', 'kind': 'ratio',
         'description': 'Share of accounts that pay nothing now, among those that paid 91 days ago. Each account is divided '
            ~ 'among its users; excludes users of other accounts.',
         'numerator': 'case when mrr_91d_ago > 0 then case when mrr > 0 then 0e0 else 1e0 / coalesce(account_users, 1) end end',
         'denominator': 'case when mrr_91d_ago > 0 then 1e0 / coalesce(account_users, 1) end',
         'unit': 'share of accounts', 'level': 'account',
         'owner': 'customer success', 'direction': 'down', 'tier': 'guardrail', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'renewal_rate_91d', 'label': 'Renewal rate over 91 days', 'kind': 'ratio',
         'description': 'Share of accounts that renewed when a renewal last fell due in 91 days, among those that renewed or '
            ~ 'ended. Each account is divided among its users; excludes users of other accounts.',
         'numerator': 'case when is_renewed_91d then 1e0 / coalesce(account_users, 1) when not is_renewed_91d then 0e0 end',
         'denominator': 'case when is_renewed_91d is not null then 1e0 / coalesce(account_users, 1) end',
         'unit': 'share of accounts', 'level': 'account',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['subscriptions']},
        {'name': 'revenue_91d', 'label': 'Revenue in 91 days', 'kind': 'mean',
         'description': "The user's equal part of the account's revenue in 91 days; 0 if none; includes every user.",
         'expression': 'revenue_91d', 'unit': 'reporting currency', 'level': 'account',
         'owner': 'finance', 'direction': 'up', 'tier': 'primary', 'is_heavy_tailed': true, 'adds_up': true,
         'needs': ['invoices'],
         'metricflow': {
            'description': 'Revenue of the 91 days before the last date of each period, in the reporting currency. Each '
                ~ 'account is divided equally among its users.',
         }},
        {'name': 'arpu_91d', 'label': 'ARPU in 91 days', 'kind': 'ratio',
         'description': 'Revenue of 91 days per user active in them; inactive users count only toward revenue.',
         'numerator': 'revenue_91d', 'denominator': 'case when active_days_91d > 0 then 1 else 0 end',
         'unit': 'reporting currency per active user', 'level': 'account',
         'owner': 'finance', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': false,
         'needs': ['invoices']},
        {'name': 'health_score', 'label': 'Health score', 'kind': 'mean',
         'description': 'Health score of the user, 0 to 100; includes every user.',
         'expression': 'health_score', 'unit': 'points', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false},
        {'name': 'tickets_91d', 'label': 'Tickets in 91 days', 'kind': 'mean',
         'description': 'Support tickets the user opened in the last 91 days; 0 if none; includes every user.',
         'expression': 'tickets_91d', 'unit': 'tickets', 'level': 'user',
         'owner': 'support', 'direction': 'down', 'tier': 'guardrail', 'is_heavy_tailed': true, 'adds_up': true,
         'needs': ['support_tickets'],
         'metricflow': {'description': 'Support tickets of the 91 days before the last date of each period.'}},
        {'name': 'ticket_satisfaction', 'label': 'Ticket satisfaction', 'kind': 'ratio',
         'description': 'Share of the ticket ratings of the last 91 days in the top two points of the scale; excludes users '
            ~ 'without a rating.',
         'numerator': 'case when tickets_rated_91d > 0 then tickets_satisfied_91d end',
         'denominator': 'case when tickets_rated_91d > 0 then tickets_rated_91d end',
         'unit': 'share of ratings', 'level': 'user',
         'owner': 'support', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['support_tickets', 'satisfaction_scale']},
        {'name': 'csat', 'label': 'CSAT', 'kind': 'binary',
         'description': "1 if the user's latest valid satisfaction score is in the top two points of the scale, else 0; "
            ~ 'excludes users without one.',
         'expression': 'case when csat_score >= ' ~ segmentation.top_two_from('csat') ~ ' then 1 when csat_score is not null '
            ~ 'then 0 end', 'unit': 'share of users', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': true,
         'needs': ['survey_responses', 'csat_scale']},
        {'name': 'ces_score', 'label': 'CES', 'kind': 'mean',
         'description': "The user's latest valid customer effort score (how easy it was); excludes users without one.",
         'expression': 'ces_score', 'unit': 'points', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['survey_responses']},
        {'name': 'csat_score', 'label': 'CSAT, score', 'kind': 'ordinal',
         'description': "The user's latest valid satisfaction score; excludes users without one.",
         'expression': 'csat_score', 'unit': 'points', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'guardrail', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['survey_responses']},
        {'name': 'nps', 'label': 'NPS', 'kind': 'nps',
         'description': '100 for a promoter, 0 for a passive, -100 for a detractor; excludes users without a valid answer.',
         'expression': "case nps_category when 'promoter' then 100 when 'passive' then 0 when 'detractor' then -100 end",
         'unit': 'points from −100 to 100', 'level': 'user',
         'owner': 'customer success', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['survey_responses']},
        {'name': 'click_through_rate_91d', 'label': 'Click-through rate', 'kind': 'ratio',
         'description': 'Clicked messages per delivered campaign message in 91 days; excludes users without a message.',
         'numerator': 'case when messages_delivered_91d > 0 then messages_clicked_91d end',
         'denominator': 'case when messages_delivered_91d > 0 then messages_delivered_91d end',
         'unit': 'clicks per message', 'level': 'user',
         'owner': 'marketing', 'direction': 'up', 'tier': 'secondary', 'is_heavy_tailed': false, 'adds_up': false,
         'needs': ['campaign_messages']},
        {'name': 'cac', 'label': 'CAC', 'kind': 'ratio',
         'description': 'Marketing spend on users who signed up 28 to 118 days ago, per customer account won among them; '
            ~ 'excludes other users and users with unknown cost.',
         'numerator': 'case when tenure_days between 28 and 118 then acquisition_cost end',
         'denominator': 'case when tenure_days between 28 and 118 and acquisition_cost is not null then '
            ~ 'case when days_as_customer <= 118 then 1e0 / coalesce(account_users, 1) else 0e0 end end',
         'unit': 'reporting currency per customer', 'level': 'account',
         'owner': 'marketing', 'direction': 'down', 'tier': 'secondary', 'is_heavy_tailed': true, 'adds_up': false,
         'needs': ['marketing_spend', 'subscriptions']},
    ]) }}
{% endmacro %}
