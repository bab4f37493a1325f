{#
    The features of user_features, one entry each, in the order of its columns. Everything that lists or describes features is
    derived from this list; run scripts/generate_features.py after a change. A new feature is its SQL in
    models/features/user_<family>_features.sql, an entry here, and its recomputation in tests/oracle/.
      name          column in lower snake case; a window is a suffix: sessions_28d
      family        demographic, geographic, firmographic, technographic, customer, behavioral, psychographic, value or
                    marketing: the model that computes it
      type          string, bigint, double, boolean or date
      unit          unit of a number; none for other types
      bounds        [lowest, highest] value that can occur (none: no bound), or none; conditions outside stop the build
      can_be_null   false: NULL in it is an error
      privacy       none, personal or sensitive
      reads         inputs, reference seeds and features that it is computed from: a segment chosen by one of these features,
                    or in plain SQL from one of these inputs, differs in it by construction. The first is what it cannot be
                    known without
      known_only_if_active
                    true if it is NULL for somebody who did nothing in the product, so that "known" says "active", and
                    whoever is chosen by it differs in activity
      window_days   how many days before the date it looks back, as a number or the variable that holds it; none if it
                    depends on that date alone or on all of the past
      related       groups of features that say much the same, or of which one is computed from another: a segment chosen
                    by one differs in the others by construction, so comparing them is circular. none if there are none
      description   what it means, NULL and 0 included, for dbt docs and BI
      definition    how it is computed, ties included, for docs/features.md and the oracle
      labels        optional: [value or values, meaning], the NULL row (`null`) included. Values that are single words are
                    all that may occur
      profile       optional: how segment_profiles shows it, {label, bands, name, related, after}. bands: bounds that make
                    a number a label. name: default is the feature's, with `_band` if there are bands. related: features
                    that decide it beyond its groups. after: the profiled feature that it follows; default is list order
      aliases       optional: other names under which criteria ask for it
      needs         optional: what else it cannot be known without, see is_known(). What cannot be known keeps its column, and is
                    neither profiled nor searched for associations

    A project adds features of its own by the variable `traits`: see trait_features().

    Call:   {% for feature in features() %}
    Errors: an entry that breaks a rule (macros/registries/_features_problems.sql) stops the parse: user_features checks the
            list, once, since a check in here would run hundreds of times in a parse.
#}
{% macro features() %}
    {{ return(adapter.dispatch('features', 'segmentation')() + segmentation.trait_features()) }}
{% endmacro %}

{% macro default__features() %}
    {{ return([
        {'name': 'age_band', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'profile': {'label': 'Age'},
         'description': 'Age band: the year of the date minus the year of birth.',
         'labels': [
            ['under_18', '0 to 17'],
            ['18_24', '18 to 24'],
            ['25_34', '25 to 34'],
            ['35_44', '35 to 44'],
            ['45_54', '45 to 54'],
            ['55_64', '55 to 64'],
            ['65_plus', '65 to 120'],
            ['null', 'year of birth unknown, or an age below 0 or above 120'],
         ],
         'definition': 'year of D − birth_year: `under_18`, `18_24`, `25_34`, `35_44`, `45_54`, `55_64`, '
            ~ '`65_plus`; NULL if unknown, below 0 or above 120'},
        {'name': 'gender', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': 'sensitive',
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'profile': {'label': 'Gender'},
         'description': 'Gender on the date as recorded, lower case. NULL if unknown.',
         'definition': 'as recorded, lower case'},
        {'name': 'income_band', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'profile': {'label': 'Income'},
         'description': 'Band of income on the date as recorded, lower case. NULL if unknown.',
         'definition': 'as recorded, lower case'},
        {'name': 'language', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'profile': {'label': 'Language'},
         'description': 'Language on the date as recorded, lower case. NULL if unknown.',
         'definition': 'as recorded, lower case'},
        {'name': 'job_title', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'personal',
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['job'],
         'profile': {'label': 'Job title'},
         'description': 'Job title on the date as recorded. NULL if unknown.',
         'definition': 'as recorded'},
        {'name': 'role', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': none,
         'reads': ['job_title', 'job_title_roles'], 'known_only_if_active': false, 'window_days': none,
         'related': ['job'],
         'profile': {'label': 'Role'},
         'description': "The user's role: from the first keyword of `job_title_roles` that occurs in the job title "
            ~ 'as whole words.',
         'labels': [
            ['`customer_success`, `data`, `design`, …', 'the role of that keyword; the seed lists them'],
            ['other', 'the job title does not contain a keyword'],
            ['null', 'job title unknown'],
         ],
         'definition': 'the first row (by `priority`) of `seeds/reference/job_title_roles.csv` whose `keyword` '
            ~ 'occurs in the job title as whole words (lower case, everything but a–z and 0–9 read as a space); '
            ~ '`other` if none; NULL without a job title'},
        {'name': 'seniority', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['job_title', 'job_title_seniorities'], 'known_only_if_active': false, 'window_days': none,
         'related': ['job'],
         'profile': {'label': 'Seniority'},
         'description': "The user's seniority: from the first keyword of `job_title_seniorities` that occurs in "
            ~ 'the job title as whole words.',
         'labels': [
            ['`executive`, `vp`, `director`, `manager`, `senior`, `junior`', 'the seniority of that keyword'],
            ['individual', "the job title does not contain another seniority's keyword"],
            ['null', 'job title unknown'],
         ],
         'definition': 'the same with `job_title_seniorities.csv`; `individual` if none'},
        {'name': 'department', 'family': 'demographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['job'],
         'profile': {'label': 'Department'},
         'description': 'Department on the date as recorded. NULL if unknown.',
         'definition': 'as recorded'},
        {'name': 'country', 'family': 'geographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': none,
         'reads': ['users', 'attribute_history', 'country_aliases'], 'known_only_if_active': false, 'window_days': none,
         'related': ['place'],
         'profile': {'label': 'Country'},
         'description': 'Country on the date: the ISO alpha-2 code for the recorded text in `country_aliases`, or '
            ~ 'else that text in upper case. NULL if unknown.',
         'definition': 'ISO alpha-2 code: the recorded text, looked up in `seeds/reference/country_aliases.csv` '
            ~ '(upper case); text that is not in the map stays as it is, in upper case'},
        {'name': 'state', 'family': 'geographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': none,
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['place'],
         'profile': {'label': 'State'},
         'description': 'State or province on the date as recorded. NULL if unknown.',
         'definition': 'as recorded'},
        {'name': 'city', 'family': 'geographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': 'personal',
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['place'],
         'profile': {'label': 'City'},
         'description': 'City on the date as recorded. NULL if unknown.',
         'definition': 'as recorded'},
        {'name': 'region', 'family': 'geographic', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': none,
         'reads': ['country', 'countries'], 'known_only_if_active': false, 'window_days': none, 'related': ['place'],
         'profile': {'label': 'Region'},
         'description': 'Part of the world, from the seed `countries`.',
         'labels': [
            ['`africa`, `asia`, `europe`, `latin_america`, `middle_east`, `north_america`, `oceania`',
             'the region of the country'],
            ['null', 'country unknown, or not in the seed'],
         ],
         'definition': 'of the country, from `seeds/reference/countries.csv`; NULL if the country is not there'},
        {'name': 'climate_zone', 'family': 'geographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['country', 'countries'], 'known_only_if_active': false, 'window_days': none, 'related': ['place'],
         'profile': {'label': 'Climate zone'},
         'description': 'Broad climate of the country, from the seed `countries`.',
         'labels': [
            ['`arid`, `continental`, `polar`, `temperate`, `tropical`', 'the climate of the country'],
            ['null', 'country unknown, or not in the seed'],
         ],
         'definition': 'of the country, from `seeds/reference/countries.csv`; NULL if the country is not there'},
        {'name': 'industry', 'family': 'firmographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['accounts', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': none,
         'profile': {'label': 'Industry'},
         'description': "Industry of the user's account on the date, lower case. NULL if unknown or without an "
            ~ 'account.',
         'definition': 'as recorded, lower case'},
        {'name': 'business_model', 'family': 'firmographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['accounts', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': none,
         'profile': {'label': 'Business model'},
         'description': "Business model of the user's account on the date (b2b, b2c, …), lower case. NULL if "
            ~ 'unknown or without an account.',
         'definition': 'as recorded, lower case'},
        {'name': 'company_size', 'family': 'firmographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['employee_count'], 'known_only_if_active': false, 'window_days': none, 'related': ['company_size'],
         'profile': {'label': 'Company size'},
         'description': "Size of the user's account by employee_count.",
         'labels': [
            ['micro', '1 to 9'],
            ['small', '10 to 49'],
            ['medium', '50 to 249'],
            ['large', '250 to 999'],
            ['enterprise', '1,000 and more'],
            ['null', 'unknown, below 1, or without an account'],
         ],
         'definition': '`micro` 1–9, `small` 10–49, `medium` 50–249, `large` 250–999, `enterprise` 1000 and more; '
            ~ 'NULL below 1'},
        {'name': 'revenue_band', 'family': 'firmographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['annual_revenue'], 'known_only_if_active': false, 'window_days': none, 'related': ['company_size'],
         'profile': {'label': "Company's revenue"},
         'description': "Size of the user's account by annual_revenue; a bound belongs to the band above it.",
         'labels': [
            ['under_1m', 'below 1 million'],
            ['1m_10m', '1 to 10 million'],
            ['10m_50m', '10 to 50 million'],
            ['50m_250m', '50 to 250 million'],
            ['250m_1b', '250 million to 1 billion'],
            ['over_1b', '1 billion and more'],
            ['null', 'unknown, or without an account'],
         ],
         'definition': 'annual revenue `under_1m`, `1m_10m`, `10m_50m`, `50m_250m`, `250m_1b`, `over_1b` (a bound '
            ~ 'belongs to the band above it)'},
        {'name': 'employee_count', 'family': 'firmographic', 'type': 'bigint', 'unit': 'employees', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['accounts', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['company_size'],
         'description': "Employees of the user's account on the date. NULL if unknown, not a whole number, or "
            ~ 'without an account.',
         'definition': 'numbers; text that is not a number is NULL'},
        {'name': 'annual_revenue', 'family': 'firmographic', 'type': 'double', 'unit': 'money per year', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['accounts', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['company_size'],
         'description': "The account's own annual revenue on the date. NULL if unknown, not a number, or without "
            ~ 'an account. Not what it pays us; that is mrr.',
         'definition': 'numbers; text that is not a number is NULL'},
        {'name': 'crm_vendor', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['account_technologies', 'users', 'attribute_history'], 'known_only_if_active': false,
         'window_days': none, 'related': none,
         'profile': {'label': 'CRM'},
         'description': "Vendor of the CRM in use at the user's account on the date; if several, the one "
            ~ 'discovered last. NULL if unknown or without an account.',
         'definition': "the account's technology of that category first seen on or before D and not last seen on "
            ~ 'or before D; the latest `first_seen_at`, then vendor in alphabetical order; lower case'},
        {'name': 'marketing_automation_vendor', 'family': 'technographic', 'type': 'string', 'unit': none,
         'bounds': none, 'can_be_null': true, 'privacy': none,
         'reads': ['account_technologies', 'users', 'attribute_history'], 'known_only_if_active': false,
         'window_days': none, 'related': none,
         'profile': {'label': 'Marketing automation'},
         'description': "Vendor of the marketing automation in use at the user's account on the date; if several, "
            ~ 'the one discovered last. NULL if unknown or without an account.',
         'definition': "the account's technology of that category first seen on or before D and not last seen on "
            ~ 'or before D; the latest `first_seen_at`, then vendor in alphabetical order; lower case'},
        {'name': 'back_office_vendor', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['account_technologies', 'users', 'attribute_history'], 'known_only_if_active': false,
         'window_days': none, 'related': none,
         'profile': {'label': 'Back office'},
         'description': "Vendor of the back-office software in use at the user's account on the date; if several, "
            ~ 'the one discovered last. NULL if unknown or without an account.',
         'definition': "the account's technology of that category first seen on or before D and not last seen on "
            ~ 'or before D; the latest `first_seen_at`, then vendor in alphabetical order; lower case'},
        {'name': 'database_vendor', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['account_technologies', 'users', 'attribute_history'], 'known_only_if_active': false,
         'window_days': none, 'related': none,
         'profile': {'label': 'Database'},
         'description': "Vendor of the database in use at the user's account on the date; if several, the one "
            ~ 'discovered last. NULL if unknown or without an account.',
         'definition': "the account's technology of that category first seen on or before D and not last seen on "
            ~ 'or before D; the latest `first_seen_at`, then vendor in alphabetical order; lower case'},
        {'name': 'primary_device', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': true, 'window_days': 91, 'related': ['device'],
         'profile': {'label': 'Device'},
         'description': 'Kind of device in most sessions of the 91 days to the date. NULL if unknown for all of '
            ~ 'them.',
         'definition': 'the device type / the os of the most sessions in the 91 days to D, each separately, '
            ~ 'sessions without one left out; ties: the one whose latest session started last, then alphabetical'},
        {'name': 'primary_os', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': true, 'window_days': 91, 'related': ['device'],
         'profile': {'label': 'Operating system'},
         'description': 'Operating system in most sessions of the 91 days to the date. NULL if unknown for all of '
            ~ 'them.',
         'definition': 'the device type / the os of the most sessions in the 91 days to D, each separately, '
            ~ 'sessions without one left out; ties: the one whose latest session started last, then alphabetical'},
        {'name': 'app_version', 'family': 'technographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': true, 'window_days': 91, 'related': ['device'],
         'profile': {'label': 'App version'},
         'description': 'Version of the app in the latest session with a known version in the 91 days to the date. '
            ~ 'NULL without one.',
         'definition': 'of the latest session with one in the 91 days to D (by start, then app version descending '
            ~ 'as text)'},
        {'name': 'plan', 'family': 'customer', 'type': 'string', 'unit': none, 'bounds': none, 'can_be_null': true,
         'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'profile': {'label': 'Plan'},
         'description': "Plan of the account's primary active subscription (highest mrr, then latest start), lower "
            ~ 'case. NULL without an active subscription or an account.',
         'definition': 'of the primary active subscription: highest mrr (unknown is lowest), then latest '
            ~ '`started_at`, then `subscription_id`; lower case; NULL without an active one'},
        {'name': 'trial_outcome', 'family': 'customer', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'profile': {'label': 'Outcome of the trial'},
         'description': "Outcome of the account's latest trial.",
         'labels': [
            ['in_trial', 'the trial runs on the date'],
            ['converted', 'it became a paid subscription on or before the date'],
            ['lapsed', 'the trial or its subscription ended without converting'],
            ['null', 'without a trial by then, or without an account'],
         ],
         'definition': "of the account's latest started subscription with a `trial_ends_at` (by `started_at`, then "
            ~ '`subscription_id` descending): `converted`, `lapsed` (trial or subscription over without conversion), '
            ~ 'else `in_trial`; NULL if there never was one'},
        {'name': 'journey_stage', 'family': 'customer', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['account_stages', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'profile': {'label': 'Journey stage'},
         'description': 'Journey stage the account entered last, on or before the date. NULL without a stage or an '
            ~ 'account.',
         'definition': "the account's latest stage entered on or before D (by `entered_at`, then stage "
            ~ 'alphabetically descending), and D minus the date it was entered: the earliest `entered_at` after the '
            ~ 'last entry of another stage (of stages at the same time the alphabetically last counts)'},
        {'name': 'account_owner', 'family': 'customer', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'personal',
         'reads': ['accounts', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': none,
         'profile': {'label': 'Account owner'},
         'description': 'Name of our contact responsible for the account on the date. NULL without an owner or an '
            ~ 'account.',
         'definition': 'as recorded'},
        {'name': 'acquisition_channel', 'family': 'customer', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['acquisition'],
         'profile': {'label': 'Acquisition channel'},
         'description': 'Acquisition channel of the user, lower case. NULL if unknown.',
         'definition': 'as recorded, lower case'},
        {'name': 'days_in_stage', 'family': 'customer', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['account_stages', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': none,
         'description': 'Days since the account entered its journey_stage; 0 on the first day. The same stage '
            ~ 'recorded again is the same stay. NULL without a stage.',
         'definition': "the account's latest stage entered on or before D (by `entered_at`, then stage "
            ~ 'alphabetically descending), and D minus the date it was entered: the earliest `entered_at` after the '
            ~ 'last entry of another stage (of stages at the same time the alphabetically last counts)'},
        {'name': 'mrr', 'family': 'customer', 'type': 'double', 'unit': 'reporting currency per month', 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'profile': {'label': "Account's MRR", 'bands': [1, 100, 500, 1000]},
         'description': "Monthly recurring revenue (MRR) of the account's paying subscriptions, in the reporting "
            ~ 'currency. 0 without any. It belongs to the account: never sum it over users.',
         'definition': "sum over paying subscriptions of the account; 0 if none. It is the account's: never sum it "
            ~ 'over users'},
        {'name': 'mrr_91d_ago', 'family': 'customer', 'type': 'double', 'unit': 'reporting currency per month',
         'bounds': none, 'can_be_null': false, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': 91,
         'related': ['contract'],
         'description': "The account's MRR 91 days before the date, as known then. 0 if it did not pay. It belongs "
            ~ 'to the account: never sum it over users. Use it with mrr for net and gross revenue retention.',
         'definition': "mrr as it was on the date D − 91, with what was known on D − 91; the account's, too"},
        {'name': 'seats', 'family': 'customer', 'type': 'bigint', 'unit': 'seats', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'profile': {'label': 'Seats', 'bands': [1, 10, 50, 250]},
         'description': "Seats of the account's active subscriptions. 0 without any. They belong to the account: "
            ~ 'never sum them over users.',
         'definition': 'sum over active subscriptions; 0 if none'},
        {'name': 'days_to_renewal', 'family': 'customer', 'type': 'bigint', 'unit': 'days', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'], 'aliases': ['renewal_date'],
         'description': 'Days until the primary active subscription renews; 0 on the day itself, negative when '
            ~ 'overdue. NULL without a subscription, or if its renewal date is unknown or never (9999-12-31).',
         'definition': "date of the primary active subscription's `renewal_date` minus D; negative when overdue; "
            ~ 'NULL if none, or if it is 9999-12-31, which is never'},
        {'name': 'days_as_customer', 'family': 'customer', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'description': "Days since the account's first payment, even if it has stopped paying. 0 on the first "
            ~ 'day; NULL if it never paid.',
         'definition': 'D minus the day the account first paid: over the versions known on D that have an mrr '
            ~ 'above 0, started on or before D, and have no `trial_ends_at` or were converted on or before D, the '
            ~ 'earliest date of the latest of `valid_from`, `started_at` and (with a `trial_ends_at`) '
            ~ '`converted_at`. NULL if there is none'},
        {'name': 'tenure_days', 'family': 'customer', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['users'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'profile': {'label': 'Days since signup', 'name': 'tenure_band',
                    'bands': [28, 91, 182, 365], 'related': ['signup_week']},
         'description': 'Days since signup; 0 on the day of signup.',
         'definition': 'days since signup'},
        {'name': 'is_trial', 'family': 'customer', 'type': 'boolean', 'unit': none, 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'description': "True if the account's primary active subscription is a trial. False also without one.",
         'definition': 'the primary active subscription is not paying; false without one'},
        {'name': 'is_renewed_91d', 'family': 'customer', 'type': 'boolean', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['subscriptions', 'users', 'attribute_history'], 'known_only_if_active': false, 'window_days': 91,
         'related': ['contract'],
         'description': 'Whether the account renewed, the last time a renewal fell due in the 91 days to the date.',
         'labels': [
            ['true', 'the subscription has a later renewal date by now'],
            ['false', 'it lacks a later renewal date and has ended'],
            ['null',
             'a renewal did not fall due, or the last one is overdue and the subscription has neither renewed nor '
            ~ 'ended'],
         ],
         'definition': 'Of each subscription take the versions known on D that started on or before D and have no '
            ~ '`trial_ends_at` or were converted on or before D. Due is their latest `renewal_date` in the 91 days '
            ~ "to D. Of the account's subscriptions with one, the one with the latest due date counts (ties: "
            ~ '`subscription_id`): true if one of its versions has a later `renewal_date` than the due one; else '
            ~ 'false if the version that counts on D ended on or before D; else NULL (overdue). NULL if none was due'},
        {'name': 'is_lead_converted', 'family': 'customer', 'type': 'boolean', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['account_stages', 'users', 'attribute_history'], 'needs': ['lead_stages', 'won_stages'], 'known_only_if_active': false, 'window_days': none,
         'related': ['contract'],
         'description': 'Whether the account was won as a customer within lead_days days of becoming a lead '
            ~ '(variables lead_stages, won_stages).',
         'labels': [
            ['true', 'won within that time'],
            ['false', 'not won, or later'],
            ['null', 'never a lead, or the time is not over on the date, even if already won'],
         ],
         'definition': 'the account became a lead on the date of its first stage in `lead_stages` (lead), and was '
            ~ 'won on the date of the first stage in `won_stages` (onboarding) on or after that date: true if that '
            ~ 'is at most `lead_days` − 1 (90) days later, else false; NULL if D is earlier than lead date + '
            ~ '`lead_days` − 1, or it never was a lead'},
        {'name': 'signup_week', 'family': 'customer', 'type': 'date', 'unit': none, 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['users'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'description': 'Monday of the week of the signup.',
         'definition': 'the Monday of the week of the signup'},
        {'name': 'day_part', 'family': 'behavioral', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': true, 'window_days': 91, 'related': none,
         'profile': {'label': 'Part of the day'},
         'description': 'Part of the day (UTC) when most sessions of the 91 days to the date started.',
         'labels': [
            ['night', '0 to 5 h'],
            ['morning', '6 to 11 h'],
            ['afternoon', '12 to 17 h'],
            ['evening', '18 to 23 h'],
            ['null', 'without sessions in the 91 days'],
         ],
         'definition': 'part of the UTC day when most sessions of the 91 days started: `night` 0–5, `morning` '
            ~ '6–11, `afternoon` 12–17, `evening` 18–23 h; ties: alphabetical; NULL without a session'},
        {'name': 'active_days_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, 7],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Days with at least one event in the 7 days to the date. 0 without any.',
         'definition': 'days with at least one event'},
        {'name': 'active_days_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, 28],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'profile': {'label': 'Active days in 28 days', 'bands': [1, 4, 12]},
         'description': 'Days with at least one event in the 28 days to the date. 0 without any.',
         'definition': 'days with at least one event'},
        {'name': 'active_days_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, 91],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Days with at least one event in the 91 days to the date. 0 without any.',
         'definition': 'days with at least one event'},
        {'name': 'sessions_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'sessions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Sessions in the 7 days to the date. 0 without any.',
         'definition': 'sessions of the window'},
        {'name': 'sessions_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'sessions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Sessions in the 28 days to the date. 0 without any.',
         'definition': 'sessions of the window'},
        {'name': 'sessions_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'sessions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Sessions in the 91 days to the date. 0 without any.',
         'definition': 'sessions of the window'},
        {'name': 'session_minutes_7d', 'family': 'behavioral', 'type': 'double', 'unit': 'minutes', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Minutes of the sessions in the 7 days to the date. 0 without a session, and for sessions '
            ~ 'of a single event.',
         'definition': 'minutes of the sessions of the window'},
        {'name': 'session_minutes_28d', 'family': 'behavioral', 'type': 'double', 'unit': 'minutes',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Minutes of the sessions in the 28 days to the date. 0 without a session, and for sessions '
            ~ 'of a single event.',
         'definition': 'minutes of the sessions of the window'},
        {'name': 'session_minutes_91d', 'family': 'behavioral', 'type': 'double', 'unit': 'minutes',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Minutes of the sessions in the 91 days to the date. 0 without a session, and for sessions '
            ~ 'of a single event.',
         'definition': 'minutes of the sessions of the window'},
        {'name': 'events_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'events', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Events of people (not of systems) in the 7 days to the date. 0 without any.',
         'definition': 'events'},
        {'name': 'events_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'events', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Events of people (not of systems) in the 28 days to the date. 0 without any.',
         'definition': 'events'},
        {'name': 'events_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'events', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Events of people (not of systems) in the 91 days to the date. 0 without any.',
         'definition': 'events'},
        {'name': 'page_views_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'page views', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['page_view_events'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Events listed in the variable page_view_events in the 7 days to the date. 0 without any.',
         'definition': 'events named in `page_view_events`'},
        {'name': 'page_views_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'page views', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['page_view_events'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Events listed in the variable page_view_events in the 28 days to the date. 0 without any.',
         'definition': 'events named in `page_view_events`'},
        {'name': 'page_views_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'page views', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['page_view_events'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Events listed in the variable page_view_events in the 91 days to the date. 0 without any.',
         'definition': 'events named in `page_view_events`'},
        {'name': 'logins_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'logins', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['login_events'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Events listed in the variable login_events in the 7 days to the date. 0 without any.',
         'definition': 'events named in `login_events`'},
        {'name': 'logins_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'logins', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['login_events'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Events listed in the variable login_events in the 28 days to the date. 0 without any.',
         'definition': 'events named in `login_events`'},
        {'name': 'logins_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'logins', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['login_events'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Events listed in the variable login_events in the 91 days to the date. 0 without any.',
         'definition': 'events named in `login_events`'},
        {'name': 'distinct_features_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'features',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['feature_events'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Different features used in the 7 days to the date (event names with is_feature). 0 '
            ~ 'without any.',
         'definition': 'different event names with `is_feature: true`'},
        {'name': 'distinct_features_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'features',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['feature_events'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'profile': {'label': 'Features used in 28 days', 'bands': [1, 3, 6]},
         'description': 'Different features used in the 28 days to the date (event names with is_feature). 0 '
            ~ 'without any.',
         'definition': 'different event names with `is_feature: true`'},
        {'name': 'distinct_features_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'features',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['feature_events'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Different features used in the 91 days to the date (event names with is_feature). 0 '
            ~ 'without any.',
         'definition': 'different event names with `is_feature: true`'},
        {'name': 'core_actions_7d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'actions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['core_events'], 'known_only_if_active': false, 'window_days': 7, 'related': ['activity'],
         'description': 'Core events (event names with is_core) in the 7 days to the date. 0 without any.',
         'definition': 'events with `is_core: true`'},
        {'name': 'core_actions_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'actions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['core_events'], 'known_only_if_active': false, 'window_days': 28, 'related': ['activity'],
         'description': 'Core events (event names with is_core) in the 28 days to the date. 0 without any.',
         'definition': 'events with `is_core: true`'},
        {'name': 'core_actions_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'actions', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['core_events'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'description': 'Core events (event names with is_core) in the 91 days to the date. 0 without any.',
         'definition': 'events with `is_core: true`'},
        {'name': 'active_days_previous_28d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days',
         'bounds': [0, 28], 'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': 56, 'related': ['activity'],
         'description': 'Days with at least one event in the 28 days before the last 28. 0 without any.',
         'definition': 'active days over the 28 days before the last 28: dates > D − 56 and <= D − 28'},
        {'name': 'days_since_last_seen', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': true, 'window_days': none, 'related': ['activity'],
         'description': 'Days since the latest event; 0 if there was one on the date. NULL if never seen.',
         'definition': 'D minus the date of the latest event; NULL if never seen'},
        {'name': 'current_streak_days', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['events', 'identities'], 'known_only_if_active': false, 'window_days': none, 'related': ['activity'],
         'description': 'Active days in a row up to and including the date. 0 without an event on the date.',
         'definition': 'consecutive active days up to and including D; 0 without an event on D'},
        {'name': 'usage_change_28d', 'family': 'behavioral', 'type': 'double',
         'unit': 'share of active_days_previous_28d', 'bounds': [-1, none], 'can_be_null': true, 'privacy': none,
         'reads': ['active_days_28d', 'active_days_previous_28d', 'tenure_days'], 'known_only_if_active': true,
         'window_days': 56, 'related': ['activity'],
         'description': 'active_days_28d / active_days_previous_28d − 1: 0 means unchanged, −1 means stopped. NULL '
            ~ 'if the earlier number is 0 or tenure_days is below 56.',
         'definition': 'active_days_28d / active_days_previous_28d − 1; NULL if the latter is 0 or tenure_days < '
            ~ '56'},
        {'name': 'tickets_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'tickets', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['support_tickets'], 'known_only_if_active': false, 'window_days': 91, 'related': ['support'],
         'profile': {'label': 'Tickets in 91 days', 'bands': [1, 2, 4]},
         'description': 'Support tickets opened in the 91 days to the date. 0 without any.',
         'definition': 'tickets created in the window'},
        {'name': 'open_tickets', 'family': 'behavioral', 'type': 'bigint', 'unit': 'tickets', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['support_tickets'], 'known_only_if_active': false, 'window_days': none, 'related': ['support'],
         'description': 'Support tickets opened and not solved by the end of the date. 0 without any.',
         'definition': 'tickets created on or before D and not solved then. Without a `reopened_at` a ticket is '
            ~ 'solved from `solved_at` on. With one it is solved from `first_solved_at` (else `solved_at`, else '
            ~ '`created_at`; the first of them before `reopened_at`) until the day before `reopened_at`, and again '
            ~ 'from a `solved_at` that is not before `reopened_at`'},
        {'name': 'tickets_rated_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'tickets', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['support_tickets'], 'known_only_if_active': false, 'window_days': 91, 'related': ['support'],
         'description': 'Support tickets that the user rated in the 91 days to the date. 0 without any.',
         'definition': 'tickets with a `satisfaction` given in the window (`satisfied_at`)'},
        {'name': 'tickets_satisfied_91d', 'family': 'behavioral', 'type': 'bigint', 'unit': 'tickets', 'bounds': [0, none],
         'can_be_null': false, 'privacy': none,
         'reads': ['support_tickets'], 'needs': ['satisfaction_scale'], 'known_only_if_active': false, 'window_days': 91, 'related': ['support'],
         'description': 'Those of tickets_rated_91d with a rating in the top two points of the scale. 0 without any.',
         'definition': 'the same with a `satisfaction` of at least the highest point of its scale in `survey_scales` less 1'},
        {'name': 'days_to_first_use', 'family': 'behavioral', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'events', 'identities', 'is_signup_observed'], 'needs': ['feature_events'], 'known_only_if_active': true,
         'window_days': none, 'related': ['first_use'],
         'description': 'Days from signup to the first use of a feature; 0 on the day of signup. NULL without any '
            ~ 'feature used by the date (so a mean over it leaves out users who never start), or if '
            ~ 'is_signup_observed is false.',
         'definition': 'date of the earliest event with `is_feature: true` on or after the signup date, minus the '
            ~ 'signup date; NULL if there is none or is_signup_observed is false'},
        {'name': 'is_signup_observed', 'family': 'behavioral', 'type': 'boolean', 'unit': none, 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['users', 'events', 'identities'], 'known_only_if_active': false, 'window_days': none,
         'related': ['first_use'],
         'description': "True if the events reach back to the user's signup, so that the first days after it are "
            ~ 'in the data.',
         'definition': 'the signup date is on or after the first day of the data: the earliest date of an event '
            ~ "known on D, over all users, events before the user's own signup left out, and so are earliest days "
            ~ 'separated from all later ones by a gap of more than `max_gap_days`, if they hold few of the user days '
            ~ 'known on D (less than `max_gap_share`, or fewer than `max_gap_events` and less than a quarter); false '
            ~ 'if there is none'},
        {'name': 'is_activated', 'family': 'behavioral', 'type': 'boolean', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'events', 'identities', 'is_signup_observed', 'tenure_days'], 'needs': ['activation_events'], 'known_only_if_active': false,
         'window_days': none, 'related': ['first_use'],
         'description': 'Whether one of the activation_events happened on one of the first activation_days days '
            ~ 'after signup.',
         'labels': [
            ['true', 'it happened'],
            ['false', 'it did not'],
            ['null',
             'these days are not over on the date, are not in the data (is_signup_observed), or the variable is '
            ~ 'empty'],
         ],
         'definition': 'an event named in `activation_events` on one of the dates signup to signup + '
            ~ '`activation_days` − 1 (6), known on D; NULL if tenure_days < `activation_days` − 1, '
            ~ 'is_signup_observed is false, or `activation_events` is empty'},
        {'name': 'nps_category', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['nps_score'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': ['recommendation'],
         'profile': {'label': 'NPS', 'related': ['days_since_survey']},
         'description': 'Category of the nps_score.',
         'labels': [
            ['promoter', '9 to 10'],
            ['passive', '7 and more, below 9'],
            ['detractor', '0 and more, below 7'],
            ['null', 'no answer within survey_valid_days, or a score outside 0 to 10'],
         ],
         'definition': '`promoter` 9–10, `passive` from 7, `detractor` below'},
        {'name': 'sentiment', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['interview_notes'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Sentiment'},
         'description': 'Sentiment in the latest interview note within survey_valid_days, lower case. NULL without '
            ~ 'a note, or if it does not record a sentiment.',
         'definition': 'of the latest interview note on or before D and later than D − `survey_valid_days` (by '
            ~ '`noted_at`, then `note_id` descending), even if it is empty; lower case'},
        {'name': 'interests', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Interests'},
         'description': 'Interests: the latest answer within survey_valid_days, lower case. NULL without one.',
         'definition': 'the latest valid answer with instrument `attribute` and that question, empty ones left '
            ~ 'out; lower case'},
        {'name': 'values', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Values'},
         'description': 'What the user values: the latest answer within survey_valid_days, lower case. NULL '
            ~ 'without one.',
         'definition': 'the latest valid answer with instrument `attribute` and that question, empty ones left '
            ~ 'out; lower case'},
        {'name': 'lifestyle', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Lifestyle'},
         'description': 'Lifestyle: the latest answer within survey_valid_days, lower case. NULL without one.',
         'definition': 'the latest valid answer with instrument `attribute` and that question, empty ones left '
            ~ 'out; lower case'},
        {'name': 'personality', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Personality'},
         'description': 'Personality: the latest answer within survey_valid_days, lower case. NULL without one.',
         'definition': 'the latest valid answer with instrument `attribute` and that question, empty ones left '
            ~ 'out; lower case'},
        {'name': 'primary_need', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': 'sensitive',
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'Primary need'},
         'description': "The user's primary need: the latest answer within survey_valid_days, lower case. NULL "
            ~ 'without one.',
         'definition': 'the latest valid answer with instrument `attribute` and that question, empty ones left '
            ~ 'out; lower case'},
        {'name': 'inferred_affinity', 'family': 'psychographic', 'type': 'string', 'unit': none, 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['events', 'identities'], 'needs': ['feature_events'], 'known_only_if_active': true, 'window_days': 91, 'related': none,
         'profile': {'label': 'What it is used for'},
         'description': 'Category (variable `events`) of the features used most in the 91 days to the date. NULL '
            ~ 'without any use. Inferred from use, not asked.',
         'definition': 'the `category` in `vars: events` with the most feature events in the 91 days; ties: '
            ~ 'alphabetical; NULL if there are none'},
        {'name': 'nps_score', 'family': 'psychographic', 'type': 'double', 'unit': 'points', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': ['recommendation'],
         'description': 'Score of the latest NPS answer within survey_valid_days, as given. NULL without one; 0 is '
            ~ 'the lowest score.',
         'definition': 'score of the latest answer with that instrument, on or before D and later than D − '
            ~ '`survey_valid_days` (365); ties: `response_id` descending. An answer without a score does not count, '
            ~ 'and neither does one outside its scale: it is NULL in staging'},
        {'name': 'csat_score', 'family': 'psychographic', 'type': 'double', 'unit': 'points', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'profile': {'label': 'CSAT', 'name': 'csat_band',
                    'bands': [2, 3, 4, 5], 'related': ['days_since_survey'], 'after': 'nps_category'},
         'description': 'Score of the latest CSAT answer within survey_valid_days, on the scale of the survey. '
            ~ 'NULL without one.',
         'definition': 'score of the latest answer with that instrument, on or before D and later than D − '
            ~ '`survey_valid_days` (365); ties: `response_id` descending. An answer without a score does not count, '
            ~ 'and neither does one outside its scale: it is NULL in staging'},
        {'name': 'ces_score', 'family': 'psychographic', 'type': 'double', 'unit': 'points', 'bounds': none,
         'can_be_null': true, 'privacy': none,
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': 'survey_valid_days',
         'related': none,
         'description': 'Score of the latest CES answer (how easy it was) within survey_valid_days, on the scale of the '
            ~ 'survey. NULL without one.',
         'definition': 'score of the latest answer with that instrument, on or before D and later than D − '
            ~ '`survey_valid_days` (365); ties: `response_id` descending. An answer without a score does not count, '
            ~ 'and neither does one outside its scale: it is NULL in staging'},
        {'name': 'days_since_survey', 'family': 'psychographic', 'type': 'bigint', 'unit': 'days', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['survey_responses'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'description': 'Days since the latest survey answer of any kind, however old. NULL without one.',
         'definition': 'D minus the date of the latest survey answer of any kind, however old; NULL if none'},
        {'name': 'rfm_recency', 'family': 'value', 'type': 'bigint', 'unit': 'quintile', 'bounds': [1, 5],
         'can_be_null': false, 'privacy': none,
         'reads': ['days_since_last_seen'], 'known_only_if_active': false, 'window_days': none, 'related': ['activity'],
         'profile': {'label': 'RFM: recency'},
         'description': 'How recently the user was seen (days_since_last_seen), as a class among the users of the '
            ~ 'same date.',
         'labels': [
            ['1', 'longest ago, or never seen'],
            ['2 to 4', 'between; equal values share a class, so classes differ in size'],
            ['5', 'most recently'],
            ['null', 'does not occur'],
         ],
         'definition': 'quintiles 1 (low) to 5 (high) among the users of the date: 1 + floor(5 × share of users '
            ~ 'that are strictly lower), at most 5. Recency: lower days_since_last_seen is better, never seen is '
            ~ 'lowest. Frequency: active_days_91d. Monetary: revenue_91d. Ties share a quintile'},
        {'name': 'rfm_frequency', 'family': 'value', 'type': 'bigint', 'unit': 'quintile', 'bounds': [1, 5],
         'can_be_null': false, 'privacy': none,
         'reads': ['active_days_91d'], 'known_only_if_active': false, 'window_days': 91, 'related': ['activity'],
         'profile': {'label': 'RFM: frequency'},
         'description': 'How often the user was active (active_days_91d), as a class among the users of the same '
            ~ 'date.',
         'labels': [
            ['1', 'least often'],
            ['2 to 4', 'between; equal values share a class, so classes differ in size'],
            ['5', 'most often'],
            ['null', 'does not occur'],
         ],
         'definition': 'quintiles 1 (low) to 5 (high) among the users of the date: 1 + floor(5 × share of users '
            ~ 'that are strictly lower), at most 5. Recency: lower days_since_last_seen is better, never seen is '
            ~ 'lowest. Frequency: active_days_91d. Monetary: revenue_91d. Ties share a quintile'},
        {'name': 'rfm_monetary', 'family': 'value', 'type': 'bigint', 'unit': 'quintile', 'bounds': [1, 5],
         'can_be_null': false, 'privacy': none,
         'reads': ['revenue_91d'], 'known_only_if_active': false, 'window_days': 91, 'related': ['contract'],
         'profile': {'label': 'RFM: monetary'},
         'description': "The user's share of what the account paid (revenue_91d), as a class among the users of "
            ~ 'the same date.',
         'labels': [
            ['1', 'least, also 0'],
            ['2 to 4', 'between; equal values share a class, so classes differ in size'],
            ['5', 'most'],
            ['null', 'does not occur'],
         ],
         'definition': 'quintiles 1 (low) to 5 (high) among the users of the date: 1 + floor(5 × share of users '
            ~ 'that are strictly lower), at most 5. Recency: lower days_since_last_seen is better, never seen is '
            ~ 'lowest. Frequency: active_days_91d. Monetary: revenue_91d. Ties share a quintile'},
        {'name': 'revenue_91d', 'family': 'value', 'type': 'double', 'unit': 'reporting currency', 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['invoices', 'users', 'attribute_history', 'account_users'], 'known_only_if_active': false,
         'window_days': 91, 'related': ['contract'],
         'description': "Invoices that the user's account paid in the 91 days to the date, in the reporting "
            ~ 'currency, divided equally among its users on the date, and what the user paid alone. 0 without invoices.',
         'definition': "invoices of the user's account paid in the window / ever, in the reporting currency "
            ~ "(`currency_rates`), divided equally among the account's users present on D, so that users add up to "
            ~ "the account's, plus the invoices that name the user and no account; 0 if none"},
        {'name': 'lifetime_revenue', 'family': 'value', 'type': 'double', 'unit': 'reporting currency', 'bounds': none,
         'can_be_null': false, 'privacy': none,
         'reads': ['invoices', 'users', 'attribute_history', 'account_users'], 'known_only_if_active': false,
         'window_days': none, 'related': ['contract'],
         'description': "All invoices that the user's account paid by the date, in the reporting currency, divided "
            ~ 'equally among its users on the date, and what the user paid alone. 0 without invoices.',
         'definition': "invoices of the user's account paid in the window / ever, in the reporting currency "
            ~ "(`currency_rates`), divided equally among the account's users present on D, so that users add up to "
            ~ "the account's, plus the invoices that name the user and no account; 0 if none"},
        {'name': 'account_users', 'family': 'value', 'type': 'bigint', 'unit': 'users', 'bounds': [1, none],
         'can_be_null': true, 'privacy': none,
         'reads': ['users', 'attribute_history'], 'known_only_if_active': false, 'window_days': none, 'related': none,
         'description': "Users of the account on the date, including this one; divide the account's amounts by it. "
            ~ 'NULL without an account.',
         'definition': "users of the user's account present on D, this one included; NULL without an account"},
        {'name': 'health_score', 'family': 'value', 'type': 'double', 'unit': 'points', 'bounds': [0, 100],
         'can_be_null': false, 'privacy': none,
         'reads': ['active_days_28d', 'distinct_features_28d', 'usage_change_28d', 'nps_score', 'open_tickets'],
         'known_only_if_active': false, 'window_days': none, 'related': ['activity', 'support', 'recommendation'],
         'description': 'Health from 0 (worst) to 100, the sum of fixed weights for usage, breadth, trend, '
            ~ 'sentiment and open tickets (variables health_weights, health_targets). Trend and sentiment count one '
            ~ 'half if unknown. Never NULL.',
         'definition': '0–100: `health_weights` × components, each between 0 and 1: usage min(1, active_days_28d / '
            ~ 'target), breadth min(1, distinct_features_28d / target), trend (usage_change_28d + 1) / 2 clamped to '
            ~ '0–1 (one half if NULL), sentiment nps_score / 10 clamped to 0–1 (one half if NULL), support 1 − '
            ~ 'min(1, open_tickets / target); targets in `health_targets`. The points of a component whose input is off '
            ~ '(breadth: without features in `vars: events`) go to the others in their proportion'},
        {'name': 'acquisition_cost', 'family': 'marketing', 'type': 'double', 'unit': 'reporting currency',
         'bounds': [0, none], 'can_be_null': true, 'privacy': none,
         'reads': ['marketing_spend', 'users', 'acquisition_channel'], 'known_only_if_active': false,
         'window_days': none, 'related': ['acquisition'],
         'description': "Marketing spend of the user's acquisition channel in the calendar month of the signup, up "
            ~ 'to the date, divided equally among all who had signed up through it in that month, also those who are gone. 0 if '
            ~ "the channel cost nothing; NULL without a channel, or if the signup's month is before the first with "
            ~ 'any spend.',
         'definition': "`marketing_spend` of the user's acquisition_channel with a date in the calendar month of "
            ~ 'the signup and on or before D, divided by the number of users, deleted ones too, who have that '
            ~ 'acquisition_channel on D and signed up in that month, on or before D; 0 if the channel does not have such rows; NULL '
            ~ "without a channel, or if the signup's month is before the month of the earliest spend of any channel"},
        {'name': 'messages_delivered_91d', 'family': 'marketing', 'type': 'bigint', 'unit': 'messages',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['campaign_messages'], 'known_only_if_active': false, 'window_days': 91, 'related': ['campaigns'],
         'description': 'Campaign messages delivered to the user in the 91 days to the date. 0 without any.',
         'definition': 'campaign messages to the user with `delivered_at` in the window, assigned on or before D'},
        {'name': 'messages_clicked_91d', 'family': 'marketing', 'type': 'bigint', 'unit': 'messages',
         'bounds': [0, none], 'can_be_null': false, 'privacy': none,
         'reads': ['campaign_messages'], 'known_only_if_active': false, 'window_days': 91, 'related': ['campaigns'],
         'description': 'Of the messages_delivered_91d, those the user had clicked by the date. 0 without any.',
         'definition': 'those of them with `clicked_at` on or before D'},
    ]) }}
{% endmacro %}
