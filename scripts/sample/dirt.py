"""Dirt: what real exports contain, in known amounts."""

from __future__ import annotations

import random

from .world import ACCOUNT_OWNERS, CONTRACT, DAY, Streams, iso, later, parse_utc, shuffled


class Dirt:
    """Spoils rows that are still clean and remembers what must come of them."""

    def __init__(self, rng: random.Random, tables: dict[str, list[dict]]):
        self.rng = rng
        self.tables = tables
        studied = tables["experiment_assignments"] + tables["campaign_messages"]
        self.studied = {row["user_id"] for row in studied}
        self.spoiled: set[int] = set()  # identities of rows that are dirty already
        self.found: dict[str, dict[str, object]] = {}
        self.rejected: dict[str, dict[str, int]] = {}

    def pick(self, table: str, count: int, suits=lambda row: True) -> list[dict]:
        """So many clean rows that suit; from now on they count as dirty."""
        clean = [row for row in self.tables[table] if id(row) not in self.spoiled and suits(row)]
        rows = shuffled(self.rng, clean)[:count]
        self.spoiled.update(id(row) for row in rows)
        return rows

    def is_harmless(self, row: dict) -> bool:
        """A page view of a user in no experiment or campaign: no truth depends on it."""
        is_page = row["event_name"] == "page_viewed" and row["anonymous_id"] == ""
        return is_page and row["user_id"] not in self.studied and has_time_to_spare(row)

    def add(self, table: str, rows: list[dict]) -> None:
        """Append rows, which are dirty by birth."""
        self.tables[table].extend(rows)
        self.spoiled.update(id(row) for row in rows)

    def note(self, table: str, kind: str, rows: list[dict], reason: str = "") -> None:
        """Record how many rows have this kind of dirt and, if they are to be rejected, for which reason."""
        key = CONTRACT[table][0]
        entry: dict[str, object] = {"rows": len(rows)}
        keys = sorted(row[key] for row in rows if row[key])
        if 0 < len(keys) <= 30:
            entry["keys"] = keys
        self.found.setdefault(table, {})[kind] = entry
        if reason:
            reasons = self.rejected.setdefault(table, {})
            reasons[reason] = reasons.get(reason, 0) + len(rows)

    def blank(self, table: str, column: str, count: int, kind: str, reason: str) -> None:
        """Empty a column that must not be empty."""
        rows = self.pick(table, count)
        for row in rows:
            row[column] = ""
        self.note(table, kind, rows, reason)

    def write(self, table: str, column: str, values: tuple[str, ...], kind: str, reason: str, suits=lambda row: True):
        """Write unreadable values into a column, one row each."""
        rows = self.pick(table, len(values), suits)
        for row, value in zip(rows, values, strict=True):
            row[column] = value
        self.note(table, kind, rows, reason)


def add_dirt(streams: Streams, tables: dict[str, list[dict]]) -> Dirt:
    """Spoil a small known part of the data."""
    dirt = Dirt(streams("dirt"), tables)
    spoil_events(dirt)
    duplicate_events(dirt)
    spoil_users(dirt)
    spoil_other_inputs(dirt)
    disorder(streams("disorder"), tables["events"])
    return dirt


def has_time_to_spare(row: dict) -> bool:
    """Received well before the export, so that a redelivery still fits in."""
    return row["received_at"] < "2026-10-15"


def spoil_events(dirt: Dirt) -> None:
    """Rows that staging must reject, and oddities it must live with."""
    unreadable = ("not a date", "yesterday", "2026-13-45T10:00:00Z", "0000-00-00", "n/a", "not a date", "?", "NaN")
    dirt.write("events", "occurred_at", unreadable, "unreadable_time", "unreadable_time", dirt.is_harmless)
    for kind, columns, count in (("missing_key", ["event_id"], 5), ("no_subject", ["user_id"], 5)):
        rows = dirt.pick("events", count, dirt.is_harmless)
        for row in rows:
            row.update(dict.fromkeys(columns, ""))
        dirt.note("events", kind, rows, kind)
    future = dirt.pick("events", 2, lambda row: dirt.is_harmless(row) and row["occurred_at"].endswith("Z"))
    for row in future:
        row["occurred_at"] = "2028" + row["occurred_at"][4:].replace("-02-29", "-02-28")
    dirt.note("events", "from_future", future, "from_future")
    unknown = dirt.pick("events", 30, dirt.is_harmless)
    for number, row in enumerate(unknown):
        row["user_id"] = f"u9{number % 6:03d}"
    dirt.note("events", "unknown_user", unknown)
    spaced = dirt.pick("events", 12, lambda row: row["event_name"] == "dashboard_viewed")
    for row in spaced:
        row["event_name"] += " "
    dirt.note("events", "space_after_event_name", spaced)


def duplicate_events(dirt: Dirt) -> None:
    """Copies: exact, delivered again, and with the same id but other content."""
    exact = [dict(row) for row in dirt.pick("events", 150, has_time_to_spare)]
    again = [dict(row) for row in dirt.pick("events", 60, has_time_to_spare)]
    for row in again:
        row["received_at"] = iso(later(dirt.rng, parse_utc(row["received_at"]), 0.1, 70))
    conflicting = [dict(row) for row in dirt.pick("events", 5, dirt.is_harmless)]
    for row in conflicting:
        row["event_name"] = "search_performed"
        row["properties"] = '{"results":3}'
        row["received_at"] = iso(later(dirt.rng, parse_utc(row["received_at"]), 0.1, 70))
    dirt.note("events", "exact_duplicate", exact)
    dirt.note("events", "redelivered", again)
    dirt.note("events", "conflicting_duplicate", conflicting, "conflicting_duplicate")
    for rows in (exact, again, conflicting):
        dirt.add("events", rows)


def spoil_users(dirt: Dirt) -> None:
    """Two copies of users, stray spaces, blanks."""
    exact = [dict(row) for row in dirt.pick("users", 1)]
    older = [dict(row) for row in dirt.pick("users", 1, lambda row: row["updated_at"] > "2026-01")]
    for row in older:  # an older state of the same user: the one updated last is kept
        row["updated_at"] = row["signed_up_at"] = iso(parse_utc(row["signed_up_at"]) - DAY)
        row["job_title"] = "Consultant"
    spaced = dirt.pick("users", 25, lambda row: row["department"] != "")
    for number, row in enumerate(spaced):
        column = ("department", "city", "job_title", "country")[number % 4]
        row[column] = f" {row[column]}" if number % 2 else f"{row[column]} "
    blank = dirt.pick("users", 10, lambda row: row["department"] == "")
    for row in blank:
        row["department"] = " "
    dirt.note("users", "exact_duplicate", exact)
    dirt.note("users", "older_version", older)
    dirt.note("users", "stray_spaces", spaced)
    dirt.note("users", "blank_text", blank)
    dirt.add("users", exact + older)


def spoil_other_inputs(dirt: Dirt) -> None:
    """One or two rows each in the smaller inputs. The account with a text in a number has no users."""
    account = {
        **dict.fromkeys(CONTRACT["accounts"], ""),
        "account_id": "a900",
        "account_name": "Tern & Thistle",
        "industry": "media",
        "employee_count": "about 50",
        "country": "GB",
        "account_owner": ACCOUNT_OWNERS[0],
        "created_at": "2026-02-03T09:30:00Z",
        "updated_at": "2026-02-03T09:30:00Z",
    }
    dirt.add("accounts", [account])
    dirt.note("accounts", "text_in_number", [account], "unreadable_value")
    spaced = dirt.pick("accounts", 4, lambda row: row["industry"] != "")
    for row in spaced:
        row["industry"] = f" {row['industry']} "
    dirt.note("accounts", "stray_spaces", spaced)
    dirt.write("invoices", "amount", ("12x.00",), "unreadable_amount", "unreadable_value")
    dirt.write("survey_responses", "score", ("ten",), "text_in_number", "unreadable_value", lambda row: row["instrument"] == "nps")
    dirt.write("interview_notes", "noted_at", ("last week",), "unreadable_time", "unreadable_time")
    dirt.blank("interview_notes", "user_id", 1, "missing_user", "missing_value")
    dirt.blank("support_tickets", "ticket_id", 2, "missing_key", "missing_key")
    dirt.blank("identities", "anonymous_id", 1, "missing_key", "missing_key")
    twice = [dict(row) for row in dirt.pick("marketing_spend", 2)]
    dirt.add("marketing_spend", twice)
    dirt.note("marketing_spend", "exact_duplicate", twice)


def disorder(rng: random.Random, rows: list[dict]) -> None:
    """File order: as received, except that one row in fifty is out of place."""
    keys = {}
    by_arrival = sorted(range(len(rows)), key=lambda i: (rows[i]["received_at"], i))
    for position, i in enumerate(by_arrival):
        keys[i] = (position + (rng.randint(-3000, 3000) if rng.random() < 0.02 else 0), i)
    rows[:] = [rows[i] for i in sorted(keys, key=keys.__getitem__)]
