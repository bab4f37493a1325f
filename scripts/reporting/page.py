"""Puts the page together: reads the marts, embeds data, charts and libraries, and writes one file."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from replacing import replacing

from . import (
    audiences,
    cautions,
    charts,
    clusters,
    comparisons,
    findings,
    first_page,
    html,
    impact,
    movement,
    personas,
    sections,
    segments,
    wording,
)
from .source import Marts, Row

PARTS = Path(__file__).resolve().parent / "page_parts"
# In this order: each uses what stands before it.
SCRIPTS = ("tools", "sizes", "differences", "segment", "movement", "experiments", "start")
SECTIONS = (
    ("summary", "Summary"),
    ("north-star", "North Star"),
    ("sizes", "Sizes"),
    ("lift", "Differences"),
    ("segment", "One segment"),
    ("transitions", "Moves"),
    ("overlap", "Overlap"),
    ("retention", "Retention"),
    ("growth", "Growth"),
    ("signups", "Cohorts"),
    ("funnels", "Funnels"),
    ("channels", "Channels"),
    ("adoption", "Adoption"),
    ("experiments", "Experiments"),
    ("campaigns", "Campaigns"),
    ("audiences", "Audiences"),
    ("clusters", "Clusters"),
)
# So many findings stand on the first page, the rest behind a click.
HEADLINES = 7
SPARK_WIDTH, SPARK_HEIGHT = 150, 26
# For how many days a review of a segment is good, unless the project says otherwise.
REVIEW_VALID_DAYS = 92


def write(database: Path, output: Path, currency: str, review_valid_days: int = REVIEW_VALID_DAYS) -> tuple[int, str]:
    """Writes the page; returns its size in bytes and what is in it. An earlier page is replaced only by a whole one."""
    with Marts(database) as marts:
        text, summary = page(marts, currency, review_valid_days)
    # What may be read of the file may be read of the page, by the same people.
    with replacing(output, database.stat().st_mode & 0o777) as file:
        file.write(text.encode("utf-8"))
    return output.stat().st_size, summary


def page(marts: Marts, currency: str, review_valid_days: int = REVIEW_VALID_DAYS) -> tuple[str, str]:
    """The page, and what is in it in a few words."""
    listed = segments.read_segments(marts)
    sizes = segments.sizes(marts, listed)
    metrics, differences = comparisons.read_metrics(marts), comparisons.read_differences(marts)
    tests = impact.read_experiments(marts) if marts.has("experiment_results") else []
    transitions = movement.transitions(marts) if marts.has("segment_transitions") else None
    growth = movement.growth(marts) if marts.has("growth_accounting") else None
    campaigns = impact.campaigns(marts) if marts.has("campaign_results") else []
    delivered = audiences.audiences(marts, {row["segment"]: row["label"] for row in listed}) if marts.has("audience_results") else []
    found_clusters = clusters.read_clusters(marts) if marts.has("cluster_quality") else []
    newest = segments.newest(marts)
    label = {row["segment"]: row["label"] for row in listed}
    static = sections.written(marts, metrics, label, currency)
    warnings = cautions.cautions(marts, listed, sizes, currency)
    said = (findings.drivers(marts) if marts.has("segment_drivers") else []) + findings.headlines(
        listed, sizes, metrics, differences, comparisons.read_changes(marts), transitions, growth, tests, currency
    )
    data: dict[str, Any] = {
        "data_through": newest.isoformat() if newest else None,
        "special": wording.SPECIAL,
        "segments": segments.describe(marts, listed, metrics, currency),
        "sizes": sizes,
        "comparisons": comparisons.comparisons(metrics, differences, currency),
        "attrition": (segments.attrition(marts) or None) if marts.has("segment_attrition") else None,
        "profiles": (segments.profiles(marts) or None) if marts.has("segment_profiles") else None,
        "overlap": segments.overlap(marts) if marts.has("segment_overlap") else None,
        "transitions": transitions,
        "retention": movement.retention(marts) if marts.has("segment_retention") else None,
        "growth": growth,
        "experiments": impact.experiments(tests),
    }
    data["cards"] = personas.cards(marts, data["profiles"] or {})
    has_lifecycle = any(row["is_lifecycle"] for row in listed)
    shown = {name for name in ("profiles", "attrition", "overlap", "transitions", "retention", "growth", "experiments") if data[name]}
    shown |= {"lifecycle"} if has_lifecycle else set()
    shown |= static.keys()
    shown |= {"campaigns"} if campaigns else set()
    shown |= {"audiences"} if delivered else set()
    shown |= {"clusters"} if found_clusters else set()
    if not has_lifecycle:
        shown.discard("transitions")
    summary = f"{len(listed)} segments, {len(metrics)} metrics, data through {wording.date(newest)}"
    optional = {name for name, _ in SECTIONS} - {"summary", "sizes", "lift", "segment"}
    parts = {
        "day": escape(wording.date(newest)),
        "counted": f"{findings.count(sizes['population'][-1] if sizes['population'] else None)} users in {len(listed)} segments, {len(metrics)} metrics",
        "nav": "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in SECTIONS if name not in optional or name in shown),
        "q": f"{comparisons.SIGNIFICANT_Q}",
        "thin": wording.THIN,
        "tiles": "".join(_tile(tile) for tile in findings.tiles(sizes, growth, listed, differences)),
        "headlines": "".join(map(_headline, said[:HEADLINES])) or "<li><span>Everything could be chance.</span></li>",
        "more_headlines": html.behind("More findings", f'<ul class="headlines">{"".join(map(_headline, said[HEADLINES:]))}</ul>')
        if said[HEADLINES:]
        else "",
        "warnings": "".join(map(_warning, warnings)) or "<li>Nothing: no warnings.</li>",
        "to_know": f"{len(warnings)} thing{'' if len(warnings) == 1 else 's'} to know before you read the numbers"
        if warnings
        else "How to read the numbers",
        **first_page.written(marts, metrics, label, currency, review_valid_days),
        "first_sections": "".join(text for name, text in static.items() if name in sections.FIRST),
        "further_sections": "".join(text for name, text in static.items() if name not in sections.FIRST),
        "change": escape(_change_title(sizes)),
        "sizes": _size_rows(data["segments"], sizes),
        "metric_options": _metric_options(metrics, differences, {row["segment"] for row in listed if row["is_lifecycle"]}),
        "group_options": _group_options(data["segments"]),
        "segment_options": _segment_options(data["segments"]),
        "segment_or_all_options": '<option value="__all__">All users</option>' + _segment_options(data["segments"]),
        "period_options": "".join(
            _period_option(number, period, transitions["periods"]) for number, period in enumerate(transitions["periods"])
        )
        if transitions
        else "",
        "cohort_options": "".join(
            f'<option value="{day}"{" selected" if day == data["retention"]["newestFull"] else ""}>{_day(day)}</option>'
            for day in reversed(data["retention"]["cohorts"])
        )
        if data["retention"]
        else "",
        "experiment_options": _options([(one["id"], one["label"], None) for one in data["experiments"]["experiments"]])
        if data["experiments"]
        else "",
        "campaigns": "".join(_campaign(row) for row in campaigns),
        "audiences": "".join(audiences.table_row(row) for row in delivered),
        "clusters_verdict": escape(clusters.verdict(found_clusters)),
        "clusters": "".join(_cluster(row) for row in clusters.clusters(found_clusters)),
        "legend": (
            '<ul class="legend"><li><span class="mark better"></span>better</li><li><span class="mark worse"></span>worse</li>'
            '<li><span class="mark different"></span>different, but reversed within plan and tenure</li>'
            '<li><span class="mark none"></span>could be chance</li></ul>'
        ),
        "style": part("page.css"),
        "script": script(),
        "libraries": libraries(),
        "data": embedded(data),
        "specs": embedded(charts.all_specs()),
    }
    template = part("page.html")
    template = re.sub(
        r"[ \t]*<!--if (\w+)-->\n(.*?)[ \t]*<!--end \1-->\n", lambda found: found[2] if found[1] in shown else "", template, flags=re.DOTALL
    )
    # One pass: what is put in is not looked through again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template), summary


def embedded(value: Any) -> str:
    """JSON that cannot end the script element it stands in, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def part(name: str) -> str:
    """A file that the page is made of."""
    return (PARTS / name).read_text(encoding="utf-8")


def script() -> str:
    """The page's own script: its parts in one function, so that they share names with nobody else."""
    return "(() => {\n'use strict';\n" + "\n".join(part(f"{name}.js") for name in SCRIPTS) + "})();\n"


def libraries() -> str:
    """Vega, Vega-Lite and their embedder as one script, out of the installed package."""
    import vl_convert

    return vl_convert.javascript_bundle().replace("</script", "<\\/script")  # type: ignore[call-arg]  # its stubs know no defaults


def _headline(one: dict[str, str]) -> str:
    return (
        f'<li><a href="#{one["target"]}">{one["topic"]}</a><span><strong>{escape(one["lead"])}</strong> {escape(one["text"])}</span></li>'
    )


def _tile(tile: dict[str, str]) -> str:
    return f'<div><dt>{escape(tile["label"])}</dt><dd class="value">{escape(tile["value"])}</dd><dd class="note">{escape(tile["note"])}</dd></div>'


def _warning(one: dict[str, Any]) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in one["lines"])
    return (
        f'<li class="{one["weight"]}">{escape(one["text"])}'
        + (f"<details><summary>Which</summary><ul>{lines}</ul></details>" if lines else "")
        + "</li>"
    )


def _metric_options(metrics: list[Row], differences: list[Row], lifecycle: set[str]) -> str:
    """The metrics in their tiers; the one of the first headline is chosen."""
    best = findings.best_differences(metrics, differences, lifecycle)
    groups = {"primary": "Main metrics", "guardrail": "Guardrails"}
    entries = [(row["metric"], row["label"], groups.get(row["tier"], "Further metrics")) for row in metrics]
    return _options(entries, chosen=best[0]["metric"] if best else None)


def _options(entries: Sequence[tuple[str, str, str | None]], chosen: str | None = None) -> str:
    """Options in groups that follow each other."""
    found, open_group = [], None
    for value, label, group in entries:
        if group != open_group:
            found.append(("</optgroup>" if open_group else "") + (f'<optgroup label="{escape(group)}">' if group else ""))
            open_group = group
        found.append(f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>')
    return "".join(found) + ("</optgroup>" if open_group else "")


def _group(segment: dict[str, Any]) -> str:
    return "Lifecycle" if segment["tier"] == "Lifecycle" else segment["type"]


def _segment_options(entries: list[dict[str, Any]]) -> str:
    return _options([(segment["id"], segment["label"], _group(segment)) for segment in entries])


def _group_options(entries: list[dict[str, Any]]) -> str:
    """All segments, the groups of them, and each one alone."""
    groups = [("all", "All segments", None)]
    groups += [("Lifecycle", "Lifecycle segments", None)] if any(segment["tier"] == "Lifecycle" for segment in entries) else []
    groups += [("focus", "Segments in focus", None)] if any(segment["focus"] for segment in entries) else []
    groups += [(name, f"{name} segments", None) for name in dict.fromkeys(segment["type"] for segment in entries)]
    return _options(groups + [(f"segment:{segment['id']}", segment["label"], "One segment, all metrics") for segment in entries])


def _period_option(number: int, period: dict[str, Any], periods: list[dict[str, Any]]) -> str:
    first_whole = next((at for at, one in enumerate(periods) if not one["provisional"]), 0)
    note = ", provisional" if period["provisional"] else ""
    return f'<option value="{period["date"]}"{" selected" if number == first_whole else ""}>{_day(period["from"])} to {_day(period["date"])}{note}</option>'


def _size_rows(entries: list[dict[str, Any]], sizes: dict[str, Any]) -> str:
    """The table of all segments with a small line for the past year."""
    found, group = [], None
    now, before = _compared(sizes)
    for segment in entries:
        if _group(segment) != group:
            group = _group(segment)
            found.append(f'<tr class="group"><th colspan="5" scope="colgroup">{escape(group)}</th></tr>')
        users, share = sizes["users"][segment["id"]], sizes["share"][segment["id"]]
        change = wording.NOTHING
        if before is not None and isinstance(users[now], int) and isinstance(users[before], int):
            change = wording.number(users[now] - users[before], 0, sign=True)
        last, bar = findings.count(share[-1]), ""
        if isinstance(share[-1], (int, float)):
            last, bar = wording.percent(share[-1]), f'<i aria-hidden="true" style="width:{share[-1] * 100:.1f}%"></i>'
        found.append(
            f'<tr><th scope="row"><a href="#segment" data-segment="{escape(segment["id"])}">{escape(segment["label"])}</a></th>'
            f'<td class="number">{findings.count(users[-1])}</td><td class="number share"><span>{last}</span><b>{bar}</b></td><td class="number">{change}</td><td>{sparkline(users)}</td></tr>'
        )
    return "".join(found)


def sparkline(values: list[Any]) -> str:
    """A line without axes; a gap where a value is missing or withheld."""
    known = [value for value in values if isinstance(value, (int, float))]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    path, is_open = [], False
    for number, value in enumerate(values):
        if not isinstance(value, (int, float)):
            is_open = False
            continue
        x = number / max(len(values) - 1, 1) * (SPARK_WIDTH - 4) + 2
        y = SPARK_HEIGHT / 2 if high == low else SPARK_HEIGHT - 3 - (value - low) / (high - low) * (SPARK_HEIGHT - 6)
        path.append(f"{'L' if is_open else 'M'}{x:.1f} {y:.1f}")
        is_open = True
    return (
        f'<svg viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="{"".join(path)}"/></svg>'
    )


def _compared(sizes: dict[str, Any]) -> tuple[int, int | None]:
    """Places of the two period ends between which the table shows the change."""
    ends = [number for number, flag in enumerate(sizes["provisional"]) if not flag]
    back = findings.PERIODS_BACK
    return (ends[-1], ends[-1 - back]) if len(ends) > back else (-1, None)


def _change_title(sizes: dict[str, Any]) -> str:
    now, before = _compared(sizes)
    if before is None:
        return "Change"
    first, last = (datetime.date.fromisoformat(sizes["dates"][at]) for at in (before, now))
    return f"{first.day} {first:%b} to {last.day} {last:%b}"


def _campaign(row: dict[str, str]) -> str:
    numbers = "".join(
        f'<td class="number">{escape(row[name])}</td>'
        for name in ("users", "holdout", "delivered", "opened", "clicked", "converted", "rest")
    )
    return f'<tr><th scope="row">{escape(row["campaign"])}</th><td class="prose">{escape(row["claim"])}</td>{numbers}</tr>'


def _cluster(row: dict[str, str]) -> str:
    numbers = "".join(f'<td class="number">{escape(row[name])}</td>' for name in ("users", "share", "recovery", "silhouette"))
    return f'<tr><th scope="row">{escape(row["cluster"])}</th><td class="prose">{escape(row["claim"])}</td>{numbers}</tr>'


def _day(iso: str) -> str:
    return wording.short_date(datetime.date.fromisoformat(iso))
