"""A small world of users for audiences: tables made up by hand, the marts' own SQL over them, and destinations that take files.

dbt compiles the marts once; after that `build()` runs their SQL on what the world holds, in milliseconds. `expected()` says in plain
Python who belongs at each destination, and `Destinations` reads delivered files by the destinations' rules; neither looks at
the code that they check.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import Warehouse

AUDIENCES: list[dict[str, Any]] = [
    {"name": "google_ads", "destination": "google_customer_match", "segment": "power_users", "holdout_share": 0.3, "metric": "engagement"},
    {"name": "meta_ads", "destination": "meta_custom_audience", "segment": "power_users", "exclude_segments": ["promoters"]},
    {"name": "crm", "destination": "hubspot", "segment": "promoters"},
    {"name": "newsletter", "destination": "mailchimp", "segment": "promoters", "holdout_share": 0.5},
    {
        "name": "journeys",
        "destination": "customer_io",
        "segment": "power_users",
        "key": "email",
        "metric": "active_days",
        "holdout_share": 0.4,
    },
    {"name": "push", "destination": "braze", "segment": "power_users"},
    {"name": "chat", "destination": "intercom", "segment": "promoters"},
]
SIGNED_UP = datetime(2025, 1, 1)
KEYS = {
    "google_customer_match": "google",
    "meta_custom_audience": "hash",
    "hubspot": "email",
    "mailchimp": "email",
    "customer_io": "email",
    "braze": "user_id",
    "intercom": "user_id",
}
MODELS = (
    "stg_users__addresses",
    "audiences",
    "audience_members",
    "audience_deliveries",
    "audience_delivery_log",
    "audience_exposures",
    "audience_changes",
    "audience_results",
)
TABLES = """
create schema activity; create schema staging; create schema features; create schema marts;
create table activity.data_through (data_through date, newest_received_at timestamp, is_provisional boolean);
create table activity.as_of_dates (as_of_date date);
create table activity.user_accounts (user_id varchar, account_id varchar, valid_from_date date, valid_to_date date);
create table activity.user_days (
    user_id varchar, event_date date, known_date date, events bigint, sessions bigint, is_first_known boolean
);
create table activity.user_event_days (user_id varchar, event_name varchar, event_date date, known_date date, events bigint);
create table staging.stg_support_tickets (user_id varchar, created_at timestamp);
create table staging.stg_survey_responses (
    response_id varchar, user_id varchar, instrument varchar, score double, responded_at timestamp
);
create table staging.stg_invoices (account_id varchar, user_id varchar, amount decimal(18, 2), currency varchar, paid_at timestamp);
create table features.user_dates (user_id varchar, as_of_date date);
create table marts.user_lifecycle_segments (user_id varchar, segment varchar, as_of_date date);
create table staging.stg_users (
    user_id varchar, email varchar, marketing_consent boolean, signed_up_at timestamp, deleted_at timestamp
);
create table activity.user_messages (user_id varchar, unsubscribed_at timestamp);
create table marts.user_segments (user_id varchar, segment varchar, as_of_date date);
create table main.suppressions (user_id varchar, email_sha256 varchar);
insert into activity.data_through values ('2026-01-01', '2026-01-02', false);
"""


@dataclass
class User:
    """A user of the made-up company."""

    email: str | None = None
    consent: bool | None = True
    unsubscribed_on: date | None = None
    segments: set[str] = field(default_factory=lambda: {"power_users", "promoters"})
    active_on: set[date] = field(default_factory=set)
    # On each of these days.
    events: int = 1


@dataclass
class World:
    """Users, a day and a list of suppressions, in a warehouse file of its own."""

    database: Path
    statements: dict[str, str]
    audiences: list[dict[str, Any]]
    users: dict[str, User] = field(default_factory=dict)
    suppressions: list[tuple[str | None, str | None]] = field(default_factory=list)
    day: date = date(2026, 1, 1)
    connection: Any = field(init=False, default=None)

    def connect(self) -> Any:
        """The connection that stays open until close(): opening a file is what takes time here."""
        if self.connection is None:
            self.connection = duckdb.connect(str(self.database), config={"threads": 1})
        return self.connection

    def close(self) -> None:
        """Let others open the file."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def execute(self, sql: str, parameters: list[Any] | None = None) -> list[tuple]:
        """Run SQL on the file and return its rows."""
        return self.connect().execute(sql, parameters).fetchall()

    def build(self) -> None:
        """What `dbt build` would do with today's users."""
        rows: dict[str, list[Any]] = {
            "features.user_dates": [(name, self.day) for name in self.users],
            "activity.as_of_dates": [(self.day,)],
            "staging.stg_users": [(name, user.email, user.consent, SIGNED_UP, None) for name, user in self.users.items()],
            "activity.user_days": [
                (name, day, day, user.events, 1, True)
                for name, user in self.users.items()
                for day in sorted(user.active_on)
                if day <= self.day
            ],
            "activity.user_messages": [
                (name, datetime.combine(user.unsubscribed_on, datetime.min.time()))
                for name, user in self.users.items()
                if user.unsubscribed_on
            ],
            "marts.user_segments": [(name, segment, self.day) for name, user in self.users.items() for segment in sorted(user.segments)],
            "main.suppressions": self.suppressions,
            "activity.data_through": [(self.day, None, False)],
        }
        for table, values in rows.items():
            self.execute(f"delete from {table}")
            if values:
                places = ", ".join([f"({', '.join('?' * len(values[0]))})"] * len(values))
                self.execute(f"insert into {table} values {places}", [cell for row in values for cell in row])
        for mart in ("audiences", "audience_members", "audience_changes"):
            self.execute(f"create or replace table marts.{mart} as {self.statements[mart]}")

    def results(self) -> dict[str, dict[str, Any]]:
        """audience -> its row of audience_results."""
        cursor = self.connect().execute(self.statements["audience_results"])
        names = [column[0] for column in cursor.description]
        return {row["audience"]: row for row in (dict(zip(names, values)) for values in cursor.fetchall())}

    def reasons(self, audience: str) -> dict[str, str | None]:
        """user_id -> skip_reason of an audience."""
        return dict(self.execute("select user_id, skip_reason from marts.audience_members where audience = ?", [audience]))

    def changes(self, audience: str) -> set[tuple[str, str, str]]:
        """(change, user_id, reason) of an audience."""
        return set(self.execute("select change, user_id, reason from marts.audience_changes where audience = ?", [audience]))

    def expected(self, audience: str) -> set[str]:
        """What the destination of an audience should hold today."""
        entry = next(entry for entry in self.audiences if entry["name"] == audience)
        kind = KEYS[entry["destination"]]
        suppressed_ids = {user_id for user_id, _ in self.suppressions if user_id}
        suppressed_hashes = {digest.lower() for _, digest in self.suppressions if digest}

        def is_suppressed(name: str, user: User) -> bool:
            return name in suppressed_ids or (user.email is not None and sha256(plain(user.email)) in suppressed_hashes)

        def refuses(name: str, user: User) -> bool:
            has_unsubscribed = bool(user.unsubscribed_on and user.unsubscribed_on <= self.day)
            return user.consent is False or has_unsubscribed or is_suppressed(name, user)

        suppressed = {mailbox(user.email) for name, user in self.users.items() if user.email and is_suppressed(name, user)}
        closed = {mailbox(user.email) for name, user in self.users.items() if user.email and refuses(name, user)}
        found: dict[str, str] = {}
        for name, user in sorted(self.users.items()):
            if entry["segment"] not in user.segments or user.segments & set(entry.get("exclude_segments", [])):
                continue
            if entry.get("surface") in ("in_app", "onboarding", "support", "sales"):
                # Nothing has to be agreed to there; a list of suppressions counts everywhere.
                if is_suppressed(name, user) or (user.email and mailbox(user.email) in suppressed):
                    continue
            elif user.consent is not True or refuses(name, user) or (user.email and mailbox(user.email) in closed):
                continue
            if kind == "user_id":
                found.setdefault(name, name)
            elif user.email and re.fullmatch(r"\w[\w.+%-]*@[a-z0-9.-]+\.[a-z]+", plain(user.email), flags=re.ASCII):
                key = {"email": plain(user.email), "hash": sha256(plain(user.email)), "google": sha256(mailbox(user.email))}[kind]
                found.setdefault(key, name)
        share = entry.get("holdout_share", 0)
        return {key for key, name in found.items() if draw(audience, name) >= share}


def plain(email: str) -> str:
    return email.strip().lower()


def mailbox(email: str) -> str:
    """The address by Google's rule."""
    local, _, domain = "".join(email.lower().split()).partition("@")
    if domain in ("gmail.com", "googlemail.com"):
        local = local.split("+")[0].replace(".", "")
    return f"{local}@{domain}"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw(audience: str, user_id: str) -> float:
    """Where a user lies between 0 and 1 for the holdout of an audience."""
    return int(hashlib.md5(f"audience_holdout_v1|{audience}|{user_id}".encode()).hexdigest()[:8], 16) / 16**8


def new_world(folder: Path, audiences: list[dict[str, Any]]) -> tuple[World, Warehouse]:
    """A world without users, and the dbt project behind it."""
    project = Warehouse(
        folder,
        {"audiences": audiences, "audience_suppressions": "suppressions", "past_deliveries": None, "audience_max_change_share": 0.5},
        analysis=True,
    )
    project.write_inputs({})
    (folder / "seeds/suppressions.csv").write_text("user_id,email_sha256\n", encoding="utf-8")
    with duckdb.connect(str(project.database), config={"storage_compatibility_version": "v1.0.0"}) as connection:
        connection.execute(TABLES)
    result = project.run("run", "--select", *MODELS)
    assert result, result.output[-4000:]
    compiled = folder / "target/compiled/segmentation/models/marts/audiences"
    statements = {path.stem: path.read_text(encoding="utf-8") for path in compiled.glob("*.sql")}
    return World(project.database, statements, audiences), project


# ---------------------------------------------------------------------------------------------------
# Destinations
# ---------------------------------------------------------------------------------------------------

HEADERS = {
    "google_customer_match": lambda audience, change: ["Email"],
    "hubspot": lambda audience, change: ["Email", audience],
    "mailchimp": lambda audience, change: ["Email Address", "Tags"] if change == "add" else ["Email Address"],
    "braze": lambda audience, change: ["external_id", audience],
}
BYTES = {"customer_io": 100_000_000, "braze": 500_000_000, "intercom": 20_000_000, "hubspot": 512_000_000}


def read_keys(content: bytes, destination: str, key_kind: str, audience: str, change: str) -> list[str]:
    """The people in one file, read as the destination documents it; an AssertionError says which rule is broken."""
    text = content.decode("utf-8")
    assert not text.startswith("\ufeff")
    assert len(content) <= BYTES.get(destination, len(content))
    if destination == "meta_custom_audience":
        calls = [json.loads(line) for line in text.splitlines()]
        assert [call["session"]["batch_seq"] for call in calls] == list(range(1, len(calls) + 1))
        assert [call["session"]["last_batch_flag"] for call in calls] == [False] * (len(calls) - 1) + [True]
        assert len({call["session"]["session_id"] for call in calls}) == 1 and 0 <= calls[0]["session"]["session_id"] < 2**63
        assert all(call["payload"]["schema"] == ["EMAIL"] and 0 < len(call["payload"]["data"]) <= 10_000 for call in calls)
        assert all(set(call) == {"session", "payload"} for call in calls)
        keys = [row[0] for call in calls for row in call["payload"]["data"] if len(row) == 1]
        assert len(keys) == sum(len(call["payload"]["data"]) for call in calls) == calls[0]["session"]["estimated_num_total"]
    else:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        if destination in HEADERS:
            assert rows[0] == HEADERS[destination](audience, change)
        else:
            own = {"customer_io": {"user_id": "id", "email": "email"}, "intercom": {"user_id": "user_id", "email": "email"}}[destination]
            assert rows[0] == [own[key_kind], *([audience] if destination == "intercom" else [])]
        assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}
        assert destination != "hubspot" or len(rows) <= 1_048_576
        keys = [row[0] for row in rows[1:]]
        if len(rows[0]) == 2:
            flags = {"braze": ("TRUE", "FALSE"), "mailchimp": (audience, None)}.get(destination, ("true", "false"))
            assert {row[1] for row in rows[1:]} == {flags[change == "remove"]}
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)
    if key_kind in ("email_sha256", "google_email_sha256"):
        assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    elif key_kind == "email":
        assert all(key == key.strip().lower() and key.count("@") == 1 for key in keys)
    assert len(set(keys)) == len(keys)
    return keys


@dataclass
class Destinations:
    """What the destinations hold after the folders that were uploaded."""

    held: dict[str, set[str]] = field(default_factory=dict)

    def upload(self, folder: Path) -> None:
        """Upload a folder as docs/audiences.md says."""
        about = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for entry in about["audiences"]:
            if entry["is_complete_list"] and entry["adds"]:
                self.held[entry["audience"]] = set()
        for entry in about["files"]:
            content = (folder / entry["file"]).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entry["sha256"] and len(content) == entry["bytes"]
            keys = read_keys(content, entry["destination"], entry["key_kind"], entry["audience"], entry["change"])
            assert len(keys) == entry["people"]
            held = self.held.setdefault(entry["audience"], set())
            if entry["change"] == "add":
                held |= set(keys)
            else:
                held -= set(keys)
