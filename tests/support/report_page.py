"""The report in a real browser: finds Chromium, opens a page without a network, and reads what it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

# Nothing that calls home, and no sandbox, which root has not.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MARTS = (
    "segments",
    "metrics",
    "segment_sizes",
    "segment_comparison",
    "segment_scorecard",
    "segment_value",
    "segment_attrition",
    "segment_profiles",
    "segment_overlap",
    "segment_transitions",
    "segment_retention",
    "growth_accounting",
    "signup_cohorts",
    "north_star_mix_shift",
    "segment_funnels",
    "segment_channels",
    "segment_feature_adoption",
    "segment_drivers",
    "segment_objectives",
    "experiment_results",
    "campaign_results",
    "audience_results",
    "segment_personas",
    "segment_topics",
    "cluster_quality",
    "input_summary",
    "source_changes",
    "unlisted_events",
)


def chromium() -> str:
    """Path of the browser. Without one the test is skipped; CI must have it, so there it fails."""
    names = (os.environ.get("CHROMIUM", "chromium"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        reason = "no Chromium: install it (apt-get install chromium), or say where it is in the variable CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """A headless browser."""
    executable = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield running
        finally:
            running.close()


class Opened:
    """A page that was opened, with everything that it asked for and complained about."""

    def __init__(self, running: Any, path: Path, width: int, height: int = 900) -> None:
        self.page = running.new_page(viewport={"width": width, "height": height})
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.route(re.compile("^(?!file:)"), lambda route: route.abort())
        self.page.goto(path.resolve().as_uri())
        self.settle()

    def settle(self) -> None:
        """Waits until every chart that has something to show is drawn; a change takes the mark off at once."""
        self.wait_for("[...document.querySelectorAll('.chart:not([hidden])')].every(chart => chart.dataset.drawn)")
        self.page.wait_for_timeout(150)

    def wait_for(self, condition: str) -> None:
        """Waits until a condition holds. Playwright's own way evaluates text in the page, which the page's policy forbids."""
        for _ in range(400):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not within 20 seconds: {condition}")

    def svg(self, chart: str) -> str:
        """A chart as it is drawn; ids that count up with every drawing are taken out."""
        return re.sub(r"(clip|gradient_)\d+", "", self.page.locator(f"#{chart} svg").first.evaluate("svg => svg.outerHTML"))

    def table(self, place: str) -> list[list[str]]:
        """The rows of a table of numbers."""
        return self.page.evaluate(
            "id => [...document.querySelectorAll(`#${id} tbody tr`)].map(row => [...row.children].map(cell => cell.textContent))", place
        )

    def choose(self, select: str, value: str) -> None:
        """Chooses an option and waits for what it changes."""
        self.page.select_option(f"#{select}", value)
        self.settle()

    def is_too_wide(self) -> bool:
        """Whether the page scrolls sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def embedded(path: Path) -> dict[str, Any]:
    """The data in a page, read from its text as a browser would."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="report-data">(.*?)</script', text, flags=re.DOTALL)[1])


def records(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that are embedded with their names written once."""
    return [dict(zip(table["columns"], row)) for row in table["rows"]]


def copy_marts(source: Path, path: Path) -> None:
    """A small file like the published one: the marts that the report reads, the comparison of the newest date only."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{source}' as built (read_only)")
        connection.execute("create schema marts")
        for name in MARTS:
            newest = " where as_of_date = data_through and baseline = 'rest'" if name == "segment_comparison" else ""
            connection.execute(f"create table marts.{name} as select * from built.marts.{name}{newest}")
