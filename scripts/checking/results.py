"""What dbt wrote about a build: read, and judged, in this one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_artifact(path: Path, parts: Mapping[str, type]) -> dict[str, Any]:
    """An artifact of dbt that has these parts; raises ValueError if it is not JSON or not of dbt, and OSError if it cannot be read."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not all(isinstance(content.get(part), kind) for part, kind in parts.items()):
        raise ValueError(f"{path} is not what dbt writes")
    return content


def statuses_of(results: dict[str, Any]) -> dict[str, str]:
    """How each node of run_results.json went."""
    return {result["unique_id"]: result["status"] for result in results["results"]}


def broken(statuses: dict[str, str], severities: Mapping[str, str] | None = None) -> dict[str, str]:
    """The nodes that failed or did not run. With `severities`, also those that warn although they are not declared to do no more."""
    return {
        name: status
        for name, status in statuses.items()
        if status not in ("success", "pass", "no-op") and not (status == "warn" and (severities is None or severities.get(name) == "warn"))
    }
