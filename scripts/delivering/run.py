"""One delivery to all destinations, in the order that audiences.py explains, and what people are told of it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checking.results import broken, read_artifact, statuses_of
from refusal import Refusal

from .files import forget_interrupted, manifest, next_number, private_folder, publish, write_file, write_files
from .state import Delivery, begin, finish, read_deliveries, rename_users, stale

# Models without which, or without whose tests, no list of people may leave.
NEEDED = ("audience", "user_segments", "stg_users", "stg_campaign_messages", "user_messages", "as_of_dates", "data_through")


def failed_nodes(run_results: Path) -> list[str]:
    """Models and tests that audiences rest on and that failed, or did not run, in the last build."""
    if not run_results.exists():
        return []
    try:
        statuses = statuses_of(read_artifact(run_results, {"results": list}))
        return [name for name in broken(statuses) if any(needed in name for needed in NEEDED)]
    except (ValueError, KeyError, TypeError, OSError):
        raise Refusal(
            f"{os.path.relpath(run_results)} cannot be read, so the result of the last build is unknown. Run `make build` to rewrite it."
        ) from None


@dataclass
class Outcome:
    """What a run did: all audiences, those refused among them, and the folder, if one was written."""

    deliveries: list[Delivery]
    folder: Path | None = None

    @property
    def refused(self) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.is_refused]


def deliver(connection: Any, folder: Path, forced: frozenset[str] = frozenset(), dry_run: bool = False) -> Outcome:
    """Deliver every audience that changed and is not refused; raises Refusal if nothing can be done."""
    problems = stale(connection)
    if problems:
        raise Refusal("\n".join(problems))
    outcome = Outcome(read_deliveries(connection))
    names = {delivery.audience for delivery in outcome.deliveries}
    if forced - names - {"all"}:
        raise Refusal(
            f"FORCE: unknown audience {', '.join(sorted(forced - names - {'all'}))}; expected one of {', '.join(sorted(names)) or '(none defined)'}, or all."
        )
    for delivery in outcome.deliveries:
        delivery.is_refused = delivery.exceeds() and not forced & {delivery.audience, "all"}
    changed = [delivery for delivery in outcome.deliveries if (delivery.adds or delivery.removes) and not delivery.is_refused]
    if dry_run:
        return outcome
    private_folder(folder)
    forget_interrupted(connection, folder)
    if changed:
        number = next_number(connection, folder)
        (through,) = connection.execute("select data_through from activity.data_through").fetchone()
        moment = datetime.now(UTC)
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
