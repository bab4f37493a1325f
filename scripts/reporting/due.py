"""What is due this week: reviews of segments and targets, by data_through; and what comes next for the segments in focus."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from html import escape

from . import wording
from .html import behind, table
from .source import Marts, Row

WEEK = 7


@dataclass(frozen=True)
class Due:
    """Something to do, by a day."""

    day: datetime.date
    text: str


def read(marts: Marts, valid_days: int, currency: str) -> tuple[list[Due], list[Due]]:
    """What is due in the week after data_through or before, and what comes later, each by its day."""
    found = [*_reviews(marts, valid_days), *(_targets(marts, currency) if marts.has("segment_objectives") else [])]
    newest = max((row["day"] for row in marts.rows("select max(data_through) as day from marts.segments") if row["day"]), default=None)
    if newest is None:
        return [], []
    found.sort(key=lambda one: (one.day, one.text))
    limit = newest + datetime.timedelta(days=WEEK)
    return [one for one in found if one.day <= limit], [one for one in found if one.day > limit]


def _reviews(marts: Marts, valid_days: int) -> list[Due]:
    rows = marts.rows(
        """
        select segment, coalesce(label, segment) as label, coalesce(owner, '') as owner, reviewed_on, data_through from marts.segments
        where reviewed_on is not null and coalesce(status, 'active') = 'active'
        """
    )
    by_day: dict[datetime.date, list[Row]] = {}
    for row in rows:
        by_day.setdefault(row["reviewed_on"] + datetime.timedelta(days=valid_days), []).append(row)
    found = []
    for day, segments in by_day.items():
        names = sorted(row["label"] for row in segments)
        late = " It is overdue." if day < segments[0]["data_through"] else ""
        what = f"Review {names[0]}" if len(names) == 1 else f"Review {len(names)} segments"
        found.append(Due(day, f"{what} (`make review`), last reviewed on {wording.short_date(segments[0]['reviewed_on'])}.{late}"))
    return found


def read_targets(marts: Marts) -> list[Row]:
    """Each target with the value of today, as segment_comparison tells it."""
    return marts.rows(
        """
        select objectives.*, coalesce(objectives.label, objectives.segment) as name, comparison.mean, segments.action
        from marts.segment_objectives as objectives
        left join marts.segments as segments on objectives.segment = segments.segment
        left join marts.segment_comparison as comparison
            on objectives.segment = comparison.segment and objectives.metric = comparison.metric and comparison.baseline = 'rest'
            and comparison.as_of_date = comparison.data_through
        order by objectives.target_date, objectives.segment
        """
    )


def is_reached(row: Row) -> bool | None:
    """Whether a target is met today; None if the value is not known."""
    if row["mean"] is None or row["target"] is None:
        return None
    ahead = row["mean"] - row["target"]
    return (-ahead if row["direction"] == "down" else ahead) >= -1e-12 * abs(row["target"])


def _targets(marts: Marts, currency: str) -> list[Due]:
    found = []
    for row in read_targets(marts):
        if row["target_date"] is None or is_reached(row):
            continue
        unit = wording.Unit(row["unit"] or "", currency)
        late = " The day has passed." if (row["days_left"] or 0) < 0 else ""
        found.append(
            Due(
                row["target_date"],
                f"{row['name']}: {row['metric_label']} of {unit.value(row['target'])}; today {unit.value(row['mean'], withheld=True)}.{late}",
            )
        )
    return found


def answer(due: list[Due], later: list[Due]) -> str:
    """What is due this week, in a sentence or two."""
    if due:
        return f"Due this week: {' '.join(f'{one.text} ({wording.short_date(one.day)})' for one in due)}"
    if later:
        return f"Nothing is due this week. Next, by {wording.short_date(later[0].day)}: {later[0].text}"
    return "Nothing is due this week: no segment has a target or a review ahead."


def written(marts: Marts, due: list[Due], later: list[Due], currency: str) -> str:
    """The list of what to do: what is due, then for each segment in focus its action, owner and how far the target is."""
    parts = []
    if due:
        parts.append(
            f'<ul class="plain-list">{"".join(f"<li>{escape(one.text)} <strong>{wording.short_date(one.day)}</strong></li>" for one in due)}</ul>'
        )
    # Without anything due the answer above says so, and what comes next.
    targets = read_targets(marts) if marts.has("segment_objectives") else []
    steps = []
    for row in targets:
        unit = wording.Unit(row["unit"] or "", currency)
        reached = is_reached(row)
        left = row["days_left"]
        # Whether it is reached may be withheld; how long there is for it is not.
        state = "reached" if reached else "not known" if left is None else f"{left} days left" if left >= 0 else "missed"
        state = "not known" if reached is None and state == "missed" else state
        steps.append(
            f"<li><strong>{escape(row['name'])}</strong>: {escape(row['action'] or 'no action yet')} "
            f'<span class="muted">{escape(row["owner_gtm"] or row["owner"] or "nobody")} · {escape(row["metric_label"] or row["metric"])} '
            f"{unit.value(row['mean'], withheld=True)}, target {unit.value(row['target'])} ({state})</span></li>"
        )
    if not due and not steps:
        parts.append(f"<p>{escape(answer(due, later))}</p>")
    if steps:
        parts.append(f'<h4>Next, for the segments in focus</h4><ul class="plain-list">{"".join(steps)}</ul>')
    if later:
        rows = [(wording.short_date(one.day), one.text) for one in later]
        parts.append(behind("What comes later", table(("By", "What |"), rows, "What comes later")))
    return "".join(parts)
