"""What a reader should know before the numbers: corrections, provisional dates, weak segments, rejected input, withheld counts."""

from __future__ import annotations

import datetime
from typing import Any

from . import wording
from .findings import period_end
from .source import Marts, Row

# Share of all input rows above which their rejection is more than a note.
MANY_REJECTED = 0.01
# Share of an input's rows above which it is said that nobody knows whose they are; that of the build's warning.
MANY_UNKNOWN = 0.05


def cautions(marts: Marts, segments: list[Row], sizes: dict[str, Any], currency: str) -> list[dict[str, Any]]:
    """Each with a weight (alert or note), a sentence, and further lines where there are some."""
    found = [
        _held_back(marts),
        _corrections(marts),
        _provisional(sizes),
        _scores(marts, segments),
        _rejected(marts),
        _unknown(marts),
        _unlisted(marts),
        _withheld(marts),
        None
        if currency
        else _note("Amounts are in the reporting currency, but currency_rates in dbt_project.yml does not give it a single name."),
    ]
    return [one for one in found if one]


def _note(text: str, lines: list[str] | None = None, weight: str = "note") -> dict[str, Any]:
    return {"weight": weight, "text": text, "lines": lines or []}


def _held_back(marts: Marts) -> dict[str, Any] | None:
    if not marts.has("input_summary"):
        return None
    for row in marts.rows("select input, late_tool, newest_on, data_through from marts.input_summary where is_holding_back"):
        tool = f" from {wording.words(row['late_tool'])}" if row["late_tool"] else ""
        newest = "" if row["late_tool"] else f", whose newest row is of {_date(row['newest_on'])}"
        return _note(
            f"All numbers end with {_date(row['data_through'])}, because {wording.words(row['input']).lower()}{tool} is behind{newest}.",
            weight="alert",
        )
    return None


def _corrections(marts: Marts) -> dict[str, Any] | None:
    if not marts.has("source_changes"):
        return None
    changed = marts.rows("select count(*) as days, min(event_date) as first, max(event_date) as last from marts.source_changes")[0]
    if not changed["days"]:
        return None
    return _note(
        f"The source changed afterwards on {changed['days']:,} days between {wording.short_date(changed['first'])} and "
        f"{wording.short_date(changed['last'])}; a full refresh reads them again.",
        weight="alert",
    )


def _provisional(sizes: dict[str, Any]) -> dict[str, Any] | None:
    if not sizes["provisional"] or not sizes["provisional"][-1]:
        return None
    whole = period_end(sizes["provisional"], 0)
    since = "" if whole is None else f" The last whole period ends on {_date(sizes['dates'][whole])}."
    return _note(
        f"The newest date, {_date(sizes['dates'][-1])}, is provisional: its period is not over, so entries and exits cannot be "
        f"compared with whole periods.{since}"
    )


def _scores(marts: Marts, segments: list[Row]) -> dict[str, Any] | None:
    if not marts.has("segment_scorecard"):
        return None
    label = {row["segment"]: row["label"] for row in segments}
    failing = marts.rows(
        "select segment, reasons from marts.segment_scorecard where failing_checks > 0 or is_too_small order by failing_checks desc, segment"
    )
    if not failing:
        return None
    lines = [f"{label.get(row['segment'], row['segment'])}: {row['reasons'] or 'the reason is withheld'}" for row in failing]
    return _note(f"{len(failing)} of {len(segments)} segments are worth a look.", lines)


def _rejected(marts: Marts) -> dict[str, Any] | None:
    if not marts.has("input_summary"):
        return None
    inputs = marts.rows(
        "select input, rows_read, rows_rejected, commonest_reject_reason from marts.input_summary order by rows_rejected desc, input"
    )
    read, rejected = (sum(row[name] or 0 for row in inputs) for name in ("rows_read", "rows_rejected"))
    if not read:
        return None
    lines = [
        f"{wording.words(row['input'])}: {row['rows_rejected']:,} of {row['rows_read']:,}, mostly "
        + wording.words(row["commonest_reject_reason"] or "unknown").lower()
        for row in inputs
        if row["rows_rejected"]
    ]
    return _note(
        f"{rejected:,} of {read:,} input rows ({wording.percent(rejected / read, 2)}) could not be used.",
        lines,
        weight="alert" if rejected / read > MANY_REJECTED else "note",
    )


def _unknown(marts: Marts) -> dict[str, Any] | None:
    if not marts.has("input_summary"):
        return None
    lines = [
        f"{wording.words(row['input'])}: {row[f'rows_of_unknown_{kind}s']:,} rows, {wording.percent(row[f'unknown_{kind}_share'], 1)} of those "
        f"that name {named}."
        for row in marts.rows("select * from marts.input_summary order by input")
        for kind, named in (("user", "a user"), ("account", "an account"))
        if (row[f"unknown_{kind}_share"] or 0) > MANY_UNKNOWN
    ]
    if not lines:
        return None
    return _note(
        "Many input rows name unknown users or accounts. They do not count for anybody, so the numbers shown may be too low.",
        lines,
        weight="alert",
    )


def _unlisted(marts: Marts) -> dict[str, Any] | None:
    if not marts.has("unlisted_events"):
        return None
    names = marts.rows(
        "select event_name, events, {withheld:unlisted_events} as is_withheld from marts.unlisted_events order by events desc nulls last, event_name"
    )
    if not names:
        return None
    said = "1 event name is not listed in the project and counts as activity"
    if len(names) > 1:
        said = f"{len(names):,} event names are not listed in the project and count as activity, most of all"
    return _note(
        f"{said}: {wording.joined([f'''{row['event_name']} ({wording.number(row['events'], 0, withheld=row['is_withheld'])})''' for row in names[:3]])}."
    )


def _withheld(marts: Marts) -> dict[str, Any] | None:
    found = any(
        marts.rows(f"select exists (from marts.{mart} where {{withheld:{mart}}}) as found")[0]["found"] for mart in sorted(marts.columns)
    )
    return _note("Counts of few users are withheld to protect them. They are called “withheld” and are not 0.") if found else None


def _date(day: str) -> str:
    return wording.date(datetime.date.fromisoformat(day))
