"""examples/streaming: each trait, segment and review is worked out here in plain Python from the files that generate.py wrote."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb
import pytest

from warehouse import ROOT

EXAMPLE = ROOT / "examples/streaming"
SELECTED = ("+users", "+segment_sizes", "+segment_year_in_review", "+segment_profiles", "+metrics")


class Play(NamedTuple):
    viewer: str
    title: str
    genre: str
    is_finished: bool
    minutes: int
    moment: dt.datetime

    @property
    def day(self) -> dt.date:
        return self.moment.date()


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / f"seeds/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


VIEWERS = {row["viewer"]: row for row in rows("raw_viewers")}
JOINED = {viewer: dt.datetime.fromisoformat(row["joined"]).date() for viewer, row in VIEWERS.items()}
PLAYS = [
    Play(
        row["viewer"],
        row["title"],
        row["genre"],
        row["what"] == "finished",
        int(row["minutes"] or 0),
        dt.datetime.fromisoformat(row["moment"]),
    )
    for row in rows("raw_plays")
]
ANSWERS = {
    (row["viewer"], row["question"]): (dt.datetime.fromisoformat(row["moment"]).date(), row["answer"]) for row in rows("raw_answers")
}
OF: dict[str, list[Play]] = defaultdict(list)
for play in PLAYS:
    OF[play.viewer].append(play)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The example as its README builds it, up to what is asked here."""
    folder = tmp_path_factory.mktemp("streaming")
    database = folder / "streaming.duckdb"
    command = [sys.executable, str(ROOT / "scripts/run_tool.py"), "dbt", "--quiet", "build", "--target-path", str(folder / "target")]
    command += ["--select", *SELECTED, "--exclude-resource-type", "test", "unit_test"]
    environment = os.environ | {"STREAMING_DATABASE": str(database), "QUICK_DBT": "1"}
    result = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def between(viewer: str, first: dt.date, last: dt.date) -> list[Play]:
    return [play for play in OF[viewer] if first <= play.day <= last]


def back(day: dt.date, days: int) -> dt.date:
    return day - dt.timedelta(days=days)


def finished(viewer: str, day: dt.date, days: int) -> list[Play]:
    return [play for play in between(viewer, back(day, days - 1), day) if play.is_finished]


def taste(viewer: str, day: dt.date) -> str | None:
    minutes: Counter[str] = Counter()
    for play in finished(viewer, day, 91):
        minutes[play.genre] += play.minutes
    return min(minutes, key=lambda genre: (-minutes[genre], genre)) if minutes else None


def almost_watched(viewer: str, day: dt.date) -> int:
    left = set()
    for begun in between(viewer, back(day, 27), back(day, 7)):
        again = between(viewer, begun.day, begun.day + dt.timedelta(days=7))
        if not begun.is_finished and not any(play.is_finished and play.title == begun.title for play in again):
            left.add(begun.title)
    return len(left)


def said(viewer: str, question: str, day: dt.date) -> str | None:
    asked, answer = ANSWERS.get((viewer, question), (dt.date.max, None))
    return answer if back(day, 364) <= asked <= day else None


def liked(viewer: str, day: dt.date) -> set[str]:
    return {one.strip().lower() for one in (said(viewer, "tastes", day) or "").split(";")} - {""}


def is_of_the_night(viewer: str, day: dt.date) -> bool:
    """Of sessions, which half an hour without an event and midnight divide; of equal parts of the day the first by name."""
    parts: Counter[str] = Counter()
    last: dt.datetime | None = None
    for play in sorted(OF[viewer], key=lambda play: play.moment):
        begins = last is None or play.moment - last > dt.timedelta(minutes=30) or play.day != last.date()
        if begins and back(day, 90) <= play.day <= day:
            parts[("night", "morning", "afternoon", "evening")[play.moment.hour // 6]] += 1
        last = play.moment
    return bool(parts) and min(parts, key=lambda part: (-parts[part], part)) == "night"


def contacts(viewer: str) -> int | None:
    return int(VIEWERS[viewer]["contacts"]) if VIEWERS[viewer]["contacts"] else None


def traits(viewer: str, day: dt.date) -> tuple[Any, ...]:
    return (
        contacts(viewer),
        said(viewer, "letters", day),
        "; ".join(sorted(liked(viewer, day))) or None,
        taste(viewer, day),
        sum(play.minutes for play in finished(viewer, day, 28)),
        almost_watched(viewer, day),
    )


def segments(viewer: str, day: dt.date) -> set[str]:
    found = {
        "daily_actives": bool(between(viewer, day, day)),
        "weekly_actives": bool(between(viewer, back(day, 6), day)),
        "crime_watchers": sum(play.genre == "crime" for play in finished(viewer, day, 28)) >= 3,
        "night_listeners": is_of_the_night(viewer, day),
        "almost_watchers": almost_watched(viewer, day) >= 2,
        "jazz_lovers": taste(viewer, day) == "jazz",
        "says_one_watches_another": "jazz" in liked(viewer, day) and taste(viewer, day) not in ("jazz", None),
        "enterprise_senders": (contacts(viewer) or 0) >= 100_000,
        "small_business_owners": 1 <= (contacts(viewer) or 0) <= 500,
        "advanced_senders": said(viewer, "letters", day) == "advanced",
    }
    return {name for name, is_in in found.items() if is_in}


LIFECYCLE = "('new_users', 'inactive_users', 'resurrected_users', 'at_risk_users', 'engaged_users')"


def test_traits_on_every_date(built: duckdb.DuckDBPyConnection) -> None:
    names = "contacts_count, letters_level, tastes, inferred_taste, minutes_28d, almost_watched_28d"
    stored = built.execute(f"select user_id, as_of_date, {names} from features.user_features").fetchall()
    days = {day for _, day, *_ in stored}
    assert len(days) == 13 and max(days) == dt.date(2026, 1, 17)
    expected = {(viewer, day): traits(viewer, day) for day in days for viewer in VIEWERS if JOINED[viewer] <= day}
    assert {(viewer, day): tuple(values) for viewer, day, *values in stored} == expected
    # Each of them says something.
    for place in range(6):
        assert len({values[place] for values in expected.values()} - {None}) > 1


def test_segments_on_every_date(built: duckdb.DuckDBPyConnection) -> None:
    stored: dict[tuple[str, dt.date], set[str]] = defaultdict(set)
    for viewer, day, segment in built.execute(
        f"select user_id, as_of_date, segment from marts.user_segments where segment not in {LIFECYCLE}"
    ).fetchall():
        stored[viewer, day].add(segment)
    days = [day for (day,) in built.execute("select distinct as_of_date from features.user_features").fetchall()]
    for day in days:
        for viewer in VIEWERS:
            assert stored[viewer, day] == (segments(viewer, day) if JOINED[viewer] <= day else set()), (viewer, day)
    newest = Counter(segment for (_, day), found in stored.items() if day == max(days) for segment in found)
    assert len(newest) == 10 and min(newest.values()) >= 2


def review(viewer: str, year: int) -> tuple[Any, ...] | None:
    done = [play for play in OF[viewer] if play.is_finished and play.day.year == year and play.day <= dt.date(2026, 1, 17)]
    if not done:
        return None
    minutes: Counter[str] = Counter()
    titles: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for play in done:
        minutes[play.genre] += play.minutes
        titles[play.title] = (titles[play.title][0] + 1, titles[play.title][1] + play.minutes)
    return (
        min(minutes, key=lambda genre: (-minutes[genre], genre)),
        min(titles, key=lambda title: (-titles[title][0], -titles[title][1], title)),
        len(done),
        len({play.day for play in done}),
        sum(minutes.values()),
    )


def test_the_year_in_review_of_everybody_and_of_each_segment(built: duckdb.DuckDBPyConnection) -> None:
    stored = {(viewer, year): tuple(values) for viewer, year, *values in built.execute("from marts.year_in_review").fetchall()}
    expected = {(viewer, year): review(viewer, year) for viewer in VIEWERS for year in (2025, 2026)}
    assert stored == {key: values for key, values in expected.items() if values} and len(stored) > 50
    newest = dt.date(2026, 1, 17)
    members: dict[str, set[str]] = {"__all__": set(VIEWERS)}
    for viewer in VIEWERS:
        for segment in segments(viewer, newest):
            members.setdefault(segment, set()).add(viewer)
    found = built.execute(
        f"select segment, year, users, minutes, minutes_per_user, top_genre from marts.segment_year_in_review where segment not in {LIFECYCLE}"
    ).fetchall()
    assert len(found) > 15
    for segment, year, users, minutes, per_user, top in found:
        of = [values for viewer in members[segment] if (values := stored.get((viewer, year)))]
        genres = Counter(values[0] for values in of)
        assert (users, minutes) == (len(of), sum(values[4] for values in of)) and per_user == pytest.approx(minutes / users)
        assert top == min(genres, key=lambda genre: (-genres[genre], genre))


def test_profiles_show_the_traits(built: duckdb.DuckDBPyConnection) -> None:
    shown = {name for (name,) in built.execute("select distinct attribute from marts.segment_profiles").fetchall()}
    assert {"contacts_count_band", "letters_level", "inferred_taste", "minutes_28d_band", "almost_watched_28d_band", "tastes_jazz"} <= shown
    users = built.execute(
        "select users from marts.segment_profiles where segment = 'jazz_lovers' and attribute = 'inferred_taste' and attribute_value = 'jazz'"
    ).fetchone()
    assert users == (sum(taste(viewer, dt.date(2026, 1, 17)) == "jazz" for viewer in VIEWERS),)


def test_the_files_are_what_the_generator_writes() -> None:
    assert subprocess.run([sys.executable, str(EXAMPLE / "generate.py"), "--check"], check=False).returncode == 0
