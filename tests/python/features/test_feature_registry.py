"""The feature registry: what it refuses, that it and the tables have the same columns, and what a new feature costs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import registries
from generate_features import generated, short_names
from refusal import Refusal
from warehouse import ROOT, Inputs, Warehouse

REGISTRY = "macros/registries/features.sql"
FEATURES = registries.loaded_features(ROOT)

# --- What an entry must be ----------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "name": "logins_28d",
    "family": "behavioral",
    "type": "bigint",
    "unit": "logins",
    "bounds": [0, None],
    "can_be_null": False,
    "privacy": None,
    "reads": ["events", "identities"],
    "known_only_if_active": False,
    "window_days": 28,
    "related": ["activity"],
    "description": "Logins in the 28 days to the date. 0 if there is none.",
    "definition": "events named in `login_events`",
}
TEXT: dict[str, Any] = {**GOOD, "name": "mood", "type": "string", "unit": None, "bounds": None, "can_be_null": True, "window_days": None}
LABELS = [["high", "more than 3"], ["null", "unknown"]]
FIELDS = (
    "name, family, type, unit, bounds, can_be_null, privacy, reads, known_only_if_active, window_days, related, description, "
    "definition, labels, profile, aliases, needs"
)
READS_RULE = "features: logins_28d: `reads` must name inputs, reference seeds and other features, got "
BOUNDS_RULE = "features: logins_28d: `bounds` must be none or [lowest, highest], each a number or none, got "
WINDOW_RULE = "features: logins_28d: `window_days` must be none, a whole number ≥ 1 or the name of a variable, got "


def without(entry: dict[str, Any], field: str) -> dict[str, Any]:
    """The entry less one field."""
    return {key: value for key, value in entry.items() if key != field}


# Entries and the exact texts that they must bring; none for good ones.
NEEDS_RULE = "`needs` must name inputs, kinds of events, scales or variables that are lists, got "
TABLE: list[tuple[Any, list[str]]] = [
    ([GOOD], []),
    ([GOOD, TEXT], []),
    ([{**TEXT, "related": None, "reads": ["users", "country_aliases"]}], []),
    ([GOOD, {**TEXT, "reads": ["logins_28d"], "known_only_if_active": True, "window_days": "survey_valid_days"}], []),
    ([{**GOOD, "bounds": [None, 1.5]}], []),
    ([{**GOOD, "window_days": 56}], []),
    ([{**GOOD, "profile": {"label": "Logins", "bands": [1, 4]}}, {**TEXT, "labels": LABELS, "profile": {"label": "Mood"}}], []),
    ([{**GOOD, "aliases": ["sign_ins"]}], []),
    ([{**GOOD, "needs": ["login_events", "feature_events", "invoices"]}], []),
    ([{**GOOD, "needs": "login_events"}], ['features: logins_28d: `needs` must be a list, got "login_events".']),
    (
        [{**GOOD, "needs": ["login_event", "zzz"]}],
        [f"features: logins_28d: {NEEDS_RULE}\"login_event\"; did you mean 'login_events'?", f'features: logins_28d: {NEEDS_RULE}"zzz".'],
    ),
    ([], ["features: must be a list of at least one entry, got []."]),
    ("mood", ['features: must be a list of at least one entry, got "mood".']),
    ([GOOD, "mood"], ['features: entry 2 must be a mapping, got "mood".']),
    *[
        ([without(GOOD, field)], [f"features: logins_28d: `{field}` is required."])
        for field in GOOD
        if field not in ("name", "reads", "related")
    ],
    ([without(GOOD, "name")], ["features: entry 1: `name` is required."]),
    ([without(GOOD, "reads")], ["features: logins_28d: `reads` is required: the inputs and features that it is computed from."]),
    ([without(GOOD, "related")], ["features: logins_28d: `related` is required: the groups of features that say much the same, or none."]),
    ([{**GOOD, "name": " "}], ['features: entry 1: `name` must be a text, got " ".']),
    *[
        ([{**TEXT, "name": name}], [f'features: {name}: `name` must be lower snake case of at most 40 characters, got "{name}".'])
        for name in ("Mood", "the mood", "2nd_mood", "m" * 41)
    ],
    ([GOOD, GOOD], ["features: logins_28d: `name` must occur once, and another entry has it too."]),
    ([{**GOOD, "realted": None}], ["features: logins_28d: unknown field `realted`; did you mean `related`?"]),  # codespell:ignore realted
    ([{**GOOD, "zzz": 1}], [f"features: logins_28d: unknown field `zzz`; valid fields: {FIELDS}."]),
    (
        [{**GOOD, "family": "behavior"}],
        [
            'features: logins_28d: `family` must be one of "demographic", "geographic", "firmographic", "technographic", "customer", '
            '"behavioral", "psychographic", "value", "marketing", got "behavior".'
        ],
    ),
    (
        [{**GOOD, "type": "integer"}],
        ['features: logins_28d: `type` must be one of "string", "bigint", "double", "boolean", "date", got "integer".'],
    ),
    ([{**GOOD, "can_be_null": 0}], ["features: logins_28d: `can_be_null` must be one of true, false, got 0."]),
    ([{**GOOD, "privacy": "secret"}], ['features: logins_28d: `privacy` must be one of none, "personal", "sensitive", got "secret".']),
    ([{**GOOD, "known_only_if_active": None}], ["features: logins_28d: `known_only_if_active` must be one of true, false, got null."]),
    (
        [{**GOOD, "known_only_if_active": True}],
        ["features: logins_28d: `known_only_if_active` must be false if `can_be_null` is false, got true: it is always known."],
    ),
    ([{**GOOD, "description": ""}], ['features: logins_28d: `description` must be a text, got "".']),
    ([{**GOOD, "definition": 7}], ["features: logins_28d: `definition` must be a text, got 7."]),
    ([{**GOOD, "unit": None}], ["features: logins_28d: `unit` must be a text for type bigint, got null."]),
    ([{**TEXT, "unit": "moods"}], ['features: mood: `unit` must be none for type string, got "moods".']),
    *[
        ([{**GOOD, "bounds": bounds}], [BOUNDS_RULE + json.dumps(bounds) + "."])
        for bounds in ([0], [1, 0], ["0", None], [None, None], [True, 2], 5, "05", {"low": 0, "high": 1})
    ],
    ([{**TEXT, "bounds": [0, 1]}], ["features: mood: `bounds` must be none for type string, got [0, 1]."]),
    *[
        ([{**TEXT, "name": "logins_28d", "window_days": days}], [WINDOW_RULE + json.dumps(days) + "."])
        for days in (0, -7, 1.5, True, "28 days")
    ],
    ([{**GOOD, "window_days": 7}], ["features: logins_28d: `window_days` must be at least the 28 days of the name, got 7."]),
    ([{**GOOD, "window_days": None}], ["features: logins_28d: `window_days` must be the days of the name, got none."]),
    *[
        (
            [{**GOOD, "reads": reads}],
            [f"features: logins_28d: `reads` must be a list of at least one input or feature, got {json.dumps(reads)}."],
        )
        for reads in ([], None, "events", {"events": 1})
    ],
    ([{**GOOD, "reads": ["evnts"]}], [READS_RULE + "\"evnts\"; did you mean 'events'?"]),  # codespell:ignore evnts
    ([{**GOOD, "reads": ["zzz"]}], [READS_RULE + '"zzz".']),
    ([{**GOOD, "reads": ["logins_28d"]}], [READS_RULE + '"logins_28d".']),
    *[
        (
            [{**GOOD, "related": related}],
            [f"features: logins_28d: `related` must be none or a list of names in lower snake case, got {json.dumps(related)}."],
        )
        for related in ([], "activity", ["Activity"], [7], {"activity": 1})
    ],
    ([{**TEXT, "related": None, "aliases": ["temper"]}], ["features: mood: `aliases` is of use only with `related`."]),
    *[
        ([{**TEXT, "labels": labels}], [f"features: mood: `labels` must be a list of [value, meaning], got {json.dumps(wrong)}."])
        for labels, wrong in (([], []), ("high", "high"), ([["high"]], ["high"]), ([["high", 3], ["null", "unknown"]], ["high", 3]))
    ],
    ([{**TEXT, "labels": LABELS[:1]}], ['features: mood: `labels` must end with what null means, got ["high", "more than 3"].']),
    *[
        ([{**TEXT, "profile": profile}], [f"features: mood: `profile` must be a mapping with a `label`, got {json.dumps(profile)}."])
        for profile in ("Mood", None, {}, {"label": " "})
    ],
    (
        [{**TEXT, "profile": {"label": "Mood", "lable": "Mood"}}],  # codespell:ignore lable
        ["features: mood: unknown field `lable` in `profile`; valid fields: label, bands, name, related, after."],  # codespell:ignore lable
    ),
    ([{**GOOD, "profile": {"label": "Logins"}}], ["features: logins_28d: `profile` must have `bands` for type bigint without `labels`."]),
    ([{**TEXT, "profile": {"label": "Mood", "bands": [1]}}], ["features: mood: `profile` must have no `bands` for type string."]),
    (
        [{**GOOD, "profile": {"label": "Logins", "bands": [4, 1]}}],
        ["features: logins_28d: value_bands: `bounds` must be whole numbers in ascending order, got [4, 1]."],
    ),
    (
        [{**TEXT, "profile": {"label": "Mood", "name": "The mood"}}],
        ['features: mood: `name` in `profile` must be lower snake case of at most 40 characters, got "The mood".'],
    ),
    (
        [{**TEXT, "profile": {"label": "Mood", "related": ["temper"]}}],
        ['features: mood: `related` and `after` in `profile` must name features, got "temper".'],
    ),
    (
        [{**TEXT, "profile": {"label": "Mood", "after": "temper"}}],
        ['features: mood: `related` and `after` in `profile` must name features, got "temper".'],
    ),
    (
        [{**TEXT, "profile": {"label": "Mood"}}, {**TEXT, "name": "temper", "profile": {"label": "Temper", "name": "mood"}}],
        ['features: temper: `profile` must have a `name` of its own, and another entry has "mood" too.'],
    ),
    (
        [without(without(GOOD, "unit"), "related"), {**TEXT, "type": "text"}],
        [
            "features: logins_28d: `unit` is required.",
            "features: logins_28d: `related` is required: the groups of features that say much the same, or none.",
            'features: mood: `type` must be one of "string", "bigint", "double", "boolean", "date", got "text".',
        ],
    ),
]


def test_a_faulty_entry_is_told_what_is_wrong() -> None:
    problems = registries.macros_of(ROOT)["_features_problems"]
    assert len(TABLE) > 70
    for entries, expected in TABLE:
        assert problems(entries) == expected, entries


# --- What is derived from it --------------------------------------------------------------------------------------------


def test_everything_generated_is_what_the_registry_says() -> None:
    """`make parse` asks the same; here a hand-made change of each file is seen, too."""
    for path, text in generated(ROOT).items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, path
        assert text.count(f"Generated from {REGISTRY}") == text.count("End: ") > 0, path


def test_every_feature_is_defined_and_described_once() -> None:
    page = (ROOT / "docs/features.md").read_text(encoding="utf-8")
    names = [name for cell in re.findall(r"^\| (\w.*?) \| ", page, flags=re.MULTILINE) for name in long_names(cell)]
    assert sorted(names) == sorted(["column"] * 9 + [feature["name"] for feature in FEATURES])
    docs = re.findall(r"{% docs feature_(\w+) %}", (ROOT / "models/features/features.md").read_text(encoding="utf-8"))
    assert len(docs) == len(set(docs)) and {feature["name"] for feature in FEATURES} < set(docs)


def long_names(cell: str) -> list[str]:
    """The names that short_names() shortened."""
    names: list[str] = []
    for word in cell.split(", "):
        names.append(re.sub(r"_\d+d$", "", names[-1]) + word if word.startswith("_") else word)
    return names


def test_windows_of_one_count_stand_together() -> None:
    assert short_names(["a_7d", "a_28d", "b", "b_7d", "a_91d", "a_b_91d"]) == "a_7d, _28d, b, b_7d, a_91d, a_b_91d"
    assert long_names("a_7d, _28d, b, b_7d") == ["a_7d", "a_28d", "b", "b_7d"]


def test_user_features_and_the_families_have_the_columns_of_the_registry(sample_warehouse: Warehouse) -> None:
    """In its order, with its types, bounds and NULLs. A column in a family's SQL without an entry would reach nobody."""
    kinds = {"VARCHAR": "string", "BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "DATE": "date"}

    def columns(relation: str) -> dict[str, str]:
        found = dict(sample_warehouse.query(f"select column_name, column_type from (describe {relation})"))
        return {name: kinds[kind] for name, kind in found.items() if name not in ("user_id", "account_id", "as_of_date")}

    assert list(columns("features.user_features").items()) == [(feature["name"], feature["type"]) for feature in FEATURES]
    compiled = sample_warehouse.folder / "target/compiled/segmentation/models/features"
    for family in {feature["family"] for feature in FEATURES}:
        expected = {feature["name"]: feature["type"] for feature in FEATURES if feature["family"] == family}
        assert columns((compiled / f"user_{family}_features.sql").read_text(encoding="utf-8")) == expected
    wrong = {}
    for feature in FEATURES:
        low, high = feature["bounds"] or (None, None)
        conditions = [f'"{feature["name"]}" is null'] if not feature["can_be_null"] else []
        conditions += [f'"{feature["name"]}" < {low}'] if low is not None else []
        conditions += [f'"{feature["name"]}" > {high}'] if high is not None else []
        # Nobody who was never seen has it.
        conditions += [f'"{feature["name"]}" is not null and days_since_last_seen is null'] if feature["known_only_if_active"] else []
        if conditions:
            wrong[feature["name"]] = sample_warehouse.query(
                f"select count(*) from features.user_features where {' or '.join(f'({condition})' for condition in conditions)}"
            )[0][0]
    assert len(wrong) > 50 and not any(wrong.values()), wrong
    unseen = sample_warehouse.query("select count(*) from features.user_features where days_since_last_seen is null")[0][0]
    assert unseen > 0


# --- What a new feature costs -------------------------------------------------------------------------------------------

SQL = "models/features/user_behavioral_features.sql"
COLUMN = "        day_counts.session_minutes_28d / nullif(day_counts.sessions_28d, 0) as minutes_per_session_28d,\n"
ENTRY = """\
        {'name': 'minutes_per_session_28d', 'family': 'behavioral', 'type': 'double', 'unit': 'minutes', 'bounds': [0, none],
         'can_be_null': true, 'privacy': none, 'reads': ['session_minutes_28d', 'sessions_28d'], 'known_only_if_active': true,
         'window_days': 28, 'related': ['activity'],
         'description': 'Minutes per session in the 28 days to the date. NULL without a session.',
         'definition': 'session_minutes_28d / sessions_28d; NULL without a session'},
"""
SEGMENT = """{{ config(meta={
    'label': 'Long visits', 'tier': 'micro', 'owner': 'me', 'goal': 'Learn what they do', 'action': 'Ask them', 'reviewed_on': '2026-10-01'
}) }}

{{ segment(long = "minutes_per_session_28d >= 30") }}
"""
ASK = """{% macro ask_circular() %}
    {% do print('CIRCULAR' ~ tojson(segmentation.circular_metrics(['long_visits', 'engaged_users'], segmentation.metrics()))) %}
    {% do print('RANGE' ~ tojson(segmentation._column_range('minutes_per_session_28d'))) %}
{% endmacro %}
"""


def insert(folder: Path, path: str, before: str, text: str) -> None:
    """Put a text before another one that occurs once."""
    old = (folder / path).read_text(encoding="utf-8")
    assert old.count(before) == 1, f"{path} no longer has {before!r}"
    (folder / path).write_text(old.replace(before, text + before), encoding="utf-8")


def run_generator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/generate_features.py"), "--root", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(new_warehouse: Callable[..., Warehouse], company: Inputs) -> Warehouse:
    """A copy of the project that can be changed, with the page that is generated from it."""
    warehouse = new_warehouse(copied=("models", "macros"))
    (warehouse.folder / "macros/few_metrics.sql").unlink()
    warehouse.write_inputs(company)
    (warehouse.folder / "docs").mkdir()
    shutil.copy(ROOT / "docs/features.md", warehouse.folder / "docs")
    return warehouse


def files_of(folder: Path) -> dict[str, str]:
    """The texts of the project's files by path."""
    paths = [path for place in ("models", "macros", "docs") for path in (folder / place).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def test_a_new_feature_is_its_sql_and_an_entry_and_makes_metrics_circular(project: Warehouse) -> None:
    folder = project.folder
    before = files_of(folder)
    insert(folder, SQL, "        coalesce(ticket_counts.tickets_91d, 0) as tickets_91d,\n", COLUMN)
    insert(folder, REGISTRY, "        {'name': 'tickets_91d', ", ENTRY)
    by_hand = files_of(folder)
    assert {path for path in by_hand if by_hand[path] != before[path]} == {SQL, REGISTRY}

    checked = run_generator(folder, "--check")
    assert checked.returncode == 1 and "docs/features.md differs from " + REGISTRY in checked.stderr
    assert run_generator(folder).returncode == 0
    assert run_generator(folder, "--check").returncode == 0
    after = files_of(folder)
    assert {path for path in after if after[path] != by_hand[path]} == {
        "docs/features.md",
        "models/features/features.md",
        "models/features/user_features.yml",
        "models/features/user_behavioral_features.yml",
        "models/marts/membership/users.yml",
    }
    users = yaml.safe_load(after["models/marts/membership/users.yml"])["models"][0]["columns"]
    names = [column["name"] for column in users]
    assert users[names.index("minutes_per_session_28d")] == {
        "name": "minutes_per_session_28d",
        "data_type": "double",
        "description": "{{ doc('feature_minutes_per_session_28d') }}",
    }

    (folder / "models/segments/behavioral/long_visits.sql").write_text(SEGMENT, encoding="utf-8")
    insert(folder, "macros/registries/segments.sql", "        'power_users',\n", "        'long_visits',\n")
    (folder / "macros/ask_circular.sql").write_text(ASK, encoding="utf-8")
    result = project.run("run-operation", "ask_circular", "--quiet")
    assert result, result.output
    circular = json.loads(re.search("CIRCULAR(.*)", result.output)[1])
    assert {"active_users_28d", "active_days_28d", "sessions_28d", "session_minutes_28d"} <= set(circular["long_visits"])
    # Which is chosen by activity, and by tenure too.
    assert set(circular["long_visits"]) < set(circular["engaged_users"]) and "mrr" not in circular["long_visits"]
    assert json.loads(re.search("RANGE(.*)", result.output)[1])[0]["low"] == 0


@pytest.mark.long
def test_an_entry_without_related_stops_the_parse_and_the_generator(project: Warehouse) -> None:
    insert(project.folder, REGISTRY, "        {'name': 'tickets_91d', ", ENTRY.replace(" 'related': ['activity'],", ""))
    message = "features: minutes_per_session_28d: `related` is required: the groups of features that say much the same, or none."
    result = project.run("parse")
    assert not result and message in result.output
    generator = run_generator(project.folder)
    assert (generator.returncode, generator.stderr.strip()) == (2, message)


def test_a_file_without_its_part_is_named(project: Warehouse) -> None:
    page = project.folder / "docs/features.md"
    page.write_text(page.read_text(encoding="utf-8").replace("<!-- End: value -->\n", ""), encoding="utf-8")
    with pytest.raises(Refusal, match=re.escape(f"docs/features.md: lacks the lines `Generated from {REGISTRY}: value`")):
        generated(project.folder)
