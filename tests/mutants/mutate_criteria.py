"""Break one boundary of a criterion at a time and see whether a case of tests/ notices. `make mutants`.

Each mutant is (file, old, new, which segments). All cases are built once with dbt; then, for each mutant, the cases' segments
whose text matches the pattern are rendered from the broken macros and run on the built file. Rendering goes through dbt's
own Jinja environment but not through dbt, which would take some seconds per mutant. A mutant that survives, that makes
no valid SQL in any case, or whose old text is not found exactly once makes the script exit 1.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "scripts")]

from cases_project import NEUTRAL_CASES, all_cases_project  # noqa: E402
from conformance.runner import DAY, CaseProject, segment_name, sql_text  # noqa: E402
from criteria_cases import CASES  # noqa: E402
from render_macros import loaded_macros, macro_texts, rendered  # noqa: E402


class Mutant(NamedTuple):
    file: str
    old: str
    new: str
    uses: str


ACCOUNTS = "macros/segments/body/_accounts_sql.sql"
ACTIVITY = "macros/segments/body/_activity_sql.sql"
HISTORY = "macros/segments/body/_history_sql.sql"
MEASURED = "macros/segments/body/_measured_sql.sql"
RANKS = "macros/segments/body/_ranks_sql.sql"
SEGMENT = "macros/segments/body/_segment_sql.sql"
SEQUENCE = "macros/segments/body/_sequence_sql.sql"
PERIOD = "macros/segments/criterion/_period.sql"
PROPERTIES = "macros/segments/criterion/_properties.sql"
RANGE = "macros/segments/criterion/_range.sql"
WINDOW = "macros/features/in_window.sql"


def of(macro: str) -> str:
    return f"macros/segments/criteria/{macro}.sql"


MUTANTS = [
    # Windows and bounds, which many criteria share.
    Mutant(
        WINDOW,
        "({{ date }} > {{ segmentation",
        "({{ date }} >= {{ segmentation",
        r"\bperformed\(.*within_days=7\b|changed_by|date_within|regularly",
    ),
    Mutant(
        WINDOW, "{{ date }} <= {{ last }}", "{{ date }} < {{ last }}", r"\bperformed\(.*within_days=7\b|changed_by|date_within|regularly"
    ),
    Mutant(RANGE, "column ~ ' >= ' ~ at_least", "column ~ ' > ' ~ at_least", r"\bperformed\("),
    Mutant(RANGE, "column ~ ' <= ' ~ at_most", "column ~ ' < ' ~ at_most", "at_most"),
    Mutant(RANGE, "column ~ ' = ' ~ exactly", "column ~ ' >= ' ~ exactly", "exactly"),
    Mutant(
        PERIOD,
        "activity.event_date between cast('\" ~ between[0] ~ \"' as date) and",
        "activity.event_date > cast('\" ~ between[0] ~ \"' as date) and activity.event_date <=",
        "between=",
    ),
    Mutant(
        PERIOD,
        "activity.event_date between cast('\" ~ between[0] ~ \"' as date) and",
        "activity.event_date >= cast('\" ~ between[0] ~ \"' as date) and activity.event_date <",
        "between=",
    ),
    Mutant(PERIOD, "(activity.event_date >= activity.signup_date", "(activity.event_date > activity.signup_date", "days_of_signup"),
    Mutant(PERIOD, "and activity.event_date < '\n", "and activity.event_date <= '\n", "days_of_signup"),
    Mutant(PROPERTIES, "return('coalesce(' ~ parts | join(' and ')", "return('coalesce(' ~ parts | join(' or ')", "where="),
    Mutant(PROPERTIES, "values | select('boolean') | list | length == 0 %}", "false %}", "where="),
    Mutant(PROPERTIES, "item ~ 'e0' if item is integer and numeric", "(item + 1) ~ 'e0' if item is integer and numeric", "where="),
    Mutant(
        PROPERTIES,
        "{% set values = value if operator == 'in' else [value] %}",
        "{% set values = value[:1] if operator == 'in' else [value] %}",
        "where=",
    ),
    Mutant(
        ACTIVITY,
        "activity.known_date <= dates.as_of_date\n            {%- if none not in days %}",
        "activity.event_date <= dates.as_of_date\n            {%- if none not in days %}",
        "late_link|late|re_entry|performed_",
    ),
    Mutant(ACTIVITY, "dates.as_of_date', days | max)", "dates.as_of_date', days | min)", "lately|stopped|regularly|changed_by"),
    Mutant(ACTIVITY, "{%- if none not in days %}", "{%- set days = days | reject('none') | list %}{% if days %}", "lately|restarted|sum"),
    Mutant(
        ACTIVITY,
        "and activity.event_date > {{ segmentation.days_before('dates.as_of_date', days | max) }}",
        "and activity.event_date > {{ segmentation.days_before('dates.as_of_date', days | max - 1) }}",
        r"\bperformed\(",
    ),
    Mutant(SEGMENT, "coalesce({{ criterion.sql }}, false) as {{ name }}", "{{ criterion.sql }} as {{ name }}", r"null|department|top"),
    Mutant(SEGMENT, "criteria.keys() | join(' and ')", "criteria.keys() | join(' or ')", "b = |d = |criterion_2"),
    Mutant(
        MEASURED,
        "and user_features.as_of_date = {{ segment }}.as_of_date",
        "and user_features.as_of_date >= {{ segment }}.as_of_date",
        r"in_segment\(",
    ),
    Mutant(MEASURED, "coalesce({{ segment }}.is_member, false)", "coalesce({{ segment }}.is_member, true)", r"in_segment\("),
    # performed
    Mutant(of("performed"), "{% set least = 1 if", "{% set least = 2 if", r"\bperformed\("),
    Mutant(of("performed"), "count.name ~ ' >= 1 and '", "count.name ~ ' >= 0 and '", "include_zero"),
    # first and nth time, never
    Mutant(of("performed_first_time"), "event, 1, within_days", "event, 2, within_days", "first_time"),
    Mutant(of("performed_nth_time"), "earlier.name ~ ' < ' ~ n", "earlier.name ~ ' <= ' ~ n", "first_time|nth_time"),
    Mutant(of("performed_nth_time"), "inside.name ~ ' >= ' ~ n", "inside.name ~ ' > ' ~ n", "first_time|nth_time"),
    Mutant(of("performed_nth_time"), "'activity.event_date <= ' ~", "'activity.event_date < ' ~", "first_time|nth_time"),
    Mutant(of("performed_nth_time"), '"activity.event_date < cast(\'"', '"activity.event_date <= cast(\'"', "first_time|nth_time"),
    Mutant(
        of("performed_nth_time"),
        "'activity.event_date < activity.signup_date'",
        "'activity.event_date <= activity.signup_date'",
        "first_time|nth_time",
    ),
    Mutant(of("has_not_tried"), "count.name ~ ' = 0)'", "count.name ~ ' <= 1)'", "has_not_tried"),
    # stopped, restarted
    Mutant(of("stopped"), "was.name ~ ' >= 1 and '", "was.name ~ ' >= 0 and '", "stopped"),
    Mutant(of("stopped"), "lately.name ~ ' = 0)'", "lately.name ~ ' <= 1)'", "stopped"),
    Mutant(of("restarted"), "ever.name ~ ' > ' ~", "ever.name ~ ' >= ' ~", "restarted"),
    Mutant(of("restarted"), "since_start.name ~ ' = ' ~ since_end.name", "since_start.name ~ ' >= ' ~ since_end.name", "restarted"),
    Mutant(of("restarted"), "since_end.name ~ ' >= 1)'", "since_end.name ~ ' >= 0)'", "restarted"),
    # regularly
    Mutant(of("performed_regularly"), "' >= ' ~ in_periods", "' > ' ~ in_periods", "regularly"),
    Mutant(of("performed_regularly"), "period_days, back * period_days)", "period_days, back * (period_days + 1))", "regularly"),
    Mutant(of("performed_regularly"), "'days': period_days * (back + 1)", "'days': period_days * (back + 1) - 1", "regularly"),
    Mutant(of("performed_regularly"), "count.name ~ ' >= 1 and '", "count.name ~ ' >= 0 and '", "regularly"),
    Mutant(of("performed_regularly"), "{% set least = 1 if", "{% set least = 2 if", "regularly"),
    # sequences
    Mutant(SEQUENCE, "interval '1' microsecond preceding", "current row", "sequence"),
    Mutant(SEQUENCE, "interval '1' microsecond preceding", "interval '2' microsecond preceding", "sequence"),
    Mutant(SEQUENCE, ') >= {{ "occurred_at', ') > {{ "occurred_at', "sequence"),
    Mutant(SEQUENCE, "~ 24 * gap ~", "~ (24 * gap + 1) ~", "sequence"),
    Mutant(SEQUENCE, "{%- set gap = measure.gaps[loop.index0] %}", "{%- set gap = measure.gaps[0] %}", "sequence"),
    Mutant(
        SEQUENCE,
        "activity.known_date <= dates.as_of_date\n            {%- if measure.days %}",
        "activity.event_date <= dates.as_of_date\n            {%- if measure.days %}",
        "sequence",
    ),
    Mutant(SEQUENCE, "days_before('dates.as_of_date', measure.days)", "days_before('dates.as_of_date', measure.days + 1)", "sequence"),
    Mutant(SEQUENCE, "max(reached_{{ loop.index }}) over", "min(reached_{{ loop.index }}) over", "sequence"),
    # more than, changed by
    Mutant(of("performed_more_than"), "count.name ~ ' > ' ~ times", "count.name ~ ' >= ' ~ times", "more_than"),
    Mutant(of("changed_by"), "previous.name ~ ' >= 1'", "previous.name ~ ' >= 0'", "changed_by"),
    Mutant(of("changed_by"), "['>=', at_least]", "['>', at_least]", "changed_by"),
    Mutant(of("changed_by"), "['<=', at_most]", "['<', at_most]", "changed_by"),
    Mutant(of("changed_by"), "within_days, within_days),", "within_days, within_days - 1),", "changed_by"),
    Mutant(of("changed_by"), "'days': 2 * within_days", "'days': within_days", "changed_by"),
    # properties
    Mutant(of("property_sum"), "'cast(null as double)' if kind == 'average' else '0'", "'0'", "property_"),
    Mutant(of("property_sum"), "'cast(null as double)' if kind == 'average' else '0'", "'cast(null as double)'", "property_"),
    Mutant(of("property_sum"), "'count(distinct '", "'count('", "property_"),
    Mutant(of("property_sum"), "'avg('", "'max('", "property_"),
    Mutant(of("property_sum"), "') and ' ~ period.sql", "') and true'", "property_"),
    Mutant(
        "macros/cross_db/to_number.sql",
        "'isfinite(' ~ number ~ ')' }}\n                then {{ number }}\n",
        "'isfinite(' ~ number ~ ')' }}\n                then {{ number }}\n            else 0\n",
        "property_|where=",
    ),
    Mutant(PROPERTIES, "logical = values | reject('boolean') | list | length == 0", "logical = false", "where="),
    # attributes
    Mutant(HISTORY, "measure.held_for_days - 1) %}", "measure.held_for_days) %}", "had_attribute"),
    Mutant(HISTORY, "measure.held_for_days - 1) %}", "measure.held_for_days - 2) %}", "had_attribute"),
    Mutant(HISTORY, "when not coalesce({{ matches }}, false)", "when not {{ matches }}", "had_attribute"),
    Mutant(HISTORY, "changes.valid_to_date > {{ first_day }}", "changes.valid_to_date >= {{ first_day }}", "had_attribute"),
    Mutant(
        HISTORY,
        "when user_features.as_of_date < cast('{{ measure.on }}'",
        "when user_features.as_of_date <= cast('{{ measure.on }}'",
        "had_attribute",
    ),
    Mutant(
        HISTORY,
        "and changes.valid_from_date <= cast('{{ measure.on }}'",
        "and changes.valid_from_date < cast('{{ measure.on }}'",
        "had_attribute",
    ),
    Mutant(HISTORY, "changes.valid_to_date > cast('{{ measure.on }}'", "changes.valid_to_date >= cast('{{ measure.on }}'", "had_attribute"),
    Mutant(HISTORY, "or (count(changes.entity_id) = 0 and {{ current }})", "or {{ current }}", "had_attribute"),
    Mutant(HISTORY, "and changes.valid_from_date <= user_features.as_of_date", "", "had_attribute"),
    Mutant(HISTORY, "'lower(changes.value) in ('", "'changes.value in ('", "had_attribute"),
    # dates, top share
    Mutant(of("date_within"), "sql ~ ' > as_of_date and '", "sql ~ ' >= as_of_date and '", "date_within"),
    Mutant(of("date_within"), "sql ~ ' <= ' ~", "sql ~ ' < ' ~", "date_within"),
    Mutant(of("date_within"), "'tenure_days'", "'tenure_days + 1'", "date_within"),
    Mutant(of("date_within"), "'days_since_last_seen'", "'days_since_last_seen + 1'", "date_within"),
    Mutant(of("signed_up_in"), 'signup_date ~ " >= cast(\'"', 'signup_date ~ " > cast(\'"', "signed_up_in"),
    Mutant(of("signed_up_in"), 'signup_date ~ " < cast(\'"', 'signup_date ~ " <= cast(\'"', "signed_up_in"),
    Mutant(of("signed_up_in"), "period if through is none else through", "period", "signed_up_in"),
    Mutant(of("signed_up_in"), "(found.group(2) | int) - 2", "(found.group(2) | int) - 1", "signed_up_in"),
    Mutant(of("signed_up_in"), "date.fromisocalendar(year, week, 4)", "date.fromisocalendar(year, week, 4).replace(day=1)", "signed_up_in"),
    Mutant(of("contains"), "join(' or ') ~ ')', trait", "join(' and ') ~ ')', trait", "contains("),
    Mutant("macros/features/holds_value.sql", "'; ' ~ value | trim", "value | trim", "contains("),
    Mutant(
        "macros/cross_db/event_property.sql",
        "quoted ~ '\"'] -%}\n    {%- if '.' in property -%}",
        "quoted ~ '\"'] -%}\n    {%- if false -%}",
        "where=",
    ),
    Mutant(
        "macros/cross_db/property_contains.sql",
        "{% macro duckdb__property_contains(property, values, relation) -%}\n",
        "{% macro duckdb__property_contains(property, values, relation) -%}\n    {%- set property = 'x' ~ property -%}\n",
        "where=",
    ),
    Mutant("macros/cross_db/property_contains.sql", "path ~ '[*]'", "path", "where="),
    Mutant(of("in_top_share"), "name ~ ' <= ' ~ share", "name ~ ' < ' ~ share", "in_top_share"),
    Mutant(RANKS, "order by ranked_value desc)", "order by ranked_value asc)", "in_top_share"),
    Mutant(
        RANKS, "order by ranked_value desc)", "order by ranked_value desc rows between unbounded preceding and 1 preceding)", "in_top_share"
    ),
    Mutant(RANKS, "    where {{ name }}_value is not null\n", "", "in_top_share"),
    Mutant(RANKS, "/ sum(users) over (partition by as_of_date)", "/ sum(users) over ()", "in_top_share"),
    Mutant(RANKS, "sum(users) over (partition by as_of_date order by", "sum(users) over (order by", "in_top_share"),
    Mutant(RANKS, "ranked_values.as_of_date = {{ name }}_shares.as_of_date\n            and ", "", "in_top_share"),
    # accounts, combinations
    Mutant(of("account_has"), "met ~ ' >= ' ~ at_least %}", "met ~ ' > ' ~ at_least %}", "account_has"),
    Mutant(of("account_has"), "met ~ ' >= ' ~ at_least_share", "met ~ ' > ' ~ at_least_share", "account_has"),
    Mutant(of("account_has"), "met ~ ' = account_users_present'", "met ~ ' >= account_users_present - 1'", "account_has"),
    Mutant(of("account_has"), "met ~ ' = 0'", "met ~ ' <= 1'", "account_has"),
    Mutant(of("account_has"), "{% set sql = met ~ ' >= 1' %}", "{% set sql = met ~ ' >= 2' %}", "account_has"),
    Mutant(of("account_has"), "'coalesce(' ~ name ~ ', 0)'", "name", "account_has"),
    Mutant(ACCOUNTS, "left join account_counts", "inner join account_counts", "account_has"),
    Mutant(ACCOUNTS, "            and base.as_of_date = account_counts.as_of_date\n", "", "account_has"),
    Mutant(ACCOUNTS, "group by account_id, as_of_date\n", "group by as_of_date, account_id, user_id\n", "account_has"),
    Mutant(of("any_of"), "'coalesce(' ~ criterion.sql ~ ', false)'", "criterion.sql", "any_of|none_of|all_of"),
    Mutant(of("any_of"), "'not ' if macro == 'none_of'", "'' if macro == 'none_of'", "none_of"),
    Mutant(of("any_of"), "varargs, ' or ')", "varargs, ' and ')", "any_of"),
    Mutant(of("all_of"), "varargs, ' and ')", "varargs, ' or ')", "all_of"),
    Mutant(of("none_of"), "varargs, ' or ')", "varargs, ' and ')", "none_of"),
    Mutant(of("in_segment"), "'in_' ~ segment,", "'not in_' ~ segment,", r"in_segment\("),
]


def wrong_cases(
    connection: duckdb.DuckDBPyConnection, project: CaseProject, texts: dict[str, str], segments: list[str]
) -> Iterator[tuple[str, str]]:
    """Per case that is not as expected: its segment and what the engine says, if it refuses the SQL."""
    expected = {segment_name(case): (case["name"], {0: set(case["expect"])}) for case in NEUTRAL_CASES} | {
        case.segment_name: (case.name, {back: set(text.split()) for back, text in {0: case.expect, **case.before}.items()})
        for case in CASES
    }
    context = loaded_macros(texts, project.warehouse.variables)
    for segment in segments:
        if segment not in expected:
            continue
        name, dates = expected[segment]
        context["model"]["name"] = segment
        try:
            sql = rendered(project.segments[segment], context)
            rows = connection.execute(
                f"""
                select as_of_date, substr(user_id, {len(name) + 2}) || case when is_member then '' else ' is NULL' end
                from ({sql}) where is_member is distinct from false and starts_with(user_id, {sql_text(name + ":")})
                """
            ).fetchall()
        except (duckdb.Error, ValueError) as error:
            yield segment, str(error)
            continue
        if any({who for date, who in rows if date == DAY - timedelta(days=back)} != members for back, members in dates.items()):
            yield segment, ""


def survivors(project: CaseProject) -> list[str]:
    """Judge every mutant on a built project; the names of those that are not caught."""
    started = time.monotonic()
    bad = []
    texts = macro_texts(project.warehouse.folder)
    with duckdb.connect(str(project.warehouse.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        wrong = list(wrong_cases(connection, project, texts, list(project.segments)))
        if wrong:
            return [f"not even the unbroken macros pass: {wrong[:5]}"]
        for place, mutant in enumerate(MUTANTS, 1):
            name = f"{place:3} {mutant.file.removeprefix('macros/')}: {' '.join(mutant.old.split())} -> {' '.join(mutant.new.split())}"
            if texts[mutant.file].count(mutant.old) != 1:
                bad.append(name)
                print(f"NOT FOUND ONCE  {name}", flush=True)
                continue
            chosen = [segment for segment, body in project.segments.items() if re.search(mutant.uses, segment + "\n" + body)]
            broken = texts | {mutant.file: texts[mutant.file].replace(mutant.old, mutant.new)}
            refusal = ""
            for segment, refusal in wrong_cases(connection, project, broken, chosen):
                if not refusal:
                    print(f"caught by {segment}  {name}", flush=True)
                    break
            else:
                bad.append(name)
                print(f"{'NO VALID SQL  ' + refusal[:300] if refusal else 'SURVIVED'}  {name}", flush=True)
    print(f"{len(MUTANTS) - len(bad)} of {len(MUTANTS)} mutants caught in {time.monotonic() - started:.0f} s")
    return bad


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        project = all_cases_project(Path(folder) / "project")
        project.build()
        bad = survivors(project)
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
