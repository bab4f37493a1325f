"""The registries of inputs and segments: what they refuse, in which words. Features and metrics have files of their own."""

from __future__ import annotations

import copy
from typing import Any

import registries
from warehouse import ROOT

MACROS = registries.macros_of(ROOT)
INPUTS: dict[str, dict[str, Any]] = {
    "users": {
        "optional": False,
        "key": ["user_id"],
        "newest_by": "updated_at",
        "may_be_missing": ["updated_at"],
        "ranges": {"birth_year": [1900, None]},
        "columns": {"user_id": "text", "birth_year": "integer", "updated_at": "time"},
    },
    "history": {
        "optional": True,
        "key": ["user_id"],
        "first_by": "seen_at",
        "attributes": {"user": ["birth_year"]},
        "columns": {"user_id": "text", "seen_at": "time"},
    },
}
FIELDS = (
    "optional, columns, key, required, may_be_missing, newest_by, first_by, ends, arrival, one_of, ranges, labels, fallbacks, attributes"
)
TYPES = '"text", "label", "country", "integer", "money", "double", "boolean", "time", "date", "json"'


def changed(**fields: Any) -> dict[str, dict[str, Any]]:
    """The inputs with other fields in users; None removes one."""
    inputs = copy.deepcopy(INPUTS)
    inputs["users"].update(fields)
    inputs["users"] = {name: value for name, value in inputs["users"].items() if value is not None}
    return inputs


# Inputs and the exact texts that they must bring; none for good ones.
TABLE: list[tuple[Any, list[str]]] = [
    (INPUTS, []),
    (changed(ranges={"birth_year": "{} > 1900"}, one_of=["user_id"], arrival=["updated_at"], ends=["updated_at"]), []),
    ({}, ["inputs: must be a mapping of at least one input, got {}."]),
    (["users"], ['inputs: must be a mapping of at least one input, got ["users"].']),
    ({**INPUTS, "events": "stg"}, ['inputs: events: must be a mapping, got "stg".']),
    ({**INPUTS, "Events": INPUTS["history"]}, ['inputs: Events: the name must be lower snake case, got "Events".']),
    *[(changed(**{field: None}), [f"inputs: users: `{field}` is required."]) for field in ("optional", "key")],
    (changed(newest_by=None), ["inputs: users: one of `newest_by` and `first_by` is required: which of several rows with one key counts."]),
    (
        changed(first_by="updated_at"),
        ["inputs: users: one of `newest_by` and `first_by` is required: which of several rows with one key counts."],
    ),
    (changed(kye=["user_id"]), [f"inputs: unknown field `kye` in `users`; valid fields: {FIELDS}."]),
    (changed(optional=0), ["inputs: users: `optional` must be one of true, false, got 0."]),
    (
        changed(columns={**INPUTS["users"]["columns"], "city": "string"}),
        [f'inputs: users: the type of `city` must be one of {TYPES}, got "string".'],
    ),
    (changed(key="user_id"), ['inputs: users: `key` must be a list of at least one column, got "user_id".']),
    (changed(key=[]), ["inputs: users: `key` must be a list of at least one column, got []."]),
    (changed(key=["user_idd"]), ["inputs: users: `key` must name columns of the input, got \"user_idd\"; did you mean 'user_id'?"]),
    (changed(newest_by="zzz"), ['inputs: users: `newest_by` must name columns of the input, got "zzz".']),
    (changed(ends=["zzz"]), ['inputs: users: `ends` must name columns of the input, got "zzz".']),
    (changed(labels={"zzz": ["a"]}), ['inputs: users: `labels` must name columns of the input, got "zzz".']),
    (changed(labels="birth_year"), ['inputs: users: `labels` must be a mapping of columns, got "birth_year".']),
    *[
        (
            changed(ranges={"birth_year": range_}),
            [f"inputs: users: the range of `birth_year` must be [least, most] or SQL with {{}} for the value, got {text}."],
        )
        for range_, text in ((5, "5"), ([1], "[1]"), ("> 1900", '"> 1900"'))
    ],
    (
        {**INPUTS, "history": {**INPUTS["history"], "attributes": {"user": ["zzz"]}}},
        ['inputs: history: `attributes` must name columns of the input users, got "zzz".'],
    ),
]


def test_a_faulty_input_brings_its_message() -> None:
    for entries, expected in TABLE:
        assert MACROS["_inputs_problems"](entries) == expected, entries


def test_an_input_without_columns_is_refused() -> None:
    """Then nothing that names columns can be right either, so the first message is the one that counts."""
    for columns, text in ((None, "`columns` is required."), ({}, "`columns` must be a mapping of column -> type, got {}.")):
        problems = MACROS["_inputs_problems"](changed(columns=columns))
        assert f"inputs: users: {text}" == problems[0] and len(problems) > 1


def test_a_faulty_list_of_segments_brings_its_message() -> None:
    problems = MACROS["_segments_problems"]
    assert problems(["new_users", "power_users"]) == []
    empty = "registered_segments: the list must name at least one segment, got {}; `make segment` begins one."
    for names, text in (([], "[]"), ("new_users", '"new_users"'), ({"new_users": 1}, '{"new_users": 1}')):
        assert problems(names) == [empty.format(text)]
    assert problems(["new_users", 7, " ", "new_users"]) == [
        "registered_segments: entry 2 must be the name of a model, got 7.",
        'registered_segments: entry 3 must be the name of a model, got " ".',
        "registered_segments: `new_users` must occur once; remove the other line.",
    ]


def test_the_inputs_of_this_project_keep_the_rules() -> None:
    assert MACROS["_inputs_problems"](MACROS["inputs"]()) == []
