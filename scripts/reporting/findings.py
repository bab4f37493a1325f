"""What the report says first: a few numbers and headline sentences, each computed from the marts."""

from __future__ import annotations

import datetime
from typing import Any

from . import wording
from .comparisons import SIGNIFICANT_Q
from .impact import conclusion
from .source import Marts, Row

# A headline about a difference needs so many users on both sides.
HEADLINE_USERS = 30
HEADLINE_DIFFERENCES = 3
HEADLINE_CHANGES = 2
# Period ends between the two sizes that a headline compares.
PERIODS_BACK = 4


def tiles(sizes: dict[str, Any], growth: dict[str, Any] | None, segments: list[Row], differences: list[Row]) -> list[dict[str, str]]:
    """The few numbers at the top."""
    found = [{"label": "Users", "value": count(sizes["population"][-1] if sizes["population"] else None), "note": ""}]
    before = period_end(sizes["provisional"], PERIODS_BACK)
    if before is not None and isinstance(sizes["population"][-1], int) and isinstance(sizes["population"][before], int):
        change = sizes["population"][-1] - sizes["population"][before]
        found[0]["note"] = f"{wording.number(change, 0, sign=True)} since {_short(sizes['dates'][before])}"
    everybody = growth["segments"].get("__all__") if growth else None
    if growth and everybody:
        at = period_end(growth["provisional"], 0)
        if at is not None:
            found.append(
                {
                    "label": "Active users",
                    "value": count(everybody["active"][at]),
                    "note": f"in the period to {_short(growth['dates'][at])}",
                }
            )
    kinds = {"lifecycle": "lifecycle", "in focus": "primary", "micro": "micro"}
    counts = {
        said: sum(row["is_lifecycle"] if kind == "lifecycle" else row["tier"] == kind for row in segments) for said, kind in kinds.items()
    }
    note = ", ".join(f"{number} {said}" for said, number in counts.items() if number or said != "in focus")
    found.append({"label": "Segments", "value": str(len(segments)), "note": note})
    tested = [row for row in differences if row["q_value"] is not None]
    differing = sum(row["q_value"] <= SIGNIFICANT_Q for row in tested)
    found.append({"label": "Differences found", "value": count(differing), "note": f"of {len(tested):,} tested against the rest"})
    return found


def headlines(
    segments: list[Row],
    sizes: dict[str, Any],
    metrics: list[Row],
    differences: list[Row],
    changes: list[Row],
    transitions: dict[str, Any] | None,
    growth: dict[str, Any] | None,
    experiments: list[Row],
    currency: str,
) -> list[dict[str, str]]:
    """What stands out, as a few sentences with the section that shows it."""
    label = {row["segment"]: row["label"] for row in segments}
    found = []
    found += _size(segments, sizes)
    found += _difference(label, metrics, differences, currency, {row["segment"] for row in segments if row["is_lifecycle"]})
    found += _changes(label, metrics, changes, currency)
    found += _growth(growth)
    found += _movement(label, transitions)
    found += _experiments(experiments)
    return found


def _experiments(experiments: list[Row]) -> list[dict[str, str]]:
    """Of each experiment that is sound the surest effect over all users, if chance does not explain it."""
    best: dict[str, Row] = {}
    for row in experiments:
        is_sound = row["segment"] == "__all__" and row["evidence"] == "control" and not row["is_sample_ratio_mismatch"]
        is_sure = is_sound and row["q_value"] is not None and row["q_value"] <= SIGNIFICANT_Q
        if is_sure and (row["experiment"] not in best or row["q_value"] < best[row["experiment"]]["q_value"]):
            best[row["experiment"]] = row
    return [
        {
            "topic": "Experiment",
            "target": "experiments",
            "text": conclusion(row),
            "lead": f"{wording.words(name)}, {wording.words(row['metric'])}:",
        }
        for name, row in best.items()
    ]


def _size(segments: list[Row], sizes: dict[str, Any]) -> list[dict[str, str]]:
    lifecycle = [row for row in segments if row["is_lifecycle"]]
    known = [row for row in lifecycle or segments if isinstance(sizes["users"][row["segment"]][-1], int)] if sizes["dates"] else []
    if not known:
        return []
    found = []
    largest = max(known, key=lambda row: sizes["users"][row["segment"]][-1])
    users, share = sizes["users"][largest["segment"]][-1], sizes["share"][largest["segment"]][-1]
    kind = "lifecycle segment" if lifecycle else "segment"
    text = f"is the largest {kind}: {users:,} of {count(sizes['population'][-1])} users"
    text += f" ({wording.percent(share)})." if isinstance(share, float) else "."
    # What is withheld may be larger: small counts can take a large one with them.
    if len(known) == len(lifecycle or segments):
        found.append({"topic": "Size", "lead": largest["label"], "text": text, "target": "sizes"})

    now, before = period_end(sizes["provisional"], 0), period_end(sizes["provisional"], PERIODS_BACK)
    if now is not None and before is not None:
        changes = [
            (sizes["users"][row["segment"]][now] - sizes["users"][row["segment"]][before], row)
            for row in known
            if row is not largest and all(isinstance(sizes["users"][row["segment"]][at], int) for at in (now, before))
        ]
        if changes:
            change, row = max(changes, key=lambda pair: abs(pair[0]))
            series = sizes["users"][row["segment"]]
            if change:
                found.append(
                    {
                        "topic": "Change",
                        "target": "sizes",
                        "lead": row["label"],
                        "text": f"{'grew' if change > 0 else 'shrank'} from {series[before]:,} to {series[now]:,} users between "
                        f"{_short(sizes['dates'][before])} and {_short(sizes['dates'][now])}.",
                    }
                )
    return found


def best_differences(metrics: list[Row], differences: list[Row], set_aside: set[str]) -> list[Row]:
    """The largest differences worth a headline: told from chance, not by definition, no reversal, enough users, a main metric.

    Each segment and each metric once. Lifecycle segments (set_aside) come last: much of what they differ in is what they are.
    """
    main = {row["metric"] for row in metrics if row["tier"] == "primary"}
    known = [
        row
        for row in differences
        if row["metric"] in main
        and not row["is_circular"]
        and not row["is_reversed"]
        and row["q_value"] is not None
        and row["q_value"] <= SIGNIFICANT_Q
        and row["effect_size"] is not None
        and row["quality"] in ("ok", "skewed")
        and min(row["n"] or 0, row["baseline_n"] or 0) >= HEADLINE_USERS
    ]
    known.sort(key=lambda row: (row["segment"] in set_aside, -abs(row["effect_size"]), row["segment"], row["metric"]))
    chosen: list[Row] = []
    for row in known:
        if all(row["segment"] != other["segment"] and row["metric"] != other["metric"] for other in chosen):
            chosen.append(row)
    return chosen[:HEADLINE_DIFFERENCES]


def _difference(
    label: dict[str, str], metrics: list[Row], differences: list[Row], currency: str, lifecycle: set[str]
) -> list[dict[str, str]]:
    by_name = {row["metric"]: row for row in metrics}
    found = []
    for row in best_differences(metrics, differences, lifecycle):
        metric = by_name[row["metric"]]
        unit = wording.Unit(metric["unit"], currency)
        size = f"{unit.value(row['mean'])}, against {unit.value(row['baseline_mean'])} for everybody else"
        if row["lift"] is not None and row["lift_lower"] is not None:
            size += f"; lift {wording.lift(row['lift'])} ({wording.lift(row['lift_lower'])} to {wording.lift(row['lift_upper'])})"
        found.append(
            {
                "topic": "Difference",
                "target": "lift",
                "text": f"{size}.",
                "lead": f"{label.get(row['segment'], row['segment'])}, {metric['label']}:",
            }
        )
    return found


def _changes(label: dict[str, str], metrics: list[Row], changes: list[Row], currency: str) -> list[dict[str, str]]:
    """What changed in a segment otherwise than among all others, each segment once, lesser metrics last."""
    by_name = {row["metric"]: row for row in metrics}
    main = sorted(changes, key=lambda row: by_name[row["metric"]]["tier"] == "secondary")
    chosen: list[Row] = []
    for row in main:
        if all(row["segment"] != other["segment"] for other in chosen):
            chosen.append(row)
    found = []
    for row in chosen[:HEADLINE_CHANGES]:
        metric = by_name[row["metric"]]
        unit = wording.Unit(metric["unit"], currency)
        interval = wording.between(unit.difference, row["difference_lower"], row["difference_upper"])
        found.append(
            {
                "topic": "Changed",
                "target": "lift",
                "lead": f"{label.get(row['segment'], row['segment'])}, {metric['label']}:",
                "text": f"{unit.difference(row['difference'])} beside all other users between {_short(str(row['since_date']))} and "
                f"{_short(str(row['as_of_date']))} ({interval}).",
            }
        )
    return found


def _growth(growth: dict[str, Any] | None) -> list[dict[str, str]]:
    if not growth:
        return []
    everybody = growth["segments"].get("__all__")
    at = period_end(growth["provisional"], 0)
    if not everybody or at is None or not all(isinstance(everybody[part][at], int) for part in ("new", "resurrected", "churned", "active")):
        return []
    gained, lost = everybody["new"][at] + everybody["resurrected"][at], everybody["churned"][at]
    net = gained - lost
    return [
        {
            "topic": "Growth",
            "target": "growth",
            "lead": f"{everybody['active'][at]:,} users",
            "text": f"were active in the period to {_short(growth['dates'][at])}: {everybody['new'][at]:,} new and "
            f"{everybody['resurrected'][at]:,} returned, {lost:,} no longer active; {wording.number(net, 0, sign=True)} in all.",
        }
    ]


def _movement(label: dict[str, str], transitions: dict[str, Any] | None) -> list[dict[str, str]]:
    if not transitions:
        return []
    whole = [period["date"] for period in transitions["periods"] if not period["provisional"]]
    if not whole:
        return []
    columns = transitions["rows"]["columns"]
    rows = [dict(zip(columns, row)) for row in transitions["rows"]["rows"]]
    found = []
    for direction in ("down", "up"):
        moved = [row for row in rows if row["date"] == whole[0] and row["direction"] == direction]
        known = [row for row in moved if isinstance(row["users"], int)]
        if known:
            row = max(known, key=lambda row: row["users"])
            said = f"Most common way {direction}" + ("" if len(known) == len(moved) else " that is not withheld")
            share = (
                f" ({wording.percent(row['share'])} of {label.get(row['from'], row['from'])})" if isinstance(row["share"], float) else ""
            )
            found.append(
                f"{said}: {label.get(row['from'], row['from'])} to {label.get(row['to'], row['to'])}, {row['users']:,} users{share}."
            )
    return (
        [{"topic": "Movement", "target": "transitions", "lead": "", "text": " ".join([*found, f"In the period to {_short(whole[0])}."])}]
        if found
        else []
    )


def drivers(marts: Marts) -> list[dict[str, str]]:
    """The surest confirmed driver of each target; an association."""
    rows = marts.rows(
        """
        select target, reading from marts.segment_drivers
        where is_confirmed and not is_circular and reading is not null and difference is not null order by target, q_value, driver
        """
    )
    best: dict[str, str] = {}
    for row in rows:
        best.setdefault(row["target"], row["reading"])
    return [
        {
            "topic": "Driver",
            "target": "summary",
            "lead": "What goes together:",
            "text": f"{reading.rstrip('.')}. Whether one causes the other, an experiment can say.",
        }
        for reading in best.values()
    ]


def count(value: Any) -> str:
    """A count out of a series, in which a text stands for withheld."""
    return wording.number(value, 0) if isinstance(value, (int, float)) else wording.NOTHING if value is None else wording.WITHHELD


def period_end(provisional: list[bool], back: int) -> int | None:
    """Place of the period end so many before the newest one; None if there is none."""
    ends = [number for number, flag in enumerate(provisional) if not flag]
    return ends[-1 - back] if len(ends) > back else None


def _short(day: str) -> str:
    return wording.short_date(datetime.date.fromisoformat(day))
