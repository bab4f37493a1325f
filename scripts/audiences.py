"""Write what each destination of an audience has to be told since the last delivery: `make audiences`.

One file per audience and change (add, remove) in the destination's own format, and a manifest, in a folder of its own below
published/audiences. What was delivered is kept in the schema `state` of the warehouse, so that a second run writes nothing.
docs/audiences.md says what the files are for, who is in them and what to do with them.

    python scripts/audiences.py [--dry-run] [--force NAME] [--clean] [--database PATH] [--folder PATH]

The files hold personal data: folders have mode 0700, files 0600. Addresses are read from staging.stg_users__addresses at
this moment and from nowhere else.

A delivery that is interrupted is told again by the next one, and nothing is lost. In this order:
  1. the files are written into a hidden folder;
  2. the state says who is about to be added or removed (is_pending);
  3. the folder gets its name: from now on somebody may upload it;
  4. the state says what the destination holds now, and audience_changes is emptied.
Between 2 and 4 a person is pending: the next run adds again who still belongs there and removes everybody else, whether the
files had been uploaded or not.

Exit status 0 if everything is delivered, 1 if an audience was refused, 2 if nothing could be done.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from checking.database import file_problems, in_sentences, open_warehouse, sentence
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent
FOLDER_NAME = "[0-9][0-9][0-9][0-9][0-9]_*"
# Columns of staging.stg_users__addresses by which destinations know people.
KEY_KINDS = ("user_id", "email", "email_sha256", "google_email_sha256")
# Models without which, or without whose tests, no list of people may leave.
NEEDED = ("audience", "user_segments", "stg_users", "stg_campaign_messages", "user_messages", "as_of_dates", "data_through")

Json = dict[str, Any]


class Stop(Exception):
    """Nothing was delivered; the text says why and what to do."""


# ---------------------------------------------------------------------------------------------------
# Formats
# ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CsvFormat:
    """A CSV file (RFC 4180, UTF-8 without a mark) with a header and one person per row.

    `headers` names the key's column per key_kind. `flag` are the values of a column named like the audience, in the file of adds and
    in that of removes; `tag` is the column that holds the audience's name in the file of adds. Files are split at `max_rows`
    people and below `max_bytes`.

    No cell needs escaping against formulas: hashes are hexadecimal, and marts.audience_members leaves out addresses and ids that begin
    like a formula (is_email(), is_plain_cell()), because a quote in front would make them those of somebody else.
    """

    headers: dict[str, str]
    flag: tuple[str, str] | None = None
    tag: str | None = None
    max_rows: int | None = None
    max_bytes: int | None = None
    extension: str = "csv"

    def parts(self, audience: str, key_kind: str, change: str, keys: list[str]) -> Iterator[tuple[int, bytes]]:
        """The contents of the files: (people, bytes) each."""
        header, cells = [self.headers[key_kind]], []
        if self.flag:
            header, cells = [*header, audience], [self.flag[change == "remove"]]
        elif self.tag and change == "add":
            header, cells = [*header, self.tag], [audience]
        first = csv_line(header)
        lines, size = [first], len(first)
        for key in keys:
            line = csv_line([key, *cells])
            if len(lines) > 1 and (
                (self.max_rows is not None and len(lines) > self.max_rows)
                or (self.max_bytes is not None and size + len(line) > self.max_bytes)
            ):
                yield len(lines) - 1, b"".join(lines)
                lines, size = [first], len(first)
            lines.append(line)
            size += len(line)
        yield len(lines) - 1, b"".join(lines)


@dataclass(frozen=True)
class MetaFormat:
    """JSON Lines for the Marketing API: every line is the body of one call, with at most `max_rows` people.

    Adds are POST, removes DELETE calls to /<custom_audience_id>/users, in the order of the lines.
    """

    max_rows: int = 10_000
    extension: str = "jsonl"

    def parts(self, audience: str, key_kind: str, change: str, keys: list[str]) -> Iterator[tuple[int, bytes]]:
        """The content of the one file: (people, bytes)."""
        session = hashlib.sha256("\n".join([audience, change, *keys]).encode()).digest()
        batches = [keys[start:start + self.max_rows] for start in range(0, len(keys), self.max_rows)]
        yield len(keys), b"".join(
            json.dumps({
                "session": {
                    # A 64-bit integer that is the same for the same delivery.
                    "session_id": int.from_bytes(session[:8], "big") >> 1, "batch_seq": number,
                    "last_batch_flag": number == len(batches), "estimated_num_total": len(keys),
                },
                "payload": {"schema": ["EMAIL"], "data": [[key] for key in batch]},
            }, separators=(",", ":")).encode() + b"\n"
            for number, batch in enumerate(batches, start=1)
        )


def csv_line(cells: list[str]) -> bytes:
    """One row of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8")


# The rules are the destinations' own:
#   google_customer_match  support.google.com/google-ads/answer/7659867: CSV in UTF-8 with English headers, SHA-256 in hexadecimal;
#                          an upload is told to add, to remove or to replace
#   meta_custom_audience   developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences: 10,000 people
#                          a call, a session over the calls
#   hubspot                knowledge.hubspot.com/import-and-export/set-up-your-import-file: CSV in UTF-8 with a header, 1,048,576 rows
#                          and 512 MB a file; a column of a property sets it
#   mailchimp              mailchimp.com/help/format-guidelines-for-your-import-file: a column for the address; an import only adds
#   customer_io            docs.customer.io/journeys/manual-segments and customer.io/docs/uploading-people: a column of ids or of
#                          addresses, 100 MB a file
#   braze                  braze.com/docs/user_guide/audience/manage_audience/import_users/csv_import: external_id, 500 MB a file
#   intercom               intercom.com/help, "Import your user data into Intercom": user_id or email, 20 MB a file
FORMATS: dict[str, CsvFormat | MetaFormat] = {
    "google_customer_match": CsvFormat({"google_email_sha256": "Email"}),
    "meta_custom_audience": MetaFormat(),
    # The limit counts the header.
    "hubspot": CsvFormat({"email": "Email"}, flag=("true", "false"), max_rows=1_048_575, max_bytes=512_000_000),
    "mailchimp": CsvFormat({"email": "Email Address"}, tag="Tags"),
    "customer_io": CsvFormat({"user_id": "id", "email": "email"}, max_bytes=100_000_000),
    "braze": CsvFormat({"user_id": "external_id"}, flag=("TRUE", "FALSE"), max_bytes=500_000_000),
    "intercom": CsvFormat({"user_id": "user_id", "email": "email"}, flag=("true", "false"), max_bytes=20_000_000),
}


# ---------------------------------------------------------------------------------------------------
# What is to be delivered
# ---------------------------------------------------------------------------------------------------


@dataclass
class Delivery:
    """What one destination is to be told about one audience."""

    audience: str
    destination: str
    key_kind: str
    max_change_share: float
    delivered_before: int
    is_complete_list: bool
    # key -> user_id, and key -> entry_number.
    adds: dict[str, str] = field(default_factory=dict)
    # Adds that an interrupted delivery has begun: the state counts them already.
    repeated: int = 0
    removes: dict[str, int] = field(default_factory=dict)
    remove_reasons: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    is_refused: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        return self.audience, self.destination, self.key_kind

    @property
    def delivered_after(self) -> int:
        return self.delivered_before + len(self.adds) - self.repeated - len(self.removes)

    def exceeds(self) -> bool:
        """Whether so much changes that somebody has to look first. A complete list has nothing to be compared with."""
        changes = len(self.adds) + len(self.removes)
        return not self.is_complete_list and changes > self.max_change_share * self.delivered_before


def read_deliveries(connection: Any) -> list[Delivery]:
    """Every audience of the variable, and those that destinations still hold although they have ended."""
    deliveries = {
        row[:3]: Delivery(*row)
        for row in connection.execute(
            """
            with
            held as (
                select audience, destination, key_kind, count(*) as users, bool_and(is_pending) as is_never_confirmed
                from state.audience_deliveries
                group by all
            )

            select
                audience,
                destination,
                key_kind,
                -- An audience that has ended does not have its own limit: all of it goes, so somebody must confirm that.
                coalesce(audiences.max_change_share, 0),
                coalesce(held.users, 0),
                coalesce(held.is_never_confirmed, true) and audiences.audience is not null
            from marts.audiences as audiences
            full join held using (audience, destination, key_kind)
            order by all
            """
        ).fetchall()
    }
    for kind in KEY_KINDS:
        for *place, user_id, key, entry_number in connection.execute(
            f"""
            select changes.audience, changes.destination, changes.key_kind, changes.user_id, addresses.{kind}, held.entry_number
            from marts.audience_changes as changes
            left join staging.stg_users__addresses as addresses using (user_id)
            left join state.audience_deliveries as held
                on
                    changes.audience = held.audience
                    and changes.destination = held.destination
                    and changes.key_kind = held.key_kind
                    and addresses.{kind} = held.destination_key
            where changes.change = 'add' and changes.key_kind = '{kind}'
            order by all
            """
        ).fetchall():
            if key is None:
                raise Stop("The addresses of the warehouse are newer than marts.audience_changes: run `make build` first.")
            delivery = deliveries[tuple(place)]
            delivery.adds[key] = user_id
            delivery.repeated += entry_number is not None
    for *place, key, entry_number, reason in connection.execute(
        """
        select changes.audience, changes.destination, changes.key_kind, held.destination_key, entry_number, changes.reason
        from marts.audience_changes as changes
        inner join state.audience_deliveries as held using (entry_number)
        where changes.change = 'remove'
        order by all
        """
    ).fetchall():
        delivery = deliveries[tuple(place)]
        delivery.removes[key] = entry_number
        delivery.remove_reasons[reason] = delivery.remove_reasons.get(reason, 0) + 1
    for audience, destination, reason, users in connection.execute(
        """
        select audience, destination, skip_reason, count(*) from marts.audience_members
        where skip_reason is not null group by all order by count(*) desc, skip_reason
        """
    ).fetchall():
        for delivery in deliveries.values():
            if (delivery.audience, delivery.destination) == (audience, destination):
                delivery.skipped[reason] = users
    return list(deliveries.values())


def stale(connection: Any) -> list[str]:
    """Why the marts of audiences are not those of the last build, as sentences; an empty list if they are."""
    (through,) = connection.execute("select data_through from activity.data_through").fetchone()
    problems = []
    for mart in ("audiences", "audience_members", "audience_changes"):
        for (found,) in connection.execute(
            f"select distinct data_through from marts.{mart} where data_through is distinct from ?", [through]
        ).fetchall():
            problems.append(f"marts.{mart} is of {found}, the data reach to {through}: run `make build` and see what stops it.")
    return problems


def failed_nodes(run_results: Path) -> list[str]:
    """Models and tests that audiences rest on and that failed, or did not run, in the last build."""
    if not run_results.exists():
        return []
    try:
        return [
            result["unique_id"] for result in json.loads(run_results.read_text(encoding="utf-8"))["results"]
            if result["status"] in ("error", "fail", "skipped", "runtime error") and any(name in result["unique_id"] for name in NEEDED)
        ]
    except (ValueError, KeyError, TypeError, OSError):
        raise Refusal(
            f"{os.path.relpath(run_results)} cannot be read, so the result of the last build is unknown. Run `make build` to rewrite it."
        ) from None


# ---------------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------------


def write_file(path: Path, content: bytes) -> None:
    """A file that only we can read, safely on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Names of files are safe only when their folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(folder: Path) -> None:
    """A folder that only we can enter; one that is there already is closed to others."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)


def write_files(hidden: Path, deliveries: list[Delivery]) -> list[Json]:
    """The files of all deliveries, in the hidden folder; returns their entries of the manifest."""
    shutil.rmtree(hidden, ignore_errors=True)
    private_folder(hidden)
    files = []
    for delivery in deliveries:
        form = FORMATS[delivery.destination]
        for change, keys in (("add", sorted(delivery.adds)), ("remove", sorted(delivery.removes))):
            if not keys:
                continue
            parts = list(form.parts(delivery.audience, delivery.key_kind, change, keys))
            for number, (people, content) in enumerate(parts, start=1):
                part = f"_{number}" if len(parts) > 1 else ""
                name = f"{delivery.audience}__{delivery.destination}__{change}{part}.{form.extension}"
                write_file(hidden / name, content)
                files.append({
                    "file": name, "audience": delivery.audience, "destination": delivery.destination,
                    "key_kind": delivery.key_kind, "change": change, "people": people,
                    "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
                })
    return files


def manifest(run_id: str, number: int, through: date, moment: datetime, deliveries: list[Delivery], files: list[Json]) -> bytes:
    """What the folder holds, without anything personal."""
    return json.dumps({
        "run_id": run_id,
        "delivery_number": number,
        "data_through": through.isoformat(),
        "written_at": moment.isoformat(timespec="seconds"),
        "audiences": [
            {
                "audience": delivery.audience, "destination": delivery.destination, "key_kind": delivery.key_kind,
                "is_complete_list": delivery.is_complete_list, "delivered_before": delivery.delivered_before,
                "adds": len(delivery.adds), "removes": len(delivery.removes), "delivered_after": delivery.delivered_after,
                "remove_reasons": delivery.remove_reasons, "skipped": delivery.skipped, "is_refused": delivery.is_refused,
            }
            for delivery in deliveries
        ],
        "files": files,
    }, indent=2).encode("utf-8") + b"\n"


def forget_interrupted(connection: Any, folder: Path) -> None:
    """Take back the folders of deliveries that were begun and not finished: what is in them is told again, in the right order."""
    for (run_id,) in connection.execute(
        "select distinct run_id from state.audience_delivery_log where delivered_at is null"
    ).fetchall():
        shutil.rmtree(folder / run_id, ignore_errors=True)
    for hidden in folder.glob(f".{FOLDER_NAME}"):
        shutil.rmtree(hidden)


def next_number(connection: Any, folder: Path) -> int:
    """One more than the last delivery, also where the folder remembers more of them than the warehouse does."""
    (last,) = connection.execute("select coalesce(max(delivery_number), 0) from state.audience_delivery_log").fetchone()
    return max([last, *(int(path.name[:5]) for path in folder.glob(FOLDER_NAME))]) + 1


def clean(folder: Path) -> int:
    """Delete the files of all deliveries and keep their manifests; returns how many files went."""
    paths = [path for path in sorted(folder.glob(f"{FOLDER_NAME}/*")) if path.name != "manifest.json"]
    for path in paths:
        path.unlink()
    return len(paths)


# ---------------------------------------------------------------------------------------------------
# State
# ---------------------------------------------------------------------------------------------------


def begin(connection: Any, deliveries: list[Delivery], number: int, run_id: str, through: date) -> None:
    """Step 2: say who is about to be added or removed, after a copy of the state was made."""
    connection.execute("begin")
    connection.execute("delete from state.audience_delivery_log where delivered_at is null")
    connection.execute("create or replace table state.audience_deliveries__backup as select * from state.audience_deliveries")
    (entry_number,) = connection.execute("select coalesce(max(entry_number), 0) from state.audience_deliveries").fetchone()
    for delivery in deliveries:
        known = {
            key for (key,) in connection.execute(
                "select destination_key from state.audience_deliveries where (audience, destination, key_kind) = (?, ?, ?)", delivery.place
            ).fetchall()
        }
        new = [key for key in delivery.adds if key not in known]
        connection.execute(
            """
            insert into state.audience_deliveries (
                user_id, audience, destination, key_kind, destination_key, entry_number, delivery_number, is_pending, delivered_through
            )
            select unnest(?::varchar[]), ?, ?, ?, unnest(?::varchar[]), unnest(?::bigint[]), ?, true, ?
            """,
            [
                [delivery.adds[key] for key in new], *delivery.place, new,
                list(range(entry_number + 1, entry_number + 1 + len(new))), number, through,
            ],
        )
        entry_number += len(new)
        connection.execute(
            "update state.audience_deliveries set is_pending = true where entry_number in (select unnest(?::bigint[]))",
            [list(delivery.removes.values())],
        )
        connection.execute(
            """
            insert into state.audience_delivery_log (
                audience, destination, key_kind, run_id, delivery_number, added_users, removed_users, users, is_complete_list, data_through
            )
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                *delivery.place, run_id, number, len(delivery.adds), len(delivery.removes), delivery.delivered_after,
                delivery.is_complete_list, through,
            ],
        )
    connection.execute("commit")


def publish(hidden: Path, visible: Path) -> None:
    """Step 3: the folder gets its name."""
    sync_folder(hidden)
    os.rename(hidden, visible)
    sync_folder(visible.parent)


def finish(connection: Any, deliveries: list[Delivery], number: int, through: date, moment: datetime) -> None:
    """Step 4: say what the destinations hold now; whoever is gone leaves the state with the delivery that says so."""
    connection.execute("begin")
    for delivery in deliveries:
        removed = list(delivery.removes.values())
        connection.execute("delete from state.audience_deliveries where entry_number in (select unnest(?::bigint[]))", [removed])
        # The copy is for undoing a mistake, not for keeping those who asked to be deleted.
        connection.execute(
            """
            delete from state.audience_deliveries__backup
            where entry_number in (
                select entry_number from marts.audience_changes where change = 'remove' and reason = 'deleted'
            ) and entry_number in (select unnest(?::bigint[]))
            """,
            [removed],
        )
        connection.execute(
            """
            update state.audience_deliveries set is_pending = false, delivery_number = ?, delivered_through = ?
            where is_pending and (audience, destination, key_kind) = (?, ?, ?)
            """,
            [number, through, *delivery.place],
        )
        connection.execute(
            "delete from marts.audience_changes where (audience, destination, key_kind) = (?, ?, ?)", delivery.place
        )
    connection.execute(
        "update state.audience_delivery_log set delivered_at = ? where delivery_number = ?", [moment.replace(tzinfo=None), number]
    )
    connection.execute("commit")


def rename_users(connection: Any) -> None:
    """An address that stays at a destination while its user is another one now gets the name of that user."""
    for kind in KEY_KINDS:
        connection.execute(
            f"""
            update state.audience_deliveries as held set user_id = members.user_id
            from marts.audience_members as members
            inner join staging.stg_users__addresses as addresses using (user_id)
            where
                held.key_kind = '{kind}' and members.is_sent and held.audience = members.audience
                and held.destination = members.destination and held.destination_key = addresses.{kind}
                and held.user_id != members.user_id
            """
        )


# ---------------------------------------------------------------------------------------------------
# Together
# ---------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What a run did: all audiences, those refused among them, and the folder, if one was written."""

    deliveries: list[Delivery]
    folder: Path | None = None

    @property
    def refused(self) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.is_refused]


def deliver(connection: Any, folder: Path, forced: frozenset[str] = frozenset(), dry_run: bool = False) -> Outcome:
    """Deliver every audience that changed and is not refused; raises Stop if nothing can be done."""
    problems = stale(connection)
    if problems:
        raise Stop("\n".join(problems))
    outcome = Outcome(read_deliveries(connection))
    names = {delivery.audience for delivery in outcome.deliveries}
    if forced - names - {"all"}:
        raise Stop(
            f"FORCE: unknown audience {', '.join(sorted(forced - names - {'all'}))}; expected one of {', '.join(sorted(names)) or '(none defined)'}, or all."
        )
    for delivery in outcome.deliveries:
        delivery.is_refused = delivery.exceeds() and not forced & {delivery.audience, "all"}
    changed = [
        delivery for delivery in outcome.deliveries if (delivery.adds or delivery.removes) and not delivery.is_refused
    ]
    if dry_run:
        return outcome
    private_folder(folder)
    forget_interrupted(connection, folder)
    if changed:
        number = next_number(connection, folder)
        (through,) = connection.execute("select data_through from activity.data_through").fetchone()
        moment = datetime.now(timezone.utc)
        hidden = folder / f".{number:05d}_next"
        files = write_files(hidden, changed)
        digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:8]
        run_id = f"{number:05d}_{through}_{digest}"
        write_file(hidden / "manifest.json", manifest(run_id, number, through, moment, outcome.deliveries, files))
        begin(connection, changed, number, run_id, through)
        publish(hidden, folder / run_id)
        finish(connection, changed, number, through, moment)
        outcome.folder = folder / run_id
    rename_users(connection)
    return outcome


def summary(outcome: Outcome, dry_run: bool) -> str:
    """What was, or would be, delivered, for people."""
    if not outcome.deliveries:
        return "No audiences are defined. List one in `vars: audiences` of dbt_project.yml (docs/audiences.md), then run `make build`."
    lines = [f"{'audience':<24} {'destination':<22} {'there':>7} {'add':>7} {'remove':>7}  left out"]
    for delivery in outcome.deliveries:
        skipped = ", ".join(f"{reason} {users:,}" for reason, users in delivery.skipped.items()) or "nobody"
        lines.append(
            f"{delivery.audience:<24} {delivery.destination:<22} {delivery.delivered_before:>7,} {len(delivery.adds):>7,}"
            f" {len(delivery.removes):>7,}  {'REFUSED' if delivery.is_refused else skipped}"
        )
    whole = [delivery.audience for delivery in outcome.deliveries if delivery.is_complete_list and delivery.adds]
    if dry_run:
        lines.append("\nNothing was written: --dry-run.")
    elif outcome.folder is None:
        lines.append("\nNothing to deliver" + (" except what was refused." if outcome.refused else ": every destination is up to date."))
    else:
        count = len(list(outcome.folder.glob("*__*")))
        lines.append(
            f"\nWritten: {os.path.relpath(outcome.folder)}, {count} file{'s' if count != 1 else ''} and manifest.json,"
            " which describes them."
            "\nThey hold personal data. Upload them in the order of the folders' numbers, then delete them: make audiences CLEAN=1"
        )
        if whole:
            lines.append(
                f"Complete list{'s' if len(whole) > 1 else ''}, since nothing was delivered before: {', '.join(whole)}."
                "\nReplace what the destination holds instead of adding to it."
            )
    return "\n".join(lines)


def refusals(outcome: Outcome) -> str:
    """Why audiences were refused and what to do."""
    return "\n".join(
        f"Refused: {delivery.audience} at {delivery.destination} would change by {len(delivery.adds):,} adds and "
        f"{len(delivery.removes):,} removes, more than {delivery.max_change_share:.0%} of the {delivery.delivered_before:,} people there"
        f" ({', '.join(f'{reason} {users:,}' for reason, users in delivery.remove_reasons.items()) or 'nobody leaves'}).\n"
        f"  Check marts.audience_changes. If it is right: make audiences FORCE={delivery.audience}"
        for delivery in outcome.refused
    )


@in_sentences("make audiences")
def main(arguments: list[str] | None = None) -> int:
    """Deliver, then print the summary; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--database", type=Path, default=ROOT / "build/warehouse.duckdb")
    parser.add_argument("--folder", type=Path, default=ROOT / "published/audiences")
    parser.add_argument("--run-results", type=Path, default=ROOT / "target/run_results.json")
    parser.add_argument(
        "--force", action="append", default=[], metavar="NAME", help="deliver this audience even if much of it changes; or `all`"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be delivered and write nothing")
    parser.add_argument("--clean", action="store_true", help="delete the files of all deliveries and keep their manifests")
    options = parser.parse_args(arguments)

    if options.clean:
        print(f"Deleted {clean(options.folder)} files; the manifests are kept.")
        return 0

    import duckdb

    if problems := file_problems(options.database):
        print(f"Nothing was delivered. {problems[0]}", file=sys.stderr)
        return 2
    if not options.database.exists():
        print(f"{options.database} does not exist. Run `make build` first.", file=sys.stderr)
        return 2
    failed = failed_nodes(options.run_results)
    if failed:
        print(
            "The last build failed in something audiences depend on, so nothing is delivered:\n  " + "\n  ".join(failed)
            + "\nRun `make build` and see what stops it.",
            file=sys.stderr,
        )
        return 2
    try:
        with open_warehouse(options.database, read_only=options.dry_run) as connection:
            connection.execute("set TimeZone = 'UTC'")
            outcome = deliver(connection, options.folder, frozenset(options.force), options.dry_run)
    except (Stop, Refusal) as reason:
        print(f"Nothing was delivered. {reason}", file=sys.stderr)
        return 2
    except duckdb.CatalogException as error:
        print(f"The warehouse does not have audiences yet ({str(error).splitlines()[0]}): run `make build` first.", file=sys.stderr)
        return 2
    except (duckdb.Error, OSError) as error:
        # Whom a delivery that broke off concerns is told again by the next one.
        print(f"The delivery was interrupted; the next one repeats all of it. {sentence(error, options.database)}", file=sys.stderr)
        return 2
    print(summary(outcome, options.dry_run))
    if outcome.refused:
        print("\n" + refusals(outcome), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
