"""Cohort cases as data: read them, put them to a tool, and say which the tool gets right. See README.md.

    python tests/conformance/runner.py --list
    python tests/conformance/runner.py --score our_adapter [FILE …]

An adapter is a function: a case (a dict, as in the files) -> the set of members. `warehouse_adapter` is ours: it puts all
cases through the real macros in one real build.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent), str(HERE.parents[1] / "scripts")]

import duckdb  # noqa: E402

from warehouse import OWN_EVENTS, Inputs, Warehouse  # noqa: E402

FILES = (HERE / "cohort_cases.json", HERE / "own_cases.json")
INSTANT = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = INSTANT.date()
DAYS_PER_UNIT = {"day": 1, "week": 7, "month": 30, "year": 365}
# The columns of users that a case's `props` are written to: free text that user_features shows as it is.
PROPERTY_COLUMNS = {"name": "job_title", "email": "department"}
REGISTRY = "macros/registries/segments.sql"

Case = dict[str, Any]
Adapter = Callable[[Case], set[str]]


def read_cases(files: Iterable[Path] = FILES) -> list[Case]:
    """The cases of all files, their names unique."""
    cases = [case for file in files for case in json.loads(Path(file).read_text(encoding="utf-8"))["cases"]]
    names = [case["name"] for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"cases with one name: {', '.join(sorted(twice))}")
    return cases


def read_must_raise(files: Iterable[Path] = FILES) -> list[str | Case]:
    """What must be refused: a text of MUST_RAISE, or {why, crit, told} with criteria of its own."""
    return [entry for file in files for entry in json.loads(Path(file).read_text(encoding="utf-8")).get("must_raise", [])]


def persons(case: Case) -> list[str]:
    """Everybody whom the case names, in order of appearance."""
    named = [
        *case.get("persons", []),
        *case.get("props", {}),
        *(event[0] for event in case.get("events", [])),
        *(row[0] for row in case.get("seq", [])),
        *(person for members in case.get("static", {}).values() for person in members),
        *case.get("expect", []),
    ]
    return list(dict.fromkeys(named))


def occurrences(case: Case) -> list[dict[str, Any]]:
    """The case's events, each {person, event, at, id, properties}."""
    found = []
    for person, event, days_ago, *rest in case.get("events", []):
        properties = rest[0] if rest else None
        extra = rest[1] if len(rest) > 1 else {}
        found.append(
            {
                "person": person,
                "event": event,
                "properties": properties,
                "id": extra.get("id", f"e{len(found)}"),
                "at": extra.get("at") or (INSTANT - timedelta(days=days_ago)).isoformat(),
            }
        )
    for person, event, step, counts in case.get("seq", []):
        for place, count in enumerate(counts):
            for minute in range(count):
                at = INSTANT - timedelta(days=place * step, hours=1, minutes=minute)
                found.append({"person": person, "event": event, "at": at.isoformat(), "id": f"e{len(found)}", "properties": None})
    return found


# --- A neutral criterion as a call of our macros ----------------------------------------------------------------------


def days(text: str | int | float) -> int:
    """'2 weeks' -> 14. A month is 30 days."""
    if isinstance(text, (int, float)):
        return int(text)
    number, unit = text.split()
    unit = unit.rstrip("s")
    if unit == "hour" and int(number) % 24 == 0:
        return int(number) // 24
    return int(number) * DAYS_PER_UNIT[unit]


def literal(value: Any) -> str:
    """A value as Jinja writes it."""
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def call(macro: str, *positional: str, **named: Any) -> str:
    """A call of a macro; arguments that are None are left out."""
    arguments = [*positional, *(f"{name}={literal(value)}" for name, value in named.items() if value is not None)]
    return f"{macro}({', '.join(arguments)})"


def sql_text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def bounds(crit: Case) -> dict[str, int | bool | None]:
    """op, n and zero as the arguments of performed()."""
    count = crit.get("n")
    if count is None and "op" not in crit:
        given: dict[str, int | bool | None] = {}
    else:
        argument, offset = {
            ">=": ("at_least", 0),
            ">": ("at_least", 1),
            "<=": ("at_most", 0),
            "<": ("at_most", -1),
            "=": ("exactly", 0),
            "==": ("exactly", 0),
        }[crit.get("op", ">=")]
        given = {argument: (1 if count is None else count) + offset}
    if crit.get("zero") is False:
        given["include_zero"] = False
    return given


def where(crit: Case) -> Case | None:
    """A filter on event properties: {property: value}, or {prop, eq}."""
    asked = crit.get("where")
    if isinstance(asked, list):
        return {key: value for part in asked for key, value in (where({"where": part}) or {}).items()}
    if isinstance(asked, dict) and "prop" in asked and "eq" in asked:
        return {asked["prop"]: asked["eq"]}
    return asked


def within(crit: Case, key: str = "within") -> int | None:
    return None if crit.get(key) is None else days(crit[key])


def expression(crit: Case, segment_names: dict[str, str]) -> str:
    """One criterion in the language of our macros."""
    if "and" in crit:
        return call("all_of", *(expression(part, segment_names) for part in crit["and"]))
    if "or" in crit:
        return call("any_of", *(expression(part, segment_names) for part in crit["or"]))
    if "not" in crit:
        return call("none_of", expression(crit["not"], segment_names))
    if "static" in crit:
        return call("in_segment", literal(segment_names[crit["static"]]))
    if "prop" in crit:
        asked = crit["eq"] if isinstance(crit["eq"], list) else [crit["eq"]]
        return '"' + f"{PROPERTY_COLUMNS[crit['prop']]} in ({', '.join(sql_text(value) for value in asked)})" + '"'
    if "performed" in crit:
        return call("performed", literal(crit["performed"]), **bounds(crit), within_days=within(crit), where=where(crit))
    if "stopped" in crit:
        return call(
            "stopped", literal(crit["stopped"]), was_within_days=within(crit, "was_within"), not_within_days=within(crit, "not_within")
        )
    if "restarted" in crit:
        return call("restarted", literal(crit["restarted"]), gap_from_days=within(crit, "gap_from"), gap_to_days=within(crit, "gap_to"))
    if "first_time" in crit:
        if crit.get("within") is None:
            return call("performed", literal(crit["first_time"]))
        return call("performed_first_time", literal(crit["first_time"]), within_days=within(crit))
    if "regularly" in crit:
        return call(
            "performed_regularly",
            literal(crit["regularly"]),
            in_periods=crit["min"],
            of_periods=crit["of"],
            period_days=within(crit, "period"),
            **bounds(crit),
        )
    if "sequence" in crit or "seq" in crit:
        gap = crit.get("gap")
        return call(
            "performed_sequence",
            literal(crit.get("sequence") or crit["seq"]),
            within_days=within(crit),
            gap_days=[days(item) for item in gap] if isinstance(gap, list) else within(crit, "gap"),
        )
    raise ValueError(f"a criterion with keys that nobody knows: {crit}")


def segment_body(crit: Case, segment_names: dict[str, str]) -> str:
    """The call of segment(): the parts of an outermost `and` are criteria of their own."""
    parts = crit["and"] if set(crit) == {"and"} else ([crit] if crit else [])
    lines = [f"    criterion_{place} = {expression(part, segment_names)}" for place, part in enumerate(parts, 1)]
    return "{{ segment(\n" + ",\n".join(lines) + "\n) }}\n"


# What must_raise says in words, as criteria, and the part of our message that says why.
MUST_RAISE: dict[str, tuple[Case, str]] = {
    "stopped: the 'not within' window is not shorter than the 'was within' window": (
        {"stopped": "pv", "was_within": "7 days", "not_within": "7 days"},
        "stopped: `not_within_days` must be smaller than `was_within_days`, got 7 and 7.",
    ),
    "restarted: the gap's end is not nearer than its start": (
        {"restarted": "pv", "gap_from": "7 days", "gap_to": "7 days"},
        "restarted: `gap_to_days` must be smaller than `gap_from_days`, got 7 and 7.",
    ),
    "regularly: more periods asked for than there are": (
        {"regularly": "pv", "period": "7 days", "min": 4, "of": 3},
        "performed_regularly: `in_periods` must not be above `of_periods`, got 4 and 3.",
    ),
    "a count below zero": (
        {"performed": "pv", "op": ">=", "n": -1, "within": "7 days"},
        "performed: `at_least` must be a whole number ≥ 1, got -1.",
    ),
    "an empty segment definition": ({}, "segment: at least one criterion is needed, got none."),
}


# --- One build for all cases ------------------------------------------------------------------------------------------


def segment_name(case: Case) -> str:
    return "case_" + re.sub("[^a-z0-9]+", "_", case["name"].lower()).strip("_")


class CaseProject:
    """A copy of the project whose segments are cases. Every user id starts with its case's name and a colon."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(
            # The cases say nothing but criteria, some of them impossible: the lint would stop them.
            folder,
            {
                "as_of_date": str(DAY),
                "history_periods": 0,
                "segment_lint": "warn",
                "traits": [{"name": "tastes", "in": "users", "type": "list"}],
            },
            copied=("models", "macros"),
        )
        shutil.rmtree(folder / "models/segments")
        shutil.rmtree(folder / "models/marts")
        self.inputs: Inputs = {}
        self.segments: dict[str, str] = {}
        self.days_back: set[int] = set()
        self.found: dict[str, list[tuple]] = {}
        self.events = [{"name": name} for name in ("pv", "nv", "se")]

    def add_rows(self, name: str, rows: list[dict[str, str]]) -> None:
        self.inputs.setdefault(name, []).extend(rows)

    def add_case(self, case: Case) -> None:
        """A neutral case: rows for the inputs and a segment file."""
        prefix = case["name"] + ":"
        props = case.get("props", {})
        self.add_rows(
            "users",
            [
                {
                    "user_id": prefix + person,
                    "signed_up_at": str(DAY - timedelta(days=1000)) + "T00:00:00Z",
                    **{PROPERTY_COLUMNS[key]: value for key, value in props.get(person, {}).items()},
                }
                for person in persons(case)
            ],
        )
        self.add_rows(
            "events",
            [
                {
                    "event_id": prefix + str(event["id"]),
                    "user_id": prefix + event["person"],
                    "event_name": event["event"],
                    "occurred_at": event["at"],
                    "properties": "" if event["properties"] is None else json.dumps(event["properties"]),
                }
                for event in occurrences(case)
            ],
        )
        for event in {event["event"] for event in occurrences(case)} | event_names(case.get("crit", {})):
            if event not in [listed["name"] for listed in self.events]:
                self.events.append({"name": event})
        name = segment_name(case)
        static = {}
        for cohort, members in case.get("static", {}).items():
            static[cohort] = re.sub("[^a-z0-9]+", "_", f"{name}__{cohort}".lower())
            listed = ", ".join(sql_text(prefix + person) for person in members) or "''"
            self.segments[static[cohort]] = (
                f"select user_id, as_of_date, user_id in ({listed}) as is_member, '{static[cohort]}' as definition_hash\n"
                "from {{ ref('user_features') }}\n"
            )
        self.segments[name] = segment_body(case["crit"], static)

    def write(self) -> None:
        """The inputs, the segment files and the registry."""
        self.warehouse.write_inputs(self.inputs)
        self.warehouse.configure(
            **OWN_EVENTS, events=self.events, extra_as_of_dates=[str(DAY - timedelta(days=back)) for back in sorted(self.days_back)]
        )
        folder = self.warehouse.folder / "models/segments/behavioral"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.segments.items():
            (folder / f"{name}.sql").write_text(text, encoding="utf-8")
        register(self.warehouse.folder, self.segments)

    def build(self) -> None:
        self.write()
        self.found.clear()
        self.warehouse.build("--select", "+path:models/segments")

    def members(self, segment: str, prefix: str, days_back: int = 0) -> set[str]:
        """The members of a case's segment among the case's own users, without the prefix. NULL is neither in nor out: it is told."""
        if segment not in self.found:
            with duckdb.connect(str(self.warehouse.database), read_only=True) as connection:
                self.found[segment] = connection.execute(
                    f"""
                    select as_of_date, substr(user_id, {len(prefix) + 2}) || case when is_member then '' else ' is NULL' end
                    from segments.{segment}
                    where is_member is distinct from false and starts_with(user_id, {sql_text(prefix + ":")})
                    """
                ).fetchall()
        return {person for as_of_date, person in self.found[segment] if as_of_date == DAY - timedelta(days=days_back)}

    def case_members(self, case: Case, days_back: int = 0) -> set[str]:
        return self.members(segment_name(case), case["name"], days_back)


def event_names(crit: Any) -> set[str]:
    """The events that a criterion names."""
    found: set[str] = set()
    if isinstance(crit, dict):
        for key, value in crit.items():
            if key in ("performed", "stopped", "restarted", "first_time", "regularly", "sequence", "seq"):
                for item in [value] if isinstance(value, str) else value:
                    found |= {item} if isinstance(item, str) else set(item)
            else:
                found |= event_names(value)
    elif isinstance(crit, list):
        for item in crit:
            found |= event_names(item)
    return found


def register(folder: Path, names: Iterable[str]) -> None:
    """Write the registry of a project copy: these segments and no others."""
    path = folder / REGISTRY
    listed = "".join(f"        '{name}',\n" for name in names)
    text = re.sub(r"return\(\[\n.*?\n    \]\)", lambda _: f"return([\n{listed}    ])", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    path.write_text(text, encoding="utf-8")


def warehouse_adapter(cases: list[Case], folder: Path) -> Adapter:
    """Our macros as an adapter: all cases in one build."""
    project = CaseProject(folder)
    for case in cases:
        project.add_case(case)
    project.build()
    return project.case_members


# --- Scores -----------------------------------------------------------------------------------------------------------


def score(adapter: Adapter, cases: list[Case]) -> list[tuple[str, bool, str]]:
    """Per case: its name, whether the adapter is right, and what it said."""
    results = []
    for case in cases:
        try:
            members = set(adapter(case))
            results.append((case["name"], members == set(case["expect"]), f"{sorted(members)}"))
        except Exception as error:  # a tool that cannot say a case fails it
            results.append((case["name"], False, f"{type(error).__name__}: {error}"))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=list(FILES), help="files of cases (default: the two here)")
    parser.add_argument("--list", action="store_true", help="list the cases and what is expected")
    parser.add_argument("--score", metavar="ADAPTER", help="module:function, or `warehouse` for this project's macros in a real build")
    arguments = parser.parse_args()
    cases = read_cases(arguments.files)
    if not arguments.score:
        for case in cases:
            print(f"{case['name']}: {json.dumps(case['crit'])} -> {', '.join(case['expect']) or 'nobody'}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        if arguments.score == "warehouse":
            adapter = warehouse_adapter(cases, Path(folder) / "project")
        else:
            sys.path.insert(0, str(Path.cwd()))
            module, function = arguments.score.split(":")
            adapter = getattr(importlib.import_module(module), function)
        results = score(adapter, cases)
    for name, is_right, said in results:
        print(f"{'pass' if is_right else 'FAIL'}  {name}" + ("" if is_right else f"  said {said}"))
    right = sum(is_right for _, is_right, _ in results)
    print(f"{right} of {len(results)} cases")
    return 0 if right == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
