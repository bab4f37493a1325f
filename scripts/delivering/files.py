"""The files of a delivery, which hold personal data: folders have mode 0700, files 0600."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .formats import FORMATS
from .state import Delivery

FOLDER_NAME = "[0-9][0-9][0-9][0-9][0-9]_*"

Json = dict[str, Any]


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
                files.append(
                    {
                        "file": name,
                        "audience": delivery.audience,
                        "destination": delivery.destination,
                        "key_kind": delivery.key_kind,
                        "change": change,
                        "people": people,
                        "sha256": hashlib.sha256(content).hexdigest(),
                        "bytes": len(content),
                    }
                )
    return files


def manifest(run_id: str, number: int, through: date, moment: datetime, deliveries: list[Delivery], files: list[Json]) -> bytes:
    """What the folder holds, without anything personal."""
    return (
        json.dumps(
            {
                "run_id": run_id,
                "delivery_number": number,
                "data_through": through.isoformat(),
                "written_at": moment.isoformat(timespec="seconds"),
                "audiences": [
                    {
                        "audience": delivery.audience,
                        "destination": delivery.destination,
                        "key_kind": delivery.key_kind,
                        "is_complete_list": delivery.is_complete_list,
                        "delivered_before": delivery.delivered_before,
                        "adds": len(delivery.adds),
                        "removes": len(delivery.removes),
                        "delivered_after": delivery.delivered_after,
                        "remove_reasons": delivery.remove_reasons,
                        "skipped": delivery.skipped,
                        "is_refused": delivery.is_refused,
                    }
                    for delivery in deliveries
                ],
                "files": files,
            },
            indent=2,
        ).encode("utf-8")
        + b"\n"
    )


def forget_interrupted(connection: Any, folder: Path) -> None:
    """Take back the folders of deliveries that were begun and not finished: what is in them is told again, in the right order."""
    for (run_id,) in connection.execute("select distinct run_id from state.audience_delivery_log where delivered_at is null").fetchall():
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


def publish(hidden: Path, visible: Path) -> None:
    """Step 3: the folder gets its name."""
    sync_folder(hidden)
    os.rename(hidden, visible)
    sync_folder(visible.parent)
