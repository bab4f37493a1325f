"""The users of a warehouse on its newest date as a table: features, outcomes, accounts, segments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from checking.database import only_row, open_warehouse
from refusal import Refusal
from registries import set_variables, texts_of
from render_macros import loaded_macros, macro_texts

from .conditions import Condition

Array = np.ndarray[Any, np.dtype[Any]]
ROOT = Path(__file__).resolve().parent.parent.parent
CIRCULAR = "macros/comparison/circular_metrics.sql"
# A table of more users is a sample of whole accounts: beyond that time grows and what can be found hardly does.
MOST_USERS = 20_000
# Outcomes that decide or must not get worse; what merely explains them would add questions, and each costs certainty.
TIERS = ("primary", "guardrail")


@dataclass
class UserTable:
    """Users in a fixed order, and an array of each thing that is known of them. Sensitive and personal features are not in it."""

    data_through: date
    accounts: Array
    features: dict[str, Array]
    outcomes: dict[str, Array]
    # Of each outcome: what people read, and who answers for it.
    labels: dict[str, str]
    owners: dict[str, str]
    segments: dict[str, Array]
    # Of each feature: its family, and the groups of features that it belongs to.
    families: dict[str, str] = field(default_factory=dict)
    kin: dict[str, set[str]] = field(default_factory=dict)
    clusters: Array | None = None
    is_circular: Callable[[str, Condition], bool] = lambda _outcome, _condition: False


def macros_of_project(project: Path) -> dict[str, Any]:
    """The macros of the registries as a project sees them: features and metrics of its own included."""
    texts = texts_of(ROOT) | {CIRCULAR: (ROOT / CIRCULAR).read_text(encoding="utf-8")}
    if project != ROOT:
        texts |= {
            f"{project.name}/{path}": text
            for path, text in macro_texts(project).items()
            if re.search(r"macro default__(features|metrics|profile_attributes)\b", text)
        }
    return loaded_macros(texts, set_variables(project))


def expressions_of(definition: str) -> tuple[str, str] | None:
    """Numerator and denominator of a metric from its definition in marts.metrics; of a mean the denominator is empty."""
    if definition.startswith("avg(") and definition.endswith(")"):
        return definition[4:-1], ""
    if definition.startswith("sum(") and definition.endswith(")") and definition.count(") / sum(") == 1:
        numerator, denominator = definition[4:-1].split(") / sum(")
        return numerator, denominator
    return None


def read_table(database: Path, project: Path) -> UserTable:
    """The table of a built warehouse; Refusal if it cannot be read."""
    import duckdb

    with open_warehouse(database) as connection:
        try:
            return _read(connection, macros_of_project(project))
        except duckdb.CatalogException as error:
            raise Refusal(
                f"{database.name} does not hold the marts of a build ({str(error).splitlines()[0]}). Build it: make build."
            ) from None


def _read(connection: Any, macros: dict[str, Any]) -> UserTable:
    (newest,) = only_row(connection.execute("select max(data_through) from marts.segments"))
    if newest is None:
        raise Refusal("The warehouse does not have a date yet: there is nobody to look at.")
    there = {name: kind for name, kind, *_ in connection.execute("describe features.user_features").fetchall()}
    entries = [
        entry
        for entry in _of_no_answer(macros["features"]())
        if entry["name"] in there and entry["privacy"] is None and entry["type"] in ("string", "bigint", "double", "boolean")
    ]
    metrics = [
        (name, label, owner, parts)
        for name, label, owner, definition in connection.execute(
            f"select metric, label, owner, definition from marts.metrics where tier in {TIERS} order by metric"
        ).fetchall()
        if (parts := expressions_of(definition)) is not None
    ]
    # A boolean that is unknown meets nothing, so it is false here.
    columns = [
        f'coalesce("{entry["name"]}", false) as "{entry["name"]}"'
        if entry["type"] == "boolean"
        else f'cast("{entry["name"]}" as double) as "{entry["name"]}"'
        if entry["type"] in ("bigint", "double")
        else f'"{entry["name"]}"'
        for entry in entries
    ]
    for number, (_, _, _, (numerator, denominator)) in enumerate(metrics):
        columns += [f"cast(({numerator}) as double) as numerator_{number}", f"cast(({denominator or 1}) as double) as denominator_{number}"]
    of_account = "coalesce('a' || account_id, 'u' || user_id)"
    # In the order of hashes, so that a sample of whole accounts is one by chance and always the same.
    frame = connection.execute(
        f"""
        with users as (select *, {of_account} as account from features.user_features where as_of_date = $newest),
        accounts as (
            select account, sum(count(*)) over (order by md5(account), account) as users_so_far from users group by account
        )
        select users.user_id, users.account, {", ".join(columns)}
        from users
        inner join accounts on users.account = accounts.account and accounts.users_so_far <= greatest({MOST_USERS}, 1)
        order by users.user_id
        """,
        {"newest": newest},
    ).fetchnumpy()
    users = np.asarray(frame["user_id"], dtype=object)
    _, accounts = np.unique(np.asarray(frame["account"], dtype=str), return_inverse=True)
    features = {entry["name"]: _array(frame[entry["name"]], entry["type"]) for entry in entries}
    outcomes = {
        name: _outcome(_array(frame[f"numerator_{number}"], "double"), _array(frame[f"denominator_{number}"], "double"), bool(parts[1]))
        for number, (name, _, _, parts) in enumerate(metrics)
    }
    place = {user: number for number, user in enumerate(users)}

    def marked(ids: list[str]) -> Array:
        of = np.zeros(len(users), dtype=bool)
        of[[place[user] for user in ids if user in place]] = True
        return of

    members: dict[str, list[str]] = {name: [] for (name,) in connection.execute("select segment from marts.segments").fetchall()}
    for user, segment in connection.execute("select user_id, segment from marts.user_segments where as_of_date = ?", [newest]).fetchall():
        members.setdefault(segment, []).append(user)
    if connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'segment_drafts'"
    ).fetchall():
        for (name,) in connection.execute("select segment from marts.segment_drafts").fetchall():
            drafted = f'select user_id from segments."{name}" where is_member and as_of_date = ?'
            members[name] = [user for (user,) in connection.execute(drafted, [newest]).fetchall()]
    return UserTable(
        newest,
        accounts,
        features,
        outcomes,
        {name: label for name, label, _, _ in metrics},
        {name: owner for name, _, owner, _ in metrics},
        {name: marked(ids) for name, ids in members.items()},
        {entry["name"]: entry["family"] for entry in entries},
        _kin(macros, entries),
        _clusters(connection, newest, place),
        _circularity(macros, {name: " ".join(parts) for name, _, _, parts in metrics}),
    )


def _of_no_answer(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Features without those that are read from answers: how content people are is an outcome, and one answer foretells the next."""
    answers = {"survey_responses", "interview_notes"}
    for _ in entries:
        more = {entry["name"] for entry in entries if answers & set(entry["reads"])} - answers
        if not more:
            break
        answers |= more
    return [entry for entry in entries if entry["name"] not in answers]


def _array(values: Any, kind: str) -> Array:
    """A column: unknown is None of a text, NaN of a number."""
    if kind == "boolean":
        return np.asarray(values, dtype=bool)
    if kind in ("bigint", "double"):
        return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan), dtype=float)
    masked = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else np.zeros(len(values), dtype=bool)
    return np.array(
        [None if unknown or value is None else str(value) for value, unknown in zip(np.ma.getdata(values), masked)], dtype=object
    )


def _outcome(numerator: Array, denominator: Array, is_ratio: bool) -> Array:
    """What a user adds to the metric: the value, or of a ratio what lies above the ratio of all, so that the mean of a group is its difference."""
    if not is_ratio:
        return numerator
    known = ~np.isnan(numerator) & ~np.isnan(denominator)
    below = float(denominator[known].sum())
    if below == 0:
        return np.full(len(numerator), np.nan)
    ratio = float(numerator[known].sum()) / below
    return np.where(known, (numerator - ratio * denominator) / (below / known.sum()) + ratio, np.nan)


def _kin(macros: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, set[str]]:
    groups = macros["_groups_of_columns"](of_definitions=False)
    return {entry["name"]: set(macros["_subjects"](entry["name"], groups)) for entry in entries}


def _clusters(connection: Any, newest: date, place: dict[str, int]) -> Array | None:
    """The cluster of each user, -1 without; None if there are no clusters."""
    if not connection.execute(
        "select 1 from information_schema.tables where table_schema = 'marts' and table_name = 'user_clusters'"
    ).fetchall():
        return None
    rows = connection.execute(
        "select user_id, dense_rank() over (order by cluster) from marts.user_clusters where as_of_date = ?", [newest]
    )
    of = np.full(len(place), -1)
    for user, cluster in rows.fetchall():
        if user in place:
            of[place[user]] = cluster
    return of if (of >= 0).any() else None


def _circularity(macros: dict[str, Any], metrics: dict[str, str]) -> Callable[[str, Condition], bool]:
    """Whether a condition decides a metric by its definition: the rule of circular_metrics(), by the registry's declarations."""
    groups, measured = macros["_groups_of_columns"](), macros["_groups_of_columns"](of_definitions=False)
    windows = macros["_windows_of_columns"]()
    levels = {entry["name"]: entry["level"] for entry in macros["metrics"]()}
    about, looks_back = {}, {}
    for name, sql in metrics.items():
        words = re.sub("'[^']*'", "", sql)
        about[name] = set(macros["_subjects"](words, measured)) | ({"account_users"} if levels.get(name, "account") == "account" else set())
        looks_back[name] = macros["_longest_window"](words, windows)
    subjects: dict[str, set[str]] = {}

    def is_circular(outcome: str, condition: Condition) -> bool:
        if condition.feature not in subjects:
            own = set(macros["_subjects"](condition.feature, groups))
            # As of criteria over events: whoever did much lately has begun.
            subjects[condition.feature] = own | ({"group: first_use"} if "group: activity" in own else set())
        own = subjects[condition.feature]
        tenure = macros["_tenure_in"](condition.sql) if "tenure_days" in condition.sql else None
        return bool(own & about[outcome]) or (tenure is not None and looks_back[outcome] > tenure)

    return is_circular
