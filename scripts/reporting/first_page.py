"""The first page: the North Star and five numbers, three answers in sentences, and what to do next. Statistics are behind a click."""

from __future__ import annotations

from html import escape

from . import due, kpis, leaving, north_star, wording
from .source import Marts, Row

ACTIVATION = "activation_rate"


def written(marts: Marts, metrics: list[Row], label: dict[str, str], currency: str, valid_days: int) -> dict[str, str]:
    """The parts of the first page, name -> HTML."""
    dates = kpis.read_dates(marts)
    numbers = kpis.read(marts, dates)
    what_is_due, later = due.read(marts, valid_days, currency)
    answers = []
    star = next((row for row in metrics if row.get("is_north_star")), None)
    if star and marts.has("north_star_mix_shift") and (text := north_star.sentence(north_star.read(marts), star, currency)):
        answers.append(("What moved the North Star?", text))
    if dates:
        answers += [
            (_question(one, dates), kpis.sentence(one, label, dates, currency)) for one in numbers if one.metric["metric"] == ACTIVATION
        ]
        if marts.has("segment_transitions"):
            answers.append(("Which segment lost most people, and where to?", leaving.answer(leaving.read(marts, dates), label, dates)))
    answers.append(("What is due this week?", due.answer(what_is_due, later)))
    return {
        "kpis": "".join(_tile(one, label, dates, currency) for one in numbers) if dates else "",
        "compared": f"All users on {wording.date(dates.now)}, the newest whole period, against {dates.ago} ({wording.short_date(dates.before)})."
        if dates
        else "",
        "answers": "".join(f"<div><dt>{escape(asked)}</dt><dd>{escape(said)}</dd></div>" for asked, said in answers),
        "next": due.written(marts, what_is_due, later, currency),
    }


def _question(kpi: kpis.Kpi, dates: kpis.Dates) -> str:
    return f"Is {'activation' if kpi.metric['metric'] == ACTIVATION else kpi.metric['label']} better than {dates.ago}?"


def _tile(kpi: kpis.Kpi, label: dict[str, str], dates: kpis.Dates, currency: str) -> str:
    unit = wording.Unit(kpi.metric["unit"], currency)
    said = kpis.verdict(kpi)
    if kpi.change is None:
        change = f"not known {dates.ago}"
    else:
        change = f"as {dates.ago}" if said == "unchanged" else f"{'▲' if kpi.change > 0 else '▼'} {unit.difference(kpi.change)}, {said}"
    name = f"North Star: {kpi.metric['label']}" if kpi.is_north_star else kpi.metric["label"]
    return (
        f'<div class="{said}{" star" if kpi.is_north_star else ""}"><dt>{escape(name)}</dt><dd class="value">{unit.value(kpi.now, withheld=True)}</dd>'
        f'<dd class="note change">{escape(change)}</dd><dd class="note">{escape(kpis.mover_note(kpi, label, currency))}</dd></div>'
    )
