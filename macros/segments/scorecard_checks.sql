{#
    The checks of segment_scorecard, one entry each: the only place where their weights stand.
      name    boolean column of the mart, true where the check fails
      points  what a failing check takes from 100; together they may take more, and the score stops at 0. 0: a remark, which
              stands among the reasons and is not counted as failing
      fails   SQL over the measures of the mart; NULL counts as not failing
      reason  SQL that gives the reason in words, with what to do

    Weights: a segment that cannot be used at all (empty) is poor by itself; one that can be used but misleads (nearly
    everybody, a double, a criterion without effect) is poor together with another; the rest are reminders. The score grades
    the definition, never the people: a small segment may be the best one, so its size is a remark. The newest data are of the
    last complete day, so a review of today is a day ahead of them and not in the future.
    Call: {% for check in scorecard_checks() %}
#}
{% macro scorecard_checks() %}
    {% set share = segmentation._as_percent %}
    {{ return([
        {'name': 'is_empty', 'points': 45, 'fails': 'users = 0',
         'reason': "'nobody is in it: loosen a criterion or remove the segment'"},
        {'name': 'is_too_large', 'points': 30, 'fails': 'share > ' ~ segmentation.setting('max_segment_share'),
         'reason': "'it holds ' || " ~ share('share') ~ " || ' of all users, so few users are left to compare with: narrow it'"},
        {'name': 'is_redundant', 'points': 25, 'fails': 'highest_jaccard > ' ~ segmentation.setting('max_jaccard'),
         'reason': "'nearly the same people as ' || most_similar_segment || ' (Jaccard ' || " ~ share('highest_jaccard')
            ~ " || '): keep one of them'"},
        {'name': 'has_unmet_criterion', 'points': 20, 'fails': 'unmet_criteria_count > 0',
         'reason': "'nobody meets ' || unmet_criteria || ': check for a misspelled value or a bound that is too high'"},
        {'name': 'has_unseen_event', 'points': 20, 'fails': "unseen_events != ''",
         'reason': "'nobody ever performed ' || unseen_events || ': correct the name, or find out why it is not recorded'"},
        {'name': 'is_flapping', 'points': 15, 'fails': 'flapping_share > ' ~ segmentation.setting('max_flapping_share'),
         'reason': share('flapping_share') ~ " || ' of its users left and came back within " ~ segmentation.setting('flapping_periods')
            ~ " periods: use a longer window or a lower bound for staying'"},
        {'name': 'has_drifted', 'points': 15,
         'fails': 'abs(drift) > ' ~ segmentation.setting('max_review_drift') ~ ' or (share_at_review = 0 and share > 0)',
         'reason': "'its share of users went from ' || " ~ share('share_at_review') ~ " || ' to ' || " ~ share('share')
            ~ " || ' since the review: check whether it still means the same'"},
        {'name': 'is_review_expired', 'points': 15, 'fails': 'review_age_days >= ' ~ segmentation.setting('review_valid_days'),
         'reason': "'last reviewed ' || cast(review_age_days as " ~ dbt.type_string()
            ~ ") || ' days ago: ask its owner whether it is still useful'"},
        {'name': 'is_reviewed_in_future', 'points': 10, 'fails': 'review_age_days < -1',
         'reason': "'reviewed_on is after the newest data: correct the date, or find out why the data are old'"},
        {'name': 'is_among_too_many', 'points': 5,
         'fails': "tier = 'micro' and micro_segments > " ~ segmentation.setting('max_micro_segments'),
         'reason': "'there are ' || cast(micro_segments as " ~ dbt.type_string()
            ~ ") || ' micro segments: remove those that nobody acts on'"},
        {'name': 'is_large_for_micro', 'points': 10,
         'fails': "tier = 'micro' and share > " ~ segmentation.setting('max_micro_share'),
         'reason': "'it holds ' || " ~ share('share') ~ " || ' of all users, too many for a micro segment: narrow it, or put it in focus'"},
        {'name': 'is_without_lifecycle', 'points': 5, 'fails': 'lifecycle_segments = 0',
         'reason': "'the lifecycle is missing: segments that cover every user once would show how users move'"},
        {'name': 'is_acted_on_by_nobody', 'points': 0, 'fails': 'not has_audience',
         'reason': "'nobody acts on it: add an audience that sends it somewhere, or retire it'"},
        {'name': 'is_too_small', 'points': 0, 'fails': 'users between 1 and ' ~ (segmentation.setting('min_segment_users') - 1),
         'reason': "'only ' || cast(users as " ~ dbt.type_string() ~ ") || ' users: look at them one by one, averages of so few vary'"},
    ]) }}
{% endmacro %}

{# SQL that writes a share as a percentage with one decimal. #}
{% macro _as_percent(share) %}
    {{ return('cast(cast(100 * ' ~ share ~ ' as decimal(18, 1)) as ' ~ dbt.type_string() ~ ") || ' %'") }}
{% endmacro %}

{# SQL: whether an audience sends a segment. A project without audiences acts by other means, which are not known here. #}
{% macro _is_sent_somewhere(segment) %}
    {% set sent = segmentation.setting('audiences') | map(attribute='segment') | unique | list %}
    {{ return(segment ~ ' in (' ~ segmentation.text_literals(sent) ~ ')' if sent else 'true') }}
{% endmacro %}
