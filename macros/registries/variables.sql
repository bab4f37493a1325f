{#
    The variables of this project, one entry each, in the order of docs/variables.md (scripts/generate_variables.py writes
    it). Here is the one home of a default: a project writes into `vars:` of its dbt_project.yml only what differs, and
    everything reads a variable by setting().
      name          the variable
      section       heading in docs/variables.md
      default       value where a project sets none
      unit          unit of a number; none for anything else
      description   what it decides, for docs/variables.md
      and a rule, which says what values are allowed:
      type          whole number, number, share (0 to 1 unless other bounds are given), text, name (lower snake case),
                    date (YYYY-MM-DD), boolean, scalar (text, number or boolean), relation (the name of a seed or
                    model, or {source: …, table: …}), list or mapping
      also          optional: values beyond the type: 'null', 'false' or texts
      at_least, at_most, greater_than, less_than
                    optional: bounds of a number
      values        optional: all values that are allowed
      letter_case   optional: 'lower' for a text without capitals
      names         optional: what a text refers to: event, human event, segment, input, destination, experiment metric, user column or numeric
                    feature.
                    A reference to something that does not exist is reported with the nearest name
      items         rule of each entry of a list, or of each value of a mapping with free keys
      shortest, longest
                    optional: bounds of the number of entries of a list
      order         optional: 'ascending' or 'not descending', for a list of numbers
      is_unique     optional: true if an entry of a list must occur once; the name of a field if that field must
      keys          rule of the keys of a mapping with free keys
      fields        key -> rule, for a mapping with fixed keys; each must be there, unless its rule has `is_optional`
      adds_up_to    optional: the sum of the values of a mapping

    Call:   {% for variable in variables() %}
    Errors: none; a wrong value is reported by _variables_problems(), all of them at once.
#}
{% macro variables() %}
    {{ return([
        {'name': 'inputs', 'section': 'Inputs', 'default': {}, 'unit': none,
         'type': 'mapping', 'keys': {'type': 'text', 'names': 'input'},
         'items': {'type': 'relation', 'also': ['null', 'false']},
         'description': 'Location of each input of the contract ([your-data.md](your-data.md)): the name of a seed or '
            ~ 'model, `{source: s, table: t}`, or false if you do not have it. Unlisted inputs are off; users and '
            ~ 'events are required.'},
        {'name': 'changed_columns', 'section': 'Inputs', 'default': 'report', 'unit': none,
         'type': 'text', 'values': ['report', 'stop', 'null'],
         'description': 'What happens when the columns of an input are not those of the last build. New ones and other types are always '
            ~ 'reported. `report`: one of the contract that is gone stops the build, before anything reads the input. `null`: only '
            ~ 'a key or a required one does; another is NULL, with a warning. `stop`: another type of a column of the contract '
            ~ 'stops it, too; build once with `report` to accept it.'},
        {'name': 'source_timezones', 'section': 'Inputs', 'default': {}, 'unit': none,
         'type': 'mapping', 'keys': {'type': 'text', 'names': 'input'}, 'items': {'type': 'text'},
         'description': 'Time zone of an input\'s times without an offset: a name per input, such as `{events: '
            ~ 'Europe/Berlin}`. Unlisted inputs are in UTC.'},
        {'name': 'placeholder_ids', 'section': 'Inputs',
         'default': [
            'undefined', 'null', 'none', 'nil', 'nan', 'n/a', '#n/a', 'unknown', 'anonymous', 'guest',
            'not_authenticated', 'distinct_id', '[object Object]', '[object Undefined]', '[object Null]', '(null)',
            '(none)', '(not set)', '<null>', 'true', 'false', '00000000-0000-0000-0000-000000000000',
         ], 'unit': none,
         'type': 'list', 'items': {'type': 'scalar', 'also': ['null']},
         'description': 'Placeholders that programs write for a missing id; case does not matter. In a key, a '
            ~ 'placeholder rejects the row; in another id column it becomes NULL and is listed in unreadable_values. '
            ~ '`0` counts as an id unless you add it.'},
        {'name': 'not_people', 'section': 'Inputs', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': 'name', 'items': {'type': 'mapping', 'fields': {
            'name': {'type': 'name'},
            'email_domains': {'type': 'list', 'items': {'type': 'text'}, 'shortest': 1, 'is_optional': true},
            'user_ids': {'type': 'list', 'items': {'type': 'scalar'}, 'shortest': 1, 'is_optional': true},
            'anonymous_ids': {'type': 'list', 'items': {'type': 'scalar'}, 'shortest': 1, 'is_optional': true},
            'account_ids': {'type': 'list', 'items': {'type': 'scalar'}, 'shortest': 1, 'is_optional': true},
            'listed_in': {'type': 'relation', 'is_optional': true},
            'user_values': {'type': 'mapping', 'keys': {'type': 'text', 'names': 'user column'},
                            'items': {'type': 'list', 'items': {'type': 'scalar'}, 'shortest': 1}, 'is_optional': true},
            'event_names': {'type': 'list', 'items': {'type': 'text'}, 'shortest': 1, 'is_optional': true},
            'event_values': {'type': 'mapping', 'keys': {'type': 'text'},
                             'items': {'type': 'list', 'items': {'type': 'scalar'}, 'shortest': 1}, 'is_optional': true},
            'whole_user': {'type': 'boolean', 'is_optional': true},
         }},
         'description': 'Rules for rows that are not of people you serve, such as colleagues, tests, bots and service events '
            ~ '([your-data.md](your-data.md#not-people)). A rule holds where one of its conditions does. What it names is left '
            ~ 'out of everything, on all dates, and counted in left_out_rows.'},
        {'name': 'traits', 'section': 'Inputs', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': 'name', 'items': {'type': 'mapping', 'fields': {
            'name': {'type': 'name'},
            'in': {'type': 'name'},
            'type': {'type': 'text', 'values': ['string', 'list', 'bigint', 'double', 'boolean', 'date']},
            'label': {'type': 'text', 'is_optional': true},
            'description': {'type': 'text', 'is_optional': true},
            'family': {'type': 'text', 'values': [
                'demographic', 'geographic', 'firmographic', 'technographic', 'customer', 'behavioral', 'psychographic', 'value',
                'marketing',
            ], 'is_optional': true},
            'privacy': {'type': 'text', 'values': ['personal', 'sensitive'], 'also': ['null'], 'is_optional': true},
            'unit': {'type': 'text', 'is_optional': true},
            'bands': {'type': 'list', 'items': {'type': 'whole number'}, 'shortest': 1, 'order': 'ascending', 'is_optional': true},
            'values': {'type': 'list', 'items': {'type': 'text'}, 'shortest': 1, 'is_unique': true, 'is_optional': true},
            'question': {'type': 'text', 'is_optional': true},
            'dated_by': {'type': 'text', 'values': ['as_of_date', 'valid_from'], 'is_optional': true},
            'if_missing': {'type': 'scalar', 'is_optional': true},
            'reads': {'type': 'list', 'items': {'type': 'name'}, 'shortest': 1, 'is_optional': true},
            'related': {'type': 'list', 'items': {'type': 'name'}, 'shortest': 1, 'is_optional': true},
            'known_only_if_active': {'type': 'boolean', 'is_optional': true},
            'window_days': {'type': 'whole number', 'at_least': 1, 'is_optional': true},
         }},
         'description': 'Traits of your own, each a feature like any other ([your-data.md](your-data.md#traits-of-your-own)): '
            ~ 'a column of users or accounts, the answer to a question, or a column of a model of yours.'},
        {'name': 'survey_scales', 'section': 'Inputs',
         'default': {'csat': [1, 5], 'ces': [1, 7], 'satisfaction': [1, 5]}, 'unit': 'points',
         'type': 'mapping', 'fields': {
            'csat': {'type': 'list', 'items': {'type': 'number'}, 'shortest': 2, 'longest': 2, 'order': 'ascending',
                     'also': ['null'], 'is_optional': true},
            'ces': {'type': 'list', 'items': {'type': 'number'}, 'shortest': 2, 'longest': 2, 'order': 'ascending',
                    'also': ['null'], 'is_optional': true},
            'satisfaction': {'type': 'list', 'items': {'type': 'number'}, 'shortest': 2, 'longest': 2,
                             'order': 'ascending', 'also': ['null'], 'is_optional': true},
         },
         'description': 'Lowest and highest rating for the instruments csat and ces and for ticket satisfaction; null '
            ~ 'allows any number. NPS is 0 to 10. A rating outside its scale becomes NULL and is listed in '
            ~ 'unreadable_values.'},
        {'name': 'max_rejected_share', 'section': 'Inputs', 'default': 0.05, 'unit': 'share of rows', 'type': 'share',
         'description': 'Maximum share of an input\'s rows that may be rejected. Above it, everything downstream is '
            ~ 'skipped.'},
        {'name': 'max_unknown_share', 'section': 'Inputs', 'default': 0.05, 'unit': 'share of rows', 'type': 'share',
         'description': 'Maximum share of an input\'s rows with an unknown user or account, among rows that name one. '
            ~ 'Above it, the build warns.'},
        {'name': 'max_vanished_share', 'section': 'Inputs', 'default': 0.01, 'unit': 'share of users', 'type': 'share',
         'description': 'Maximum share of the previous build\'s users that may be missing from the input users without '
            ~ 'a deleted_at. Above it, nothing is published. To erase users on purpose, build once with `--vars '
            ~ '\'max_vanished_share: 1\'`.'},
        {'name': 'max_clock_skew_minutes', 'section': 'Inputs', 'default': 60, 'unit': 'minutes',
         'type': 'whole number', 'at_least': 0,
         'description': 'An event later than its arrival by more than this many minutes is from the future and is '
            ~ 'rejected.'},
        {'name': 'max_gap_days', 'section': 'Inputs', 'default': 30, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'An event that arrives more than this many days after the previous arrival is from the future '
            ~ 'if it and everything later are less than max_gap_share of the events or, in a small input, fewer than '
            ~ 'max_gap_events events and less than a quarter of them. Without an arrival time, an event arrives when '
            ~ 'it happens. Publishing uses it too: see max_active_users_fall.'},
        {'name': 'max_gap_share', 'section': 'Inputs', 'default': 0.001, 'unit': 'share of events', 'type': 'share',
         'description': 'See max_gap_days.'},
        {'name': 'max_gap_events', 'section': 'Inputs', 'default': 10, 'unit': 'events',
         'type': 'whole number', 'at_least': 0,
         'description': 'See max_gap_days.'},

        {'name': 'as_of_date', 'section': 'Time', 'default': none, 'unit': none, 'type': 'date', 'also': ['null'],
         'description': 'Last day that counts, at most the day of the newest arrival; null means the day before the '
            ~ 'newest arrival.'},
        {'name': 'include_today', 'section': 'Time', 'default': false, 'unit': none, 'type': 'boolean',
         'description': 'Whether the day of the newest arrival, which is not over, is the newest date: provisional, beside '
            ~ 'the last complete day. `make refresh` sets it for its own run; nothing is published for others from a build '
            ~ 'with it. as_of_date goes before it.'},
        {'name': 'accept_data_through', 'section': 'Time', 'default': none, 'unit': none,
         'type': 'date', 'also': ['null'],
         'description': 'The data_through of a build you have checked and accept although it does not continue from '
            ~ 'the days before (the product or the builds really paused): arrivals up to the day after it are not from '
            ~ 'the future, and a build with exactly this data_through is published. null: none.'},
        {'name': 'max_lag_days', 'section': 'Time', 'default': {}, 'unit': 'days',
         'type': 'mapping', 'keys': {'type': 'text', 'names': 'input'}, 'items': {'type': 'whole number', 'at_least': 0},
         'description': 'Days that an input may be without a new row, such as `{support_tickets: 2, events: 1}`. When it has been quiet '
            ~ 'for longer it is behind, and data_through stays at the last day when it was not; of an input from several tools '
            ~ '(connectors), each of them. Unlisted inputs do not hold anything back.'},
        {'name': 'as_of_grain', 'section': 'Time', 'default': 'week', 'unit': none,
         'type': 'text', 'values': ['day', 'week', 'month'],
         'description': 'Length of a period. A week ends on Sunday, unless week_starts_on says otherwise.'},
        {'name': 'week_starts_on', 'section': 'Time', 'default': 'monday', 'unit': none,
         'type': 'text', 'values': ['monday', 'sunday', 'saturday'],
         'description': 'First day of a week, for periods and signup_week.'},
        {'name': 'reporting_timezone', 'section': 'Time', 'default': 'UTC', 'unit': none, 'type': 'text',
         'description': 'Time zone where a day begins and ends, such as `Australia/Sydney`, and whose clocks say the part of the '
            ~ 'day. A date without a time of day is a day in this zone. Instants stay in UTC.'},
        {'name': 'history_periods', 'section': 'Time', 'default': 52, 'unit': 'periods',
         'type': 'whole number', 'at_least': 0,
         'description': 'Number of whole periods to keep before the newest date.'},
        {'name': 'extra_as_of_dates', 'section': 'Time', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'date'},
         'description': 'Extra dates to evaluate, such as the day before an experiment.'},
        {'name': 'arrival_overlap_days', 'section': 'Time', 'default': 3, 'unit': 'days',
         'type': 'whole number', 'at_least': 0,
         'description': 'Days before the newest known arrival that every build rereads, for rows that arrive out of '
            ~ 'order.'},

        {'name': 'events', 'section': 'Activity', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': 'name', 'items': {'type': 'mapping', 'fields': {
            'name': {'type': 'text'}, 'is_human': {'type': 'boolean', 'is_optional': true},
            'is_feature': {'type': 'boolean', 'is_optional': true},
            'is_core': {'type': 'boolean', 'is_optional': true},
            'category': {'type': 'text', 'also': ['null'], 'is_optional': true},
            'launched_on': {'type': 'date', 'is_optional': true}, 'announced_by': {'type': 'text', 'is_optional': true},
         }},
         'description': 'Event names. `is_human`: a person did it (default true). `is_feature`: it counts as use of a '
            ~ 'feature (default false). `is_core`: people come for it (default false), for core_actions_7d and its '
            ~ 'like. `category`: topic of the feature, for inferred_affinity. `launched_on`, `announced_by`: day of its '
            ~ 'launch and campaign that announced it, for feature_value. Unlisted names count as human; the mart '
            ~ 'unlisted_events shows them. Without a list, segments and variables may name any event.'},
        {'name': 'page_view_events', 'section': 'Activity', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'Events that count as a page view.'},
        {'name': 'login_events', 'section': 'Activity', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'Events that count as a login.'},
        {'name': 'session_timeout_minutes', 'section': 'Activity', 'default': 30, 'unit': 'minutes',
         'type': 'whole number', 'at_least': 1,
         'description': 'Minutes without an event that end a session.'},

        {'name': 'survey_valid_days', 'section': 'Features', 'default': 365, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days a survey answer or an interview note stays valid.'},
        {'name': 'currency_rates', 'section': 'Features', 'default': {}, 'unit': 'reporting currency',
         'type': 'mapping', 'keys': {'type': 'text'}, 'items': {'type': 'number', 'greater_than': 0},
         'description': 'Value of one unit of each currency in the reporting currency, such as `{USD: 1.0, EUR: '
            ~ '1.08}`. Invoices in other currencies are rejected.'},
        {'name': 'health_weights', 'section': 'Features',
         'default': {'usage': 40, 'breadth': 20, 'trend': 20, 'sentiment': 10, 'support': 10}, 'unit': 'points',
         'type': 'mapping', 'adds_up_to': 100, 'fields': {
            'usage': {'type': 'number', 'at_least': 0}, 'breadth': {'type': 'number', 'at_least': 0},
            'trend': {'type': 'number', 'at_least': 0}, 'sentiment': {'type': 'number', 'at_least': 0},
            'support': {'type': 'number', 'at_least': 0},
         },
         'description': 'Points of the health score per component. Those of a component whose input is off go to the others.'},
        {'name': 'health_targets', 'section': 'Features',
         'default': {'active_days_28d': 12, 'distinct_features_28d': 5, 'open_tickets': 3},
         'unit': 'days, features, tickets',
         'type': 'mapping', 'fields': {
            'active_days_28d': {'type': 'number', 'greater_than': 0},
            'distinct_features_28d': {'type': 'number', 'greater_than': 0},
            'open_tickets': {'type': 'number', 'greater_than': 0},
         },
         'description': 'Values that earn a component of the health score its full points (active days, features) or '
            ~ 'none (open tickets).'},
        {'name': 'rfm', 'section': 'Features',
         'default': {'classes': 5, 'frequency_days': 91, 'monetary_days': 91}, 'unit': 'classes, days',
         'type': 'mapping', 'fields': {
            'classes': {'type': 'whole number', 'at_least': 2, 'at_most': 5},
            'frequency_days': {'type': 'whole number', 'at_least': 1, 'also': ['null']},
            'monetary_days': {'type': 'whole number', 'at_least': 1, 'also': ['null']},
         },
         'description': 'RFM: the number of classes, and how many days of activity and of revenue are compared (null: all). Where '
            ~ 'people come once a year, 91 days puts nearly all of them into the lowest class.'},
        {'name': 'feature_slice_rows', 'section': 'Features', 'default': 500000, 'unit': 'rows',
         'type': 'whole number', 'at_least': 1,
         'description': 'Rows of user_features (users × dates) that are computed at once; one date, if that has more. More is '
            ~ 'faster while it fits in memory: a million rows take about 2 GB.'},

        {'name': 'segment_lint', 'section': 'Segments', 'default': 'stop', 'unit': none,
         'type': 'text', 'values': ['stop', 'warn'],
         'description': 'Effect of a broken lint rule ([segments.md](segments.md)): stop the build, or warn and go '
            ~ 'on.'},
        {'name': 'owners', 'section': 'Segments', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text'}, 'is_unique': true,
         'description': 'Teams that may own a segment or a metric, by name. If empty, every name will do.'},
        {'name': 'lifecycle', 'section': 'Segments', 'default': true, 'unit': none, 'type': 'boolean',
         'description': 'Whether the lifecycle is on: the segments new, engaged, at risk, resurrected and inactive; every '
            ~ 'user is in exactly one. Without it segment_transitions is empty, unless segments of yours say '
            ~ '`lifecycle: true` and hold everybody once.'},
        {'name': 'max_segments', 'section': 'Segments', 'default': 50, 'unit': 'segments',
         'type': 'whole number', 'at_least': 1,
         'description': 'Maximum number of registered segments; the build stops above it.'},
        {'name': 'max_micro_segments', 'section': 'Segments', 'default': 20, 'unit': 'segments',
         'type': 'whole number', 'at_least': 0,
         'description': 'Maximum number of micro segments; above it, segment_scorecard takes points from each of '
            ~ 'them.'},
        {'name': 'max_micro_share', 'section': 'Segments', 'default': 0.25, 'unit': 'share of users', 'type': 'share',
         'description': 'Maximum share of all users in a micro segment; a larger one costs points in segment_scorecard.'},
        {'name': 'review_valid_days', 'section': 'Segments', 'default': 92, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days a review stays valid, counted back from data_through. The build warns when a segment is due, and loudly '
            ~ 'after twice as long.'},
        {'name': 'min_segment_users', 'section': 'Segments', 'default': 30, 'unit': 'users',
         'type': 'whole number', 'at_least': 1,
         'description': 'A segment with fewer users counts as small. Small segments keep their rows everywhere, and their score.'},
        {'name': 'max_segment_share', 'section': 'Segments', 'default': 0.95, 'unit': 'share of users', 'type': 'share',
         'description': 'Maximum share of all users in a segment; a larger one leaves too few users to compare with.'},
        {'name': 'max_jaccard', 'section': 'Segments', 'default': 0.9, 'unit': 'share of users', 'type': 'share',
         'description': 'Maximum Jaccard index of two segments (users in both / users in either); above it they count '
            ~ 'as the same people.'},
        {'name': 'flapping_periods', 'section': 'Segments', 'default': 8, 'unit': 'periods',
         'type': 'whole number', 'at_least': 1,
         'description': 'Number of newest period ends checked for flapping.'},
        {'name': 'max_flapping_share', 'section': 'Segments', 'default': 0.3, 'unit': 'share of users', 'type': 'share',
         'description': 'Maximum share of a segment\'s users over those period ends who left it and came back.'},
        {'name': 'max_review_drift', 'section': 'Segments', 'default': 0.5, 'unit': 'relative change',
         'type': 'number', 'at_least': 0,
         'description': 'Maximum relative change of a segment\'s share of users since its review (0.5: up or down by '
            ~ 'half).'},
        {'name': 'max_membership_change', 'section': 'Segments', 'default': 0.2, 'unit': 'share of users',
         'type': 'share',
         'description': 'Maximum change of a segment\'s members (1 − Jaccard index); a larger change of definition '
            ~ 'needs approval in a pull request. Read by scripts/segment_diff.py.'},
        {'name': 'min_segment_score', 'section': 'Segments', 'default': 60, 'unit': 'points',
         'type': 'number', 'at_least': 0, 'at_most': 100,
         'description': 'A segment with a lower score is poor, and the build warns.'},
        {'name': 'personas', 'section': 'Segments', 'default': none, 'unit': none,
         'type': 'relation', 'also': ['null', 'false'],
         'description': 'Personas of segments ([segments.md](segments.md)): the name of a seed or model, `{source: s, table: t}`, or '
            ~ 'null for none. Columns, as text: segment, name, backstory, goals, frustrations, quotes; one of the last four must hold '
            ~ 'something; what cannot be used is in rejected_rows.'},

        {'name': 'confidence_level', 'section': 'Statistics', 'default': 0.95, 'unit': 'probability',
         'type': 'share', 'greater_than': 0, 'less_than': 1,
         'description': 'Coverage probability of intervals.'},
        {'name': 'power', 'section': 'Statistics', 'default': 0.8, 'unit': 'probability',
         'type': 'share', 'greater_than': 0, 'less_than': 1,
         'description': 'Probability of detecting the smallest detectable effect.'},

        {'name': 'activation_events', 'section': 'Metrics', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'Any of these events on one of the first activation_days days after signup (the signup day is '
            ~ 'the first) activates a user. If empty, is_activated is unknown for everybody.'},
        {'name': 'activation_days', 'section': 'Metrics', 'default': 7, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'See activation_events.'},
        {'name': 'lead_events', 'section': 'Metrics', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'Events without a user that make a lead of a visitor before the signup, such as leaving an address: '
            ~ 'see visitor_signups. If empty, nobody knows who is a lead.'},
        {'name': 'lead_stages', 'section': 'Metrics', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'letter_case': 'lower'},
         'description': 'Stages of account_stages that make an account a lead, in lower case.'},
        {'name': 'won_stages', 'section': 'Metrics', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'letter_case': 'lower'},
         'description': 'Stages of account_stages that make a lead a won customer, in lower case.'},
        {'name': 'lead_days', 'section': 'Metrics', 'default': 91, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'A lead converts if it is won within this many days, including the day it became a lead.'},

        {'name': 'comparison_pairs', 'section': 'Comparison', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': true, 'items': {
            'type': 'list', 'items': {'type': 'text', 'names': 'segment'}, 'shortest': 2, 'longest': 2,
            'is_unique': true,
         },
         'description': 'Pairs of segments to compare, in addition to the rest and the previous period: a list of '
            ~ '`[segment, other segment]`.'},
        {'name': 'min_test_users', 'section': 'Comparison', 'default': 30, 'unit': 'users',
         'type': 'whole number', 'at_least': 2,
         'description': 'A segment is tested against a baseline if each has at least so many users with the metric; '
            ~ 'below, the difference and its interval stay.'},
        {'name': 'min_test_accounts', 'section': 'Comparison', 'default': 20, 'unit': 'accounts',
         'type': 'whole number', 'at_least': 2,
         'description': 'The same of accounts. A user without an account counts as one.'},
        {'name': 'winsorize_at', 'section': 'Comparison', 'default': 0.99, 'unit': 'share of users',
         'type': 'share', 'greater_than': 0,
         'description': 'Share of users at or below the cap of a heavy-tailed metric; larger values count as the cap. '
            ~ 'One cap per date for everybody.'},
        {'name': 'tenure_bands', 'section': 'Comparison', 'default': [28, 91, 365], 'unit': 'days',
         'type': 'list', 'is_unique': true, 'items': {'type': 'whole number', 'at_least': 1},
         'description': 'Lower bounds of tenure bands, for the difference standardized over plan and tenure; the first '
            ~ 'band begins at 0.'},

        {'name': 'profile_values', 'section': 'Profiles and drivers', 'default': 12, 'unit': 'values',
         'type': 'whole number', 'at_least': 1,
         'description': 'Number of values per attribute in segment_profiles; users with rarer values are under '
            ~ '`__other__`.'},
        {'name': 'matrix_attributes', 'section': 'Profiles and drivers', 'default': ['industry', 'company_size', 'plan'], 'unit': none,
         'type': 'list', 'shortest': 3, 'longest': 3, 'is_unique': true, 'items': {'type': 'name'},
         'description': 'Three features whose values segment_matrix crosses.'},
        {'name': 'driver_targets', 'section': 'Profiles and drivers',
         'default': ['trial_conversion', 'retention', 'reactivation', 'promotion'],
         'unit': none,
         'type': 'list', 'is_unique': true,
         'items': {'type': 'text', 'values': ['trial_conversion', 'retention', 'reactivation', 'promotion']},
         'description': 'Outcomes that segment_drivers searches for associations.'},
        {'name': 'driver_trial_days', 'section': 'Profiles and drivers', 'default': 7, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'First days of a trial, used for the conditions of trial_conversion; its outcome comes later.'},
        {'name': 'driver_retention_days', 'section': 'Profiles and drivers', 'default': 28, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days after the date of the conditions for a user to come back.'},
        {'name': 'driver_promotion_days', 'section': 'Profiles and drivers', 'default': 182, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days after the date of the conditions for a user to answer an NPS survey.'},
        {'name': 'driver_discovery_level', 'section': 'Profiles and drivers', 'default': 0.1, 'unit': 'probability',
         'type': 'share', 'greater_than': 0,
         'description': 'A condition with a lower p in the first half of the users is tested on the second.'},
        {'name': 'driver_false_discovery_rate', 'section': 'Profiles and drivers', 'default': 0.1,
         'unit': 'share of findings',
         'type': 'share', 'greater_than': 0,
         'description': 'Accepted share of false findings among the confirmed ones.'},
        {'name': 'driver_min_units', 'section': 'Profiles and drivers', 'default': 10, 'unit': 'accounts',
         'type': 'whole number', 'at_least': 1,
         'description': 'Minimum number of accounts (or users without one), both with and without a condition, to test '
            ~ 'it.'},
        {'name': 'driver_pairs', 'section': 'Profiles and drivers', 'default': 30, 'unit': 'pairs',
         'type': 'whole number', 'at_least': 0,
         'description': 'Number of pairs of conditions to test per outcome.'},
        {'name': 'average_traits', 'section': 'Profiles and drivers',
         'default': ['active_days_28d', 'sessions_28d', 'distinct_features_28d', 'tenure_days', 'mrr', 'tickets_91d'],
         'unit': none,
         'type': 'list', 'is_unique': true, 'items': {'type': 'text', 'names': 'numeric feature'},
         'description': 'Traits of average_user_gap: numeric columns of user_features, in the order they are added.'},
        {'name': 'average_band', 'section': 'Profiles and drivers', 'default': 0.3, 'unit': 'standard deviations',
         'type': 'number', 'greater_than': 0,
         'description': 'Maximum distance from the mean of a user who is average in a trait (Daniels, 1952).'},

        {'name': 'retention_periods', 'section': 'Retention, survival and funnels', 'default': 12,
         'unit': 'periods',
         'type': 'whole number', 'at_least': 1, 'at_most': 104,
         'description': 'Number of periods of retention_unit after a cohort\'s date in segment_retention.'},
        {'name': 'retention_unit', 'section': 'Retention, survival and funnels', 'default': 'week', 'unit': none,
         'type': 'text', 'values': ['day', 'week', 'month'],
         'description': 'Length of a period of retention: 1, 7 or 30 days, counted from the cohort\'s date.'},
        {'name': 'cohort_by', 'section': 'Retention, survival and funnels', 'default': ['week', 'month'], 'unit': none,
         'type': 'list', 'is_unique': true, 'shortest': 1, 'items': {'type': 'text', 'values': ['week', 'month', 'quarter']},
         'description': 'Period of the signup that makes a cohort in signup_cohorts. The cohorts of segment_retention are the '
            ~ 'members of a segment on a date.'},
        {'name': 'retention_brackets', 'section': 'Retention, survival and funnels',
         'default': [[1, 7], [8, 28], [29, 91]],
         'unit': 'days',
         'type': 'list', 'items': {
            'type': 'list', 'items': {'type': 'whole number', 'at_least': 1}, 'shortest': 2, 'longest': 2,
            'order': 'not descending',
         },
         'description': 'Ranges of days after a cohort\'s date, both ends included, for bracket retention.'},
        {'name': 'survival_gap_days', 'section': 'Retention, survival and funnels', 'default': 28, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days without activity that end a user\'s life in segment_survival; the last of them is the '
            ~ 'day of the event.'},
        {'name': 'survival_horizon_days', 'section': 'Retention, survival and funnels', 'default': 182, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days since signup covered by the mean in segment_survival_summary (restricted mean survival '
            ~ 'time).'},
        {'name': 'funnels', 'section': 'Retention, survival and funnels', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': 'name', 'items': {'type': 'mapping', 'fields': {
            'name': {'type': 'name'},
            'steps': {'type': 'list', 'items': {'type': 'text', 'names': 'event'}, 'shortest': 2},
            'within_days': {'type': 'whole number', 'at_least': 1, 'also': ['null'], 'is_optional': true},
         }},
         'description': 'Ordered steps, each the name of an event. `within_days`: days from the first step to the last '
            ~ 'one (default funnel_days); null: without a limit.'},
        {'name': 'funnel_days', 'section': 'Retention, survival and funnels', 'default': 14, 'unit': 'days',
         'type': 'whole number', 'at_least': 1, 'also': ['null'],
         'description': 'Maximum days from the first step to the last; null: without a limit. Shares then say how many have come so far.'},
        {'name': 'funnel_entry_days', 'section': 'Retention, survival and funnels', 'default': 14, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Maximum days from a cohort\'s date to the first step.'},
        {'name': 'same_second_steps_follow', 'section': 'Retention, survival and funnels', 'default': false,
         'unit': none,
         'type': 'boolean',
         'description': 'Whether a step of a funnel or of performed_sequence() in the same second as the previous step '
            ~ 'counts as following it, in either order (Amplitude\'s default; Mixpanel\'s is two seconds). If false, '
            ~ 'it must be later, to the microsecond.'},

        {'name': 'north_star', 'section': 'North Star and value', 'default': 'active_days_7d', 'unit': none,
         'type': 'mapping', 'also': ['the name of a metric'], 'fields': {
            'event': {'type': 'text', 'names': 'human event', 'also': ['null'], 'is_optional': true},
            'days': {'type': 'whole number', 'values': [7, 28, 91]},
         },
         'description': 'The North Star: a metric of `marts.metrics` whose mean over users it is (not a ratio or an '
            ~ 'ordinal score). The old form, an event and days, still works and warns: mark the event with `is_core` '
            ~ 'and name core_actions_7d, _28d or _91d; for any human event name events_7d, _28d or _91d.'},
        {'name': 'north_star_base', 'section': 'North Star and value',
         'default': {'days': 28, 'periods_back': 20, 'date': none}, 'unit': 'days, periods',
         'type': 'mapping', 'fields': {
            'days': {'type': 'whole number', 'values': [7, 28, 91]},
            'periods_back': {'type': 'whole number', 'at_least': 1},
            'date': {'type': 'date', 'also': ['null'], 'is_optional': true},
         },
         'description': 'Base for measuring its change, besides the previous period end: a date (the last as_of_date '
            ~ 'on or before it counts) or, if null, the period end periods_back periods ago. Both ends are means over '
            ~ 'this many days.'},
        {'name': 'cost_per_ticket', 'section': 'North Star and value', 'default': 15, 'unit': 'reporting currency',
         'type': 'number', 'at_least': 0,
         'description': 'Cost of one support ticket.'},

        {'name': 'experiment_window_days', 'section': 'Experiments and campaigns', 'default': 28, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days after the day of assignment that count for an experiment\'s outcomes, and days before it '
            ~ 'for the covariate.'},
        {'name': 'experiment_conversion_events', 'section': 'Experiments and campaigns', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'A user who performs any of these events within the window has converted.'},
        {'name': 'experiment_metrics', 'section': 'Experiments and campaigns', 'default': {}, 'unit': none,
         'type': 'mapping', 'keys': {'type': 'text'}, 'items': {
            'type': 'mapping', 'keys': {'type': 'text', 'names': 'experiment metric'}, 'items': {
                'type': 'mapping', 'fields': {
                    'role': {'type': 'text', 'values': ['primary', 'secondary', 'guardrail'], 'is_optional': true},
                    'margin': {'type': 'share', 'greater_than': 0, 'less_than': 1, 'is_optional': true},
                },
            },
         },
         'description': 'What a metric is for in one experiment, where that differs from the macro `experiment_metrics()`: '
            ~ '`{guided_setup: {tickets: {margin: 0.2}, active: {role: secondary}}}`. `margin`: a guardrail may get worse by this '
            ~ 'share of the control\'s mean and still count as not worse.'},
        {'name': 'control_variants', 'section': 'Experiments and campaigns', 'default': ['control'], 'unit': none,
         'type': 'list', 'items': {'type': 'text'},
         'description': 'Names of the control variant. If an experiment has several of them, the first in this list '
            ~ 'counts.'},
        {'name': 'holdout_variants', 'section': 'Experiments and campaigns', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text'},
         'description': 'Variants that mean a user was held out of the experiment. They do not count in the sample ratio, and '
            ~ 'are compared only as the control, if `control_variants` names them too.'},
        {'name': 'randomization_unit', 'section': 'Experiments and campaigns', 'default': {}, 'unit': none,
         'type': 'mapping', 'also': ['user', 'account'], 'keys': {'type': 'text'},
         'items': {'type': 'text', 'values': ['user', 'account']},
         'description': 'What was assigned at random: `account` or `user` for all experiments and campaigns, or a mapping such as '
            ~ '`{guided_setup: account}`. Unlisted ones: found out from the assignments, see experiment_variants.'},
        {'name': 'experiment_expected_shares', 'section': 'Experiments and campaigns', 'default': {},
         'unit': 'share of users',
         'type': 'mapping', 'also': ['null'], 'keys': {'type': 'text'}, 'items': {
            'type': 'mapping', 'keys': {'type': 'text'}, 'items': {'type': 'share', 'greater_than': 0}, 'adds_up_to': 1,
         },
         'description': 'Planned share of users per variant if not equal: `{guided_setup: {control: 0.2, treatment: '
            ~ '0.8}}`. Unlisted experiments have equal shares.'},
        {'name': 'sample_ratio_alarm', 'section': 'Experiments and campaigns', 'default': 0.001, 'unit': 'probability',
         'type': 'share', 'greater_than': 0, 'less_than': 1,
         'description': 'p value that raises the alarm: below it, chance does not explain the ratio of the variants\' '
            ~ 'users.'},
        {'name': 'experiment_planned_users', 'section': 'Experiments and campaigns', 'default': 1000, 'unit': 'users',
         'type': 'number', 'greater_than': 0,
         'description': 'Planned number of users in both variants together, set before the start; the always-valid '
            ~ 'interval is narrowest there.'},
        {'name': 'experiment_min_users', 'section': 'Experiments and campaigns', 'default': 10, 'unit': 'users',
         'type': 'whole number', 'at_least': 2,
         'description': 'Minimum users per variant for a segment to count in heterogeneity and shrinkage; below it, '
            ~ 'its spread is too uncertain.'},
        {'name': 'campaign_window_days', 'section': 'Experiments and campaigns', 'default': 14, 'unit': 'days',
         'type': 'whole number', 'at_least': 1,
         'description': 'Days after the time of assignment that count for a campaign\'s messages and conversions.'},
        {'name': 'campaign_conversion_events', 'section': 'Experiments and campaigns', 'default': [], 'unit': none,
         'type': 'list', 'items': {'type': 'text', 'names': 'event'},
         'description': 'A user who performs any of these events within the window has converted.'},

        {'name': 'discovery', 'section': 'Discovery', 'default': {'clusters': false, 'churn_score': false},
         'unit': none,
         'type': 'mapping', 'fields': {
            'clusters': {'type': 'boolean', 'is_optional': true},
            'churn_score': {'type': 'boolean', 'is_optional': true},
         },
         'description': 'Models that take time, off unless set here. `clusters`: user_clusters and cluster_centroids. '
            ~ '`churn_score`: user_churn_scores and churn_model.'},
        {'name': 'clusters', 'section': 'Discovery', 'default': {'count': 5, 'iterations': 20, 'refit_days': 91},
         'unit': 'clusters, iterations, days',
         'type': 'mapping', 'fields': {
            'count': {'type': 'whole number', 'at_least': 2, 'at_most': 9},
            'iterations': {'type': 'whole number', 'at_least': 1},
            'refit_days': {'type': 'whole number', 'at_least': 1},
         },
         'description': 'Number of clusters, k-means iterations per fit, and days between fits.'},
        {'name': 'churn', 'section': 'Discovery', 'default': {'ridge': 1, 'steps': 8}, 'unit': 'penalty, steps',
         'type': 'mapping', 'fields': {
            'ridge': {'type': 'number', 'at_least': 0}, 'steps': {'type': 'whole number', 'at_least': 1},
         },
         'description': 'Fit of the churn score. `ridge` (per standardized coefficient): how strongly coefficients are '
            ~ 'pulled to 0. `steps`: Newton steps; if the model has not converged after this many, it is given up and '
            ~ 'marked not_converged.'},
        {'name': 'health_bands', 'section': 'Discovery', 'default': {'poor_below': 30, 'good_from': 45},
         'unit': 'points',
         'type': 'mapping', 'fields': {'poor_below': {'type': 'number'}, 'good_from': {'type': 'number'}},
         'description': 'Bands of an account\'s mean health_score: poor below the first number, good from the second.'},

        {'name': 'audiences', 'section': 'Audiences', 'default': [], 'unit': none,
         'type': 'list', 'is_unique': 'name', 'items': {'type': 'mapping', 'fields': {
            'name': {'type': 'name'},
            'destination': {'type': 'text', 'names': 'destination'},
            'segment': {'type': 'text', 'names': 'segment'},
            'key': {'type': 'text', 'also': ['null'], 'is_optional': true},
            'holdout_share': {'type': 'share', 'less_than': 1, 'is_optional': true},
            'exclude_segments': {'type': 'list', 'items': {'type': 'text', 'names': 'segment'}, 'is_optional': true},
            'max_change_share': {'type': 'number', 'greater_than': 0, 'is_optional': true},
            'surface': {'type': 'text', 'values': ['email', 'in_app', 'onboarding', 'ads', 'support', 'sales'],
                        'is_optional': true},
            'metric': {'type': 'name', 'is_optional': true},
         }},
         'description': 'Lists of people to send to a destination ([audiences.md](audiences.md)). `name`: the holdout '
            ~ 'draw depends on it, so never rename. `segment`: registered segment to send. `key`: email or user_id, if '
            ~ 'the destination takes both (default: the first of audience_destinations()). `holdout_share`: share of '
            ~ 'people held out for comparison (default 0). `exclude_segments`: segments whose members are left out '
            ~ '(default none). `max_change_share`: like audience_max_change_share, for this audience. `surface`: where people '
            ~ 'meet it, which decides the consent it needs (default ads for Google and Meta, email elsewhere). `metric`: the '
            ~ 'yes-or-no outcome of experiment_metrics() that audience_results compares (default: the one that measures the '
            ~ 'metric of the segment\'s goal, else active).'},
        {'name': 'surface_consents', 'section': 'Audiences', 'default': {'email': 'marketing_consent', 'ads': 'marketing_consent'},
         'unit': none,
         'type': 'mapping', 'fields': {
            'email': {'type': 'name', 'also': ['null'], 'is_optional': true},
            'in_app': {'type': 'name', 'also': ['null'], 'is_optional': true},
            'onboarding': {'type': 'name', 'also': ['null'], 'is_optional': true},
            'ads': {'type': 'name', 'also': ['null'], 'is_optional': true},
            'support': {'type': 'name', 'also': ['null'], 'is_optional': true},
            'sales': {'type': 'name', 'also': ['null'], 'is_optional': true},
         },
         'description': 'Consent that each surface of an audience needs: marketing_consent, or a yes-or-no trait of your own in users '
            ~ '(`traits`). An unlisted surface keeps its default: marketing_consent for email and ads, none for the others. '
            ~ 'null: none.'},
        {'name': 'past_deliveries', 'section': 'Audiences', 'default': none, 'unit': none,
         'type': 'relation', 'also': ['null', 'false'],
         'description': 'Deliveries that this warehouse does not remember, such as those of another tool or of a warehouse that '
            ~ 'is gone: the name of a seed or model, `{source: s, table: t}`, or null for none. Columns, as text: user_id, '
            ~ 'audience, is_held_out (true or false) and delivered_through (date). audience_results counts them too.'},
        {'name': 'audience_max_change_share', 'section': 'Audiences', 'default': 0.5,
         'unit': 'share of people delivered',
         'type': 'number', 'greater_than': 0,
         'description': 'Maximum adds plus removes, as a share of the people delivered (0.5: half of them); a larger '
            ~ 'delivery is refused.'},
        {'name': 'audience_suppressions', 'section': 'Audiences', 'default': none, 'unit': none,
         'type': 'relation', 'also': ['null', 'false'],
         'description': 'People who must not be sent anywhere: the name of a seed or model, `{source: s, table: t}`, '
            ~ 'or null for none. Columns, as text: user_id and email_sha256 (SHA-256 of the trimmed lower-case '
            ~ 'address, hexadecimal); one of the two may be NULL.'},

        {'name': 'max_active_users_fall', 'section': 'Publishing', 'default': 0.5, 'unit': 'share of users',
         'type': 'share',
         'description': 'A build is published if its data_through is at most max_gap_days from that of the last '
            ~ 'publication, and if its active users (in the 28 days up to data_through) have not fallen by more than '
            ~ 'this share. Otherwise set accept_data_through to its data_through.'},
        {'name': 'min_cell_users', 'section': 'Publishing', 'default': 5, 'unit': 'users',
         'type': 'whole number', 'at_least': 1,
         'description': 'Smaller counts of users, including 0, are withheld from published/segmentation.duckdb, '
            ~ 'together with any number they could be derived from. Read by scripts/publish.py; the warehouse itself '
            ~ 'holds all counts.'},
    ]) }}
{% endmacro %}
