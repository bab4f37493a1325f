"""Every rule of every criterion's arguments and its exact message, out of the pure _…_problems() helpers in one dbt call."""

from __future__ import annotations

import json
import re

import pytest

from build import cycle_problem
from conformance.runner import register
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Warehouse

FOLDER = ROOT / "macros/segments/criteria"
NO_EVENT = "must be the name of an event or a list of names, got"
WHERE = "must be a mapping of property to value, list or {operator: value}, got"


def windows(macro: str, helper: str, arguments: str) -> list[tuple[str, str, list[str]]]:
    """The rules of within_days, between and within_days_of_signup."""
    call = f"{helper}({arguments}, "
    return [
        (macro, f"{call}within_days=0)", [f"{macro}: `within_days` must be a whole number ≥ 1, got 0."]),
        (macro, f"{call}within_days=1.5)", [f"{macro}: `within_days` must be a whole number ≥ 1, got 1.5."]),
        (macro, f"{call}within_days='7')", [f'{macro}: `within_days` must be a whole number ≥ 1, got "7".']),
        (macro, f"{call}within_days=true)", [f"{macro}: `within_days` must be a whole number ≥ 1, got true."]),
        (macro, f"{call}within_days_of_signup=0)", [f"{macro}: `within_days_of_signup` must be a whole number ≥ 1, got 0."]),
        (macro, f"{call}between='2026-01-01')", [f'{macro}: `between` must be a list of two dates, got "2026-01-01".']),
        (macro, f"{call}between=['2026-01-01'])", [f'{macro}: `between` must be a list of two dates, got ["2026-01-01"].']),
        (macro, f"{call}between=['2026-01-01', 'May'])", [f'{macro}: `between` must be a date in the form YYYY-MM-DD, got "May".']),
        (
            macro,
            f"{call}between=['2026-02-30', '2026-03-01'])",
            [f'{macro}: `between` must be a date in the form YYYY-MM-DD, got "2026-02-30".'],
        ),
        (
            macro,
            f"{call}between=['2026-13-01', '2027-01-01'])",
            [f'{macro}: `between` must be a date in the form YYYY-MM-DD, got "2026-13-01".'],
        ),
        (
            macro,
            f"{call}between=['2026-03-02', '2026-03-01'])",
            [f"{macro}: `between` must name the earlier date first, got 2026-03-02 and 2026-03-01."],
        ),
        (
            macro,
            f"{call}within_days=7, between=['2026-03-01', '2026-03-02'])",
            [f"{macro}: only one of `within_days`, `between` and `within_days_of_signup` can be given."],
        ),
        (
            macro,
            f"{call}within_days=7, within_days_of_signup=7)",
            [f"{macro}: only one of `within_days`, `between` and `within_days_of_signup` can be given."],
        ),
        (macro, f"{call}between=['2024-02-29', '2024-02-29'])", []),
    ]


def events(macro: str, before: str, after: str = ")", argument: str = "event") -> list[tuple[str, str, list[str]]]:
    """The rules of an event's name."""
    return [
        (
            macro,
            f"{before}'report_exportd'{after}",
            [f"{macro}: `{argument}` must be an event of `vars: events`, got 'report_exportd'; did you mean 'report_exported'?"],
        ),
        (macro, f"{before}['report_created', 'zzz']{after}", [f"{macro}: `{argument}` must be an event of `vars: events`, got 'zzz'."]),
        (macro, f"{before}[]{after}", [f"{macro}: `{argument}` {NO_EVENT} []."]),
        (macro, f"{before}none{after}", [f"{macro}: `{argument}` {NO_EVENT} null."]),
        (macro, f"{before}7{after}", [f"{macro}: `{argument}` {NO_EVENT} 7."]),
        (macro, f"{before}nothing_of_that_name{after}", [f"{macro}: `{argument}` is required."]),
    ]


def ranges(macro: str, call: str, rule: str = "a whole number ≥ 0") -> list[tuple[str, str, list[str]]]:
    """The rules of at_least, at_most and exactly. A count of at least 0 is everybody's."""
    is_count = "whole" in rule
    bad = [("'3'", '"3"'), ("false", "false"), ("[3]", "[3]"), ("nan", "NaN"), ("infinity", "Infinity"), ("-infinity", "-Infinity")]
    bad += [("-1", "-1"), ("0.5", "0.5"), ("2.0", "2.0")] if is_count else []
    return [
        (
            macro,
            f"{call}{argument}={value})",
            [f"{macro}: `{argument}` must be {'a whole number ≥ 1' if is_count and argument == 'at_least' else rule}, got {told}."],
        )
        for argument in ("at_least", "at_most", "exactly")
        for value, told in bad + ([("0", "0")] if is_count and argument == "at_least" else [])
    ] + [
        (macro, f"{call}at_least=3, at_most=2)", [f"{macro}: `at_least` must not be above `at_most`, got 3 and 2."]),
        (macro, f"{call}at_least=3, exactly=3)", [f"{macro}: `exactly` excludes `at_least` and `at_most`."]),
        (macro, f"{call}at_most=3, exactly=3)", [f"{macro}: `exactly` excludes `at_least` and `at_most`."]),
        (macro, f"{call}at_least=2, at_most=2)", []),
        (macro, f"{call}exactly=0)", []),
    ]


def filters(macro: str, call: str) -> list[tuple[str, str, list[str]]]:
    """The rules of a filter on properties."""
    return [
        (macro, f"{call}where={{}})", [f"{macro}: `where` {WHERE} {{}}."]),
        (macro, f"{call}where='page')", [f'{macro}: `where` {WHERE} "page".']),
        (macro, f"{call}where={{'page': []}})", [f'{macro}: `where` {WHERE} {{"page": []}}.']),
        (macro, f"{call}where={{'page': none}})", [f'{macro}: `where` {WHERE} {{"page": null}}.']),
        (macro, f"{call}where={{'page': ['a', none]}})", [f'{macro}: `where` {WHERE} {{"page": ["a", null]}}.']),
        (macro, f"{call}where={{'page': {{}}}})", [f'{macro}: `where` {WHERE} {{"page": {{}}}}.']),
        (macro, f"{call}where={{'rows': {{'>': [1]}}}})", [f'{macro}: `where` {WHERE} {{"rows": {{">": [1]}}}}.']),
        (macro, f"{call}where={{'plan.name': 'pro', 'tags': {{'contains': ['a', 1, true]}}}})", []),
        (macro, f"{call}where={{'tags': {{'contains': []}}}})", [f'{macro}: `where` {WHERE} {{"tags": {{"contains": []}}}}.']),
        (macro, f"{call}where={{'tags': {{'contains': none}}}})", [f'{macro}: `where` {WHERE} {{"tags": {{"contains": null}}}}.']),
        (macro, f"{call}where={{'': 'a'}})", [f'{macro}: `where` {WHERE} {{"": "a"}}.']),
        (
            macro,
            f"{call}where={{'rows': {{'~': 1}}}})",
            [f"{macro}: `where` accepts the operators =, !=, >, >=, <, <=, contains, got '~' for rows."],
        ),
        *[
            (
                macro,
                f"{call}where={{'rows': {{'{operator}': {value}}}}})",
                [f"{macro}: `where` compares `rows` by {operator} with a number, got {told}."],
            )
            for operator in (">", ">=", "<", "<=")
            for value, told in [("'10'", '"10"'), ("'a'", '"a"'), ("''", '""'), ("true", "true"), ("nan", "NaN"), ("infinity", "Infinity")]
        ],
        (macro, f"{call}where={{'rows': {{'>=': 1, '<': '10'}}}})", [f'{macro}: `where` compares `rows` by < with a number, got "10".']),
        (macro, f"{call}where={{'page': 'a', 'rows': nan}})", [f"{macro}: `where` must compare `rows` with a finite number, got NaN."]),
        (macro, f"{call}where={{'rows': [1, infinity]}})", [f"{macro}: `where` must compare `rows` with a finite number, got Infinity."]),
        (
            macro,
            f"{call}where={{'rows': {{'!=': -infinity}}}})",
            [f"{macro}: `where` must compare `rows` with a finite number, got -Infinity."],
        ),
        (
            macro,
            f"{call}where={{'rows': {{'>': 1, '<=': 2.5}}, 'ok': true, 'page': ['a', 1], 'no': {{'!=': '10'}}, 'yes': {{'=': false}}}})",
            [],
        ),
    ]


def days(macro: str, argument: str, call: str, is_required: bool = False) -> list[tuple[str, str, list[str]]]:
    """The rules of a whole number ≥ 1; `call` has %s in its place."""
    return [
        (macro, call % value, [f"{macro}: `{argument}` must be a whole number ≥ 1, got {told}."])
        for value, told in [("0", "0"), ("-1", "-1"), ("2.5", "2.5"), ("'7'", '"7"'), ("true", "true")]
    ] + ([(macro, call % "none", [f"{macro}: `{argument}` is required."])] if is_required else [])


def properties(macro: str) -> list[tuple[str, str, list[str]]]:
    call = f"_property_problems('{macro}', 'report_exported', 'rows', "
    return [
        *events(macro, f"_property_problems('{macro}', ", ", 'rows', at_least=1)"),
        (macro, f"_property_problems('{macro}', 'report_exported', none, 1)", [f"{macro}: `property` is required."]),
        (macro, f"_property_problems('{macro}', 'report_exported', ' ', 1)", [f'{macro}: `property` must be a text, got " ".']),
        (macro, f"_property_problems('{macro}', 'report_exported', 7, 1)", [f"{macro}: `property` must be a text, got 7."]),
        (
            macro,
            f"_property_problems('{macro}', 'report_exported', 'rows')",
            [f"{macro}: one of `at_least`, `at_most` and `exactly` is required."],
        ),
        *ranges(macro, call, "a whole number ≥ 0" if macro == "property_distinct" else "a number"),
        *windows(macro, "_property_problems", f"'{macro}', 'report_exported', 'rows', at_least=1"),
        *filters(macro, f"{call}at_least=1, "),
    ]


def nth_time(macro: str) -> list[tuple[str, str, list[str]]]:
    call = f"_nth_time_problems('{macro}', 'report_exported', 1"
    return [
        *events(macro, f"_nth_time_problems('{macro}', ", ", 1, within_days=7)"),
        (macro, f"{call})", [f"{macro}: one of `within_days`, `between` and `within_days_of_signup` is required."]),
        *windows(macro, "_nth_time_problems", f"'{macro}', 'report_exported', 1"),
    ]


def criteria(macro: str, before: str, name: str = "criterion", after: str = ")") -> list[tuple[str, str, list[str]]]:
    return [
        (
            macro,
            f"{before}{value}{after}",
            [f"{macro}: `{name}` must be an SQL expression over user_features or a criterion macro, got '{told}'."],
        )
        for value, told in [("''", ""), ("'  '", "  "), ("3", "3"), ("none", "None"), ("{'sql': 'x'}", "{'sql': 'x'}")]
    ]


EXPORTED = "'report_exported'"
TABLE: list[tuple[str, str, list[str]]] = [
    *events("performed", "_performed_problems("),
    *ranges("performed", f"_performed_problems({EXPORTED}, "),
    *windows("performed", "_performed_problems", EXPORTED),
    *filters("performed", f"_performed_problems({EXPORTED}, "),
    ("performed", f"_performed_problems({EXPORTED}, include_zero='no')", ['performed: `include_zero` must be true or false, got "no".']),
    (
        "performed",
        "_performed_problems('report_exported', -1, within_days=0, include_zero=1)",
        [
            "performed: `include_zero` must be true or false, got 1.",
            "performed: `at_least` must be a whole number ≥ 1, got -1.",
            "performed: `within_days` must be a whole number ≥ 1, got 0.",
        ],
    ),
    ("performed", f"_performed_problems({EXPORTED})", []),
    *[
        (macro, f"{call}, {bound}=0, include_zero=false)", [f"{macro}: `include_zero=false` leaves nobody in `{bound}=0`."])
        for macro, call in [
            ("performed", f"_performed_problems({EXPORTED}"),
            ("performed_regularly", f"_performed_regularly_problems({EXPORTED}, 2, 3, 7"),
        ]
        for bound in ("at_most", "exactly")
    ],
    ("performed", f"_performed_problems({EXPORTED}, at_most=1, include_zero=false)", []),
    *nth_time("performed_first_time"),
    *nth_time("performed_nth_time"),
    *days("performed_nth_time", "n", f"_nth_time_problems('performed_nth_time', {EXPORTED}, %s, within_days=7)", is_required=True),
    *events("stopped", "_stopped_problems(", ", 28, 14)"),
    *days("stopped", "was_within_days", f"_stopped_problems({EXPORTED}, %s, 1)", is_required=True),
    *days("stopped", "not_within_days", f"_stopped_problems({EXPORTED}, 28, %s)", is_required=True),
    (
        "stopped",
        f"_stopped_problems({EXPORTED}, 7, 7)",
        ["stopped: `not_within_days` must be smaller than `was_within_days`, got 7 and 7."],
    ),
    (
        "stopped",
        f"_stopped_problems({EXPORTED}, 7, 8)",
        ["stopped: `not_within_days` must be smaller than `was_within_days`, got 8 and 7."],
    ),
    ("stopped", f"_stopped_problems({EXPORTED}, 7, 6)", []),
    *events("restarted", "_restarted_problems(", ", 28, 14)"),
    *days("restarted", "gap_from_days", f"_restarted_problems({EXPORTED}, %s, 1)", is_required=True),
    *days("restarted", "gap_to_days", f"_restarted_problems({EXPORTED}, 28, %s)", is_required=True),
    (
        "restarted",
        f"_restarted_problems({EXPORTED}, 7, 7)",
        ["restarted: `gap_to_days` must be smaller than `gap_from_days`, got 7 and 7."],
    ),
    ("restarted", f"_restarted_problems({EXPORTED}, 7, 6)", []),
    *events("performed_regularly", "_performed_regularly_problems(", ", 2, 3, 7)"),
    *days("performed_regularly", "in_periods", f"_performed_regularly_problems({EXPORTED}, %s, 3, 7)", is_required=True),
    *days("performed_regularly", "of_periods", f"_performed_regularly_problems({EXPORTED}, 2, %s, 7)", is_required=True),
    *days("performed_regularly", "period_days", f"_performed_regularly_problems({EXPORTED}, 2, 3, %s)", is_required=True),
    *ranges("performed_regularly", f"_performed_regularly_problems({EXPORTED}, 2, 3, 7, "),
    (
        "performed_regularly",
        f"_performed_regularly_problems({EXPORTED}, 4, 3, 7)",
        ["performed_regularly: `in_periods` must not be above `of_periods`, got 4 and 3."],
    ),
    ("performed_regularly", f"_performed_regularly_problems({EXPORTED}, 2, 3, 7, include_zero=none)", []),
    (
        "performed_regularly",
        f"_performed_regularly_problems({EXPORTED}, 2, 3, 7, include_zero='no')",
        ['performed_regularly: `include_zero` must be true or false, got "no".'],
    ),
    ("performed_regularly", f"_performed_regularly_problems({EXPORTED}, 3, 3, 7)", []),
    *events("performed_sequence", "_performed_sequence_problems(['report_created', ", "])", "steps"),
    ("performed_sequence", "_performed_sequence_problems(nothing_of_that_name)", ["performed_sequence: `steps` is required."]),
    (
        "performed_sequence",
        f"_performed_sequence_problems({EXPORTED})",
        ['performed_sequence: `steps` must be a list of two or more events, got "report_exported".'],
    ),
    (
        "performed_sequence",
        f"_performed_sequence_problems([{EXPORTED}])",
        ['performed_sequence: `steps` must be a list of two or more events, got ["report_exported"].'],
    ),
    *days("performed_sequence", "within_days", f"_performed_sequence_problems([{EXPORTED}, {EXPORTED}], %s)"),
    *days("performed_sequence", "gap_days", f"_performed_sequence_problems([{EXPORTED}, {EXPORTED}], 7, %s)"),
    *days("performed_sequence", "gap_days", f"_performed_sequence_problems([{EXPORTED}, {EXPORTED}], 7, [%s])"),
    (
        "performed_sequence",
        f"_performed_sequence_problems([{EXPORTED}, {EXPORTED}], 7, [1, 2])",
        ["performed_sequence: `gap_days` must have one gap per step after the first, 1 in all, got 2."],
    ),
    ("performed_sequence", f"_performed_sequence_problems([{EXPORTED}, ['report_created', {EXPORTED}], {EXPORTED}], none, [none, 2])", []),
    *events("performed_more_than", "_performed_more_than_problems(", ", 'report_created')"),
    *events("performed_more_than", f"_performed_more_than_problems({EXPORTED}, ", ")", "than_event"),
    *windows("performed_more_than", "_performed_more_than_problems", f"{EXPORTED}, 'report_created'"),
    (
        "performed_more_than",
        f"_performed_more_than_problems({EXPORTED}, 'report_created', '2')",
        ['performed_more_than: `times` must be a number, got "2".'],
    ),
    (
        "performed_more_than",
        f"_performed_more_than_problems({EXPORTED}, 'report_created', none)",
        ["performed_more_than: `times` is required."],
    ),
    (
        "performed_more_than",
        f"_performed_more_than_problems({EXPORTED}, 'report_created', 0)",
        ["performed_more_than: `times` must be above 0, got 0."],
    ),
    ("performed_more_than", f"_performed_more_than_problems({EXPORTED}, 'report_created', 0.5)", []),
    *[row for macro in ("property_sum", "property_average", "property_distinct") for row in properties(macro)],
    *events("changed_by", "_changed_by_problems(", ", 28, 0.5)"),
    *days("changed_by", "within_days", f"_changed_by_problems({EXPORTED}, %s, 0.5)", is_required=True),
    ("changed_by", f"_changed_by_problems({EXPORTED}, 28)", ["changed_by: one of `at_least` and `at_most` is required."]),
    ("changed_by", f"_changed_by_problems({EXPORTED}, 28, '1')", ['changed_by: `at_least` must be a number, got "1".']),
    ("changed_by", f"_changed_by_problems({EXPORTED}, 28, none, true)", ["changed_by: `at_most` must be a number, got true."]),
    ("changed_by", f"_changed_by_problems({EXPORTED}, 28, 2, 1)", ["changed_by: `at_least` must not be above `at_most`, got 2 and 1."]),
    (
        "changed_by",
        f"_changed_by_problems({EXPORTED}, 28, none, -1.5)",
        ["changed_by: a fall cannot exceed 100%: `at_most` must be ≥ -1, got -1.5."],
    ),
    (
        "changed_by",
        f"_changed_by_problems({EXPORTED}, 28, -2)",
        ["changed_by: a fall cannot exceed 100%: `at_least` must be ≥ -1, got -2."],
    ),
    ("changed_by", f"_changed_by_problems({EXPORTED}, 28, -1, -1)", []),
    ("had_attribute", "_had_attribute_problems(none, 'x')", ["had_attribute: `attribute` is required."]),
    ("had_attribute", "_had_attribute_problems(7, 'x')", ["had_attribute: `attribute` must be a text, got 7."]),
    (
        "had_attribute",
        "_had_attribute_problems('departmnt', 'x')",
        ["had_attribute: `attribute` must be a column of users, got 'departmnt'; did you mean 'department'?"],
    ),
    (
        "had_attribute",
        "_had_attribute_problems('department', 'x', 'account')",
        ["had_attribute: `attribute` must be a column of accounts, got 'department'."],
    ),
    (
        "had_attribute",
        "_had_attribute_problems('department', 'x', 'team')",
        ["had_attribute: `entity` must be user or account, got 'team'."],
    ),
    ("had_attribute", "_had_attribute_problems('department', none)", ["had_attribute: `value` is required."]),
    ("had_attribute", "_had_attribute_problems('department', nothing_of_that_name)", ["had_attribute: `value` is required."]),
    ("had_attribute", "_had_attribute_problems('department', [])", ["had_attribute: `value` must be a text or a list of texts, got []."]),
    (
        "had_attribute",
        "_had_attribute_problems('department', ['a', none])",
        ['had_attribute: `value` must be a text or a list of texts, got ["a", null].'],
    ),
    (
        "had_attribute",
        "_had_attribute_problems('department', {'a': 1})",
        ['had_attribute: `value` must be a text or a list of texts, got {"a": 1}.'],
    ),
    (
        "had_attribute",
        "_had_attribute_problems('department', 'x', on='2026-02-30')",
        ['had_attribute: `on` must be a date in the form YYYY-MM-DD, got "2026-02-30".'],
    ),
    *days("had_attribute", "held_for_days", "_had_attribute_problems('department', 'x', held_for_days=%s)"),
    (
        "had_attribute",
        "_had_attribute_problems('department', 'x', on='2026-02-28', held_for_days=3)",
        ["had_attribute: only one of `on` and `held_for_days` can be given."],
    ),
    ("had_attribute", "_had_attribute_problems('industry', ['x', 7], 'account')", []),
    *[("signed_up_in", f"_signed_up_in_problems('{period}')", []) for period in ("2026", "2026-Q4", "2026-12", "2026-W01", "2026-W53")],
    *[
        (
            "signed_up_in",
            f"_signed_up_in_problems({given})",
            [
                "signed_up_in: `period` must be a year, quarter, month or week such as '2026', '2026-Q1', '2026-03' or '2026-W05', "
                f'got "{given[1:-1]}".'
            ],
        )
        for given in ("'2026-Q5'", "'2026-13'", "'2026-1'", "'2025-W53'", "'2026-W00'", "'2026-03-01'", "'26'", "'soon'")
    ],
    ("signed_up_in", "_signed_up_in_problems(none)", ["signed_up_in: `period` is required."]),
    ("signed_up_in", "_signed_up_in_problems(2026)", ["signed_up_in: `period` must be a text, got 2026."]),
    (
        "signed_up_in",
        "_signed_up_in_problems('2026', 2027)",
        ["signed_up_in: `through` must be a year, quarter, month or week such as '2026', '2026-Q1', '2026-03' or '2026-W05', got 2027."],
    ),
    ("signed_up_in", "_signed_up_in_problems('2026-02', through='2026-02')", []),
    (
        "signed_up_in",
        "_signed_up_in_problems('2026-02', through='2026-01')",
        ['signed_up_in: `through` must not end before `period` begins, got "2026-01" after "2026-02".'],
    ),
    ("date_within", "_date_within_problems(none, 7)", ["date_within: `date` is required."]),
    ("date_within", "_date_within_problems(7, 7)", ["date_within: `date` must be a text, got 7."]),
    ("date_within", "_date_within_problems('renewal_date')", ["date_within: exactly one of `next_days` and `last_days` is required."]),
    (
        "date_within",
        "_date_within_problems('renewal_date', 7, 7)",
        ["date_within: exactly one of `next_days` and `last_days` is required."],
    ),
    ("date_within", "_date_within_problems('renewal_date', last_days=1)", []),
    *days("date_within", "next_days", "_date_within_problems('renewal_date', %s)"),
    *days("date_within", "last_days", "_date_within_problems('renewal_date', none, %s)"),
    ("contains", "_contains_problems('music', 'jazz')", []),
    ("contains", "_contains_problems('music', ['jazz', 'rock'])", []),
    ("contains", "_contains_problems(none, 'jazz')", ["contains: `trait` is required."]),
    (
        "contains",
        "_contains_problems('musik', 'jazz')",
        ["contains: `trait` must be a trait of type list (variable `traits`), got \"musik\"; did you mean 'music'?"],
    ),
    (
        "contains",
        "_contains_problems('mrr', 'jazz')",
        ['contains: `trait` must be a trait of type list (variable `traits`), got "mrr"; there is music.'],
    ),
    *[
        ("contains", f"_contains_problems('music', {value})", [f"contains: `value` must be a text or a list of texts, got {told}."])
        for value, told in [("none", "null"), ("7", "7"), ("[]", "[]"), ("' '", '" "'), ("['a', 7]", '["a", 7]'), ("{'a': 1}", '{"a": 1}')]
    ],
    ("in_top_share", "_in_top_share_problems(none, 0.1)", ["in_top_share: `column` is required."]),
    ("in_top_share", "_in_top_share_problems('', 0.1)", ['in_top_share: `column` must be a text, got "".']),
    ("in_top_share", "_in_top_share_problems('mrr', none)", ["in_top_share: `share` is required."]),
    *[
        (
            "in_top_share",
            f"_in_top_share_problems('mrr', {value})",
            [f"in_top_share: `share` must be a number above 0 and at most 1, got {told}."],
        )
        for value, told in [("0", "0"), ("1.1", "1.1"), ("10", "10"), ("-0.1", "-0.1"), ("'0.1'", '"0.1"'), ("true", "true")]
    ],
    ("in_top_share", "_in_top_share_problems('mrr', 1)", []),
    ("in_segment", "_in_segment_problems(none)", ["in_segment: `segment` is required."]),
    ("in_segment", "_in_segment_problems('')", ['in_segment: `segment` must be a text, got "".']),
    (
        "in_segment",
        "_in_segment_problems('power_usrs')",
        ["in_segment: `segment` must be registered, got 'power_usrs'; did you mean 'power_users'?"],
    ),
    ("in_segment", "_in_segment_problems('zzz')", ["in_segment: `segment` must be registered, got 'zzz'."]),
    ("in_segment", "_in_segment_problems('power_users')", []),
    ("in_list", "_in_list_problems(none)", ["in_list: `list` is required."]),
    ("in_list", "_in_list_problems('Beta testers')", ['in_list: `list` must be a name in lower snake case, got "Beta testers".']),
    ("in_list", "_in_list_problems('beta_testers', 'yes')", ['in_list: `is_frozen` must be true or false, got "yes".']),
    ("in_list", "_in_list_problems('beta_testers', true)", []),
    ("was_in", "_was_in_problems(none, none)", ["was_in: `segment` is required.", "was_in: `on` is required."]),
    (
        "was_in",
        "_was_in_problems('power_usrs', '2026-13-01')",
        [
            "was_in: `segment` must be registered, got 'power_usrs'; did you mean 'power_users'?",
            'was_in: `on` must be a date in the form YYYY-MM-DD, got "2026-13-01".',
        ],
    ),
    ("was_in", "_was_in_problems('power_users', '2026-09-01')", []),
    *events("has_not_tried", "_has_not_tried_problems("),
    ("has_not_tried", "_has_not_tried_problems(['report_created', 'report_exported'])", []),
    *criteria("account_has", "_account_has_problems("),
    *days("account_has", "at_least", "_account_has_problems('true', at_least=%s)"),
    *[
        (
            "account_has",
            f"_account_has_problems('true', at_least_share={value})",
            [f"account_has: `at_least_share` must be a number above 0 and at most 1, got {value}."],
        )
        for value in ("0", "1.5", "true")
    ],
    ("account_has", "_account_has_problems('true', which='most')", ["account_has: `which` must be any, all or none, got 'most'."]),
    (
        "account_has",
        "_account_has_problems('true', which='any', at_least=1)",
        ["account_has: only one of `which`, `at_least` and `at_least_share` can be given."],
    ),
    (
        "account_has",
        "_account_has_problems('true', at_least=1, at_least_share=1)",
        ["account_has: only one of `which`, `at_least` and `at_least_share` can be given."],
    ),
    (
        "account_has",
        "_account_has_problems(any_of(account_has('true')))",
        ["account_has: `criterion` must not hold another account_has()."],
    ),
    ("account_has", f"_account_has_problems(performed({EXPORTED}), at_least_share=1)", []),
    *[
        row
        for macro in ("any_of", "all_of", "none_of")
        for row in [
            (macro, f"_combined_problems('{macro}', [])", [f"{macro}: at least one criterion is needed, got none."]),
            *criteria(macro, f"_combined_problems('{macro}', ['true', ", "2", "])"),
            (macro, f"_combined_problems('{macro}', ['true', performed({EXPORTED})])", []),
        ]
    ],
]
# The macros that share a body, and the helper that checks their arguments.
HELPERS = {
    "all_of": "_combined",
    "any_of": "_combined",
    "none_of": "_combined",
    "performed_first_time": "_nth_time",
    "performed_nth_time": "_nth_time",
    "property_sum": "_property",
    "property_average": "_property",
    "property_distinct": "_property",
}


@pytest.fixture(scope="module")
def told(macro_project: Warehouse) -> list[list[str]]:
    """What each helper says, in the order of TABLE."""
    lines = "\n".join(f"    {{% do found.append(segmentation.{call}) %}}" for _, call, _ in TABLE)
    (macro_project.folder / "macros/tested_problems.sql").write_text(
        # Not as literals: Jinja folds `'nan' | float` into a name that Python does not know.
        "{% macro tested_problems() %}\n    {% set found, words = [], ['nan', 'inf'] %}\n"
        "    {% set nan, infinity = words[0] | float, words[1] | float %}\n"
        + lines
        + "\n    {{ print('FOUND ' ~ tojson(found)) }}\n{% endmacro %}\n",
        encoding="utf-8",
    )
    register(macro_project.folder, ["power_users"])
    macro_project.configure(traits=[{"name": "music", "in": "users", "type": "list"}])
    result = macro_project.run("run-operation", "tested_problems", "--quiet")
    assert result, result.output
    return json.loads(re.search("FOUND (.*)", result.output).group(1))


@pytest.mark.parametrize("place", range(len(TABLE)), ids=[f"{place}-{call}" for place, (_, call, _) in enumerate(TABLE)])
def test_the_message_is(told: list[list[str]], place: int) -> None:
    assert told[place] == TABLE[place][2]


def test_every_criterion_is_in_the_table_with_good_and_bad_arguments() -> None:
    for path in FOLDER.glob("*.sql"):
        assert any(macro == path.stem and messages for macro, _, messages in TABLE), path.stem
        assert any(macro == path.stem and not messages for macro, _, messages in TABLE), path.stem


@pytest.mark.parametrize("macro", sorted(path.stem for path in FOLDER.glob("*.sql")))
def test_the_public_macro_raises_what_its_helper_finds(macro: str) -> None:
    """The wiring: the helper's list goes to _raise_problems(), in the macro or in the body that it shares."""
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.sql"))
    helper = HELPERS.get(macro, f"_{macro}")
    own = re.search(rf"{{% macro {macro}\(.*?{{% endmacro %}}", text, re.DOTALL).group(0)
    shared = {"_combined": "_combined", "_nth_time": "_nth_time", "_property": "_property_criterion"}.get(HELPERS.get(macro, ""))
    body = own if shared is None else re.search(rf"{{% macro {shared}\(.*?{{% endmacro %}}", text, re.DOTALL).group(0)
    assert shared is None or f"segmentation.{shared}(" in own
    assert f"_raise_problems(segmentation.{helper}_problems(" in body


def test_a_cycle_of_segments_is_named() -> None:
    """The way back, whatever else is read; a graph in which many ways lead to the same place is walked once."""
    macros = loaded_macros(macro_texts(ROOT), {}, "tested")
    ladder = {f"s{number}": [f"s{later}" for later in range(number + 1, 40)] for number in range(40)}
    for segment, reads, expected in [
        ("a", {"a": ["a"]}, ["a", "a"]),
        ("a", {"a": ["b"], "b": ["a"]}, ["a", "b", "a"]),
        ("b", {"a": ["x", "b"], "b": ["y", "c"], "c": ["a"], "x": [], "y": []}, ["b", "c", "a", "b"]),
        ("a", {"a": ["b"], "b": ["c"], "c": ["b"]}, []),
        ("a", {"a": ["b", "c"], "b": ["d"], "c": ["d"]}, []),
        ("s0", ladder, []),
    ]:
        assert macros["_segment_cycle"](segment, reads[segment], reads) == expected


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ({"a": "a"}, "Segment `a`: in_segment: a segment cannot be defined by itself, got a → a. Remove in_segment() from one of them."),
        ({"a": "b", "b": "a"}, "got b → a → b."),
        ({"a": "b", "b": "c", "c": "a"}, "a segment cannot be defined by itself, got "),
    ],
)
def test_a_cycle_of_segments_stops_the_parse(macro_project: Warehouse, edges: dict[str, str], told: str) -> None:
    folder = macro_project.folder / "models/segments/behavioral"
    register(macro_project.folder, [*edges])
    for name, other in edges.items():
        (folder / f"{name}.sql").write_text(f"{{{{ segment(c=in_segment('{other}')) }}}}", encoding="utf-8")
    result = macro_project.run("parse", "--no-partial-parse")
    for path in folder.glob("*.sql"):
        path.unlink()
    assert not result
    assert told in result.output or len(edges) == 2 and "got a → b → a." in result.output


def test_a_cycle_that_only_dbt_finds_is_told_in_a_sentence() -> None:
    told = cycle_problem("Found a cycle: model.segmentation.c --> model.segmentation.b --> model.segmentation.a")
    assert told is not None and told.startswith("c → b → a → c: each is defined by the next") and "in_segment()" in told
    assert cycle_problem("Database Error") is None
