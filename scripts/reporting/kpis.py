"""The numbers a head of product asks for first: the North Star and five others, now and four weeks ago, and what moved them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from . import wording
from .source import Marts, Row

# In this order as far as they are known; then other primary metrics, until there are five.
WANTED = ("activation_rate", "trial_conversion", "retained_users_28d", "arpu_91d", "active_users_28d", "nrr_91d", "nps")
COUNT = 5
# How far back they are compared.
DAYS_BACK = 28
# A segment whose value is compared with its own of before needs so many users.
MOVER_USERS = 30


@dataclass(frozen=True)
class Mover:
    """The segment that moved a metric most: by how much of the change, and whether because it grew (its share) or did otherwise (its rate)."""

    segment: str
    effect: float | None
    share_effect: float | None
    rate_effect: float | None
    before: float
    now: float


@dataclass(frozen=True)
class Kpi:
    """One metric of all users on the newest whole period and on the one four weeks before."""

    metric: Row
    now: float | None
    before: float | None
    mover: Mover | None
    is_north_star: bool

    @property
    def change(self) -> float | None:
        return None if self.now is None or self.before is None else self.now - self.before


@dataclass(frozen=True)
class Dates:
    """The newest period end and the last one at least four weeks before it."""

    now: datetime.date
    before: datetime.date

    @property
    def ago(self) -> str:
        """four weeks ago, or how long it is."""
        days = (self.now - self.before).days
        return "four weeks ago" if days == DAYS_BACK else f"{days} days ago"


def read_dates(marts: Marts) -> Dates | None:
    """The two dates; None if the history is shorter."""
    (row,) = marts.rows(
        f"""
        with ends as (select distinct as_of_date from marts.segment_sizes where is_period_end),
        newest as (select max(as_of_date) as now from ends)
        select now, (select max(as_of_date) from ends where as_of_date <= newest.now - interval {DAYS_BACK} day) as before from newest
        """
    )
    return Dates(row["now"], row["before"]) if row["now"] and row["before"] else None


def read(marts: Marts, dates: Dates | None) -> list[Kpi]:
    """The North Star first, then the five."""
    metrics = {row["metric"]: row for row in marts.rows("select * from marts.metrics order by metric")}
    star = [name for name, row in metrics.items() if row.get("is_north_star")]
    rest = [name for name in WANTED if name in metrics] + sorted(
        name for name, row in metrics.items() if row["tier"] == "primary" and name not in WANTED
    )
    names = star + [name for name in rest if name not in star]
    if dates is None or not names:
        return []
    rows = marts.rows(
        """
        select
            comparison.metric, comparison.segment, comparison.as_of_date, comparison.n, comparison.raw_mean,
            comparison.baseline_raw_mean, segments.is_lifecycle
        from marts.segment_comparison as comparison
        inner join marts.segments as segments on comparison.segment = segments.segment
        where comparison.baseline = 'all' and comparison.as_of_date in ($now, $before) and list_contains($names, comparison.metric)
        order by comparison.metric, comparison.segment
        """,
        now=dates.now,
        before=dates.before,
        names=names,
    )
    found = [_kpi(metrics[name], [row for row in rows if row["metric"] == name], dates, name in star) for name in names]
    # What is withheld takes the place of nothing that is known.
    known = [kpi for kpi in found[len(star) :] if kpi.now is not None]
    return found[: len(star)] + (known + [kpi for kpi in found[len(star) :] if kpi.now is None])[:COUNT]


def _kpi(metric: Row, rows: list[Row], dates: Dates, is_north_star: bool) -> Kpi:
    sides = [{row["segment"]: row for row in rows if row["as_of_date"] == day} for day in (dates.now, dates.before)]
    now, before = (
        next((row["baseline_raw_mean"] for row in side.values() if row["baseline_raw_mean"] is not None), None) for side in sides
    )
    mover = None
    if now is not None and before is not None:
        lifecycle = sorted({row["segment"] for row in rows if row["is_lifecycle"]})
        pairs = {name: (sides[0].get(name), sides[1].get(name)) for name in lifecycle}
        mover = _own_change(pairs, now - before) if metric["kind"] in ("ratio", "ordinal") else _largest_effect(pairs, now, before)
    return Kpi(metric, now, before, mover, is_north_star)


def _largest_effect(pairs: dict[str, tuple[Row | None, Row | None]], now: float, before: float) -> Mover | None:
    """The lifecycle segment with the largest part of the change in its direction, split as north_star_mix_shift does it.

    None if a segment's numbers are withheld: it might be the one.
    """
    if not pairs or any(
        row is None or row["n"] is None or (row["n"] and row["raw_mean"] is None) for pair in pairs.values() for row in pair
    ):
        return None
    totals = [sum(pair[side]["n"] for pair in pairs.values()) for side in (0, 1)]  # type: ignore[index]
    if not all(totals):
        return None
    found = []
    for name, (row, old) in pairs.items():
        assert row is not None and old is not None
        share, old_share = row["n"] / totals[0], old["n"] / totals[1]
        if not row["n"] and not old["n"]:
            continue
        rate, old_rate = (row["raw_mean"] if row["n"] else old["raw_mean"]), (old["raw_mean"] if old["n"] else row["raw_mean"])
        by_share = (share - old_share) * ((rate + old_rate) / 2 - (now + before) / 2)
        by_rate = (share + old_share) / 2 * (rate - old_rate)
        found.append(Mover(name, by_share + by_rate, by_share, by_rate, old_rate, rate))
    sign = 1 if now >= before else -1
    best = max(found, key=lambda mover: (sign * (mover.effect or 0), mover.segment), default=None)
    return best if best and best.effect and now != before else None


def _own_change(pairs: dict[str, tuple[Row | None, Row | None]], change: float) -> Mover | None:
    """Of a ratio: the lifecycle segment whose own value changed most in the direction of the change, weighted by its users."""
    found = [
        (abs(row["raw_mean"] - old["raw_mean"]) * row["n"], Mover(name, None, None, None, old["raw_mean"], row["raw_mean"]))
        for name, (row, old) in pairs.items()
        if row and old and row["raw_mean"] is not None and old["raw_mean"] is not None
        and min(row["n"] or 0, old["n"] or 0) >= MOVER_USERS
        and (row["raw_mean"] - old["raw_mean"]) * change > 0
    ]  # fmt: skip
    return max(found, key=lambda pair: (pair[0], pair[1].segment), default=(0, None))[1]


def verdict(kpi: Kpi) -> str:
    """better, worse, higher, lower or unchanged."""
    unit = wording.Unit(kpi.metric["unit"])
    if not kpi.change or not any(digit in unit.difference(kpi.change) for digit in "123456789"):
        return "unchanged"
    way = {"up": 1, "down": -1}.get(kpi.metric["direction"] or "")
    if way is None:
        return "higher" if kpi.change > 0 else "lower"
    return "better" if kpi.change * way > 0 else "worse"


def mover_text(kpi: Kpi, label: dict[str, str], currency: str) -> str:
    """Which segment moved it, in a sentence; why not, if that cannot be said."""
    unit = wording.Unit(kpi.metric["unit"], currency)
    if kpi.now is None or kpi.before is None or verdict(kpi) == "unchanged":
        return ""
    if kpi.mover is None:
        return "Which segment moved it cannot be said: small counts are withheld."
    name = label.get(kpi.mover.segment, kpi.mover.segment)
    own = f"{unit.value(kpi.mover.before)} → {unit.value(kpi.mover.now)}"
    if kpi.mover.effect is None:
        return f"It changed most among {name} ({own})."
    share, rate = abs(kpi.mover.share_effect or 0), abs(kpi.mover.rate_effect or 0)
    why = "more or fewer of all users are in it" if share > rate else f"its own value changed: {own}"
    return f"{name} moved it most ({unit.difference(kpi.mover.effect)}): {why}."


def mover_note(kpi: Kpi, label: dict[str, str], currency: str) -> str:
    """The same in a few words, for a tile."""
    unit = wording.Unit(kpi.metric["unit"], currency)
    if kpi.mover is None or verdict(kpi) == "unchanged":
        return ""
    name = label.get(kpi.mover.segment, kpi.mover.segment)
    if kpi.mover.effect is not None:
        return f"Moved most by {name}: {unit.difference(kpi.mover.effect)}"
    return f"Most among {name}: {unit.value(kpi.mover.before)} → {unit.value(kpi.mover.now)}"


def sentence(kpi: Kpi, label: dict[str, str], dates: Dates, currency: str) -> str:
    """Whether a metric is better than four weeks ago, and what moved it."""
    unit = wording.Unit(kpi.metric["unit"], currency)
    name = kpi.metric["label"]
    if kpi.now is None or kpi.before is None:
        return f"{name}: too few users, or withheld."
    said = verdict(kpi)
    if said == "unchanged":
        return f"{name} is {unit.value(kpi.now)}, as it was {dates.ago} ({wording.short_date(dates.before)})."
    change = unit.difference(kpi.change)
    return (
        f"{name} is {unit.value(kpi.now)}: {said} than {dates.ago} ({change} since {wording.short_date(dates.before)}, when it was "
        f"{unit.value(kpi.before)}). {mover_text(kpi, label, currency)}"
    ).strip()
