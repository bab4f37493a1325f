"""Whether a build may be published: read from the results that dbt wrote, and from the warehouse itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from checking.database import only_row
from checking.results import broken, read_artifact, statuses_of
from refusal import Refusal

from .continuity import Limits
from .declarations import Aggregates, Publication, Withheld

AGAIN = "Run `make build` for a whole build."
# How many names a message lists before it says how many more there are.
LISTED = 5


@dataclass(frozen=True)
class Build:
    """What dbt wrote about a build."""

    manifest: dict[str, Any]
    results: dict[str, Any]

    @property
    def invocation_id(self) -> str:
        return self.results["metadata"]["invocation_id"]

    def marts(self) -> dict[str, dict[str, Any]]:
        """The manifest's marts by name: our models in a folder `marts`. Those of a project that has us as a package are its own affair."""
        return {
            node["name"]: node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "model"
            and "marts" in node["fqn"][1:-1]
            and node.get("package_name", "segmentation") == "segmentation"
        }


def read_build(target: Path) -> Build:
    """The build whose artifacts lie in dbt's target folder."""
    found = []
    artifacts: dict[str, dict[str, type]] = {"manifest.json": {"nodes": dict}, "run_results.json": {"metadata": dict, "results": list}}
    for name, parts in artifacts.items():
        try:
            found.append(read_artifact(target / name, parts))
        except FileNotFoundError:
            raise Refusal(f"{target / name} is missing, so the result of the build is unknown. {AGAIN}") from None
        except ValueError:
            raise Refusal(f"{target / name} cannot be read: it is not JSON, or not from dbt. {AGAIN}") from None
        except OSError as error:
            raise Refusal(f"{target / name} cannot be read: {error.strerror}. {AGAIN}") from None
    return Build(*found)


def check_declared(build: Build, declared: dict[str, Publication]) -> None:
    """Every mart must have a decision on how it is published."""
    missing = sorted(set(build.marts()) - set(declared))
    if missing:
        raise Refusal(
            f"Not declared for publishing: {listed(missing)}. Add each to MARTS in scripts/publishing/marts.py: as "
            "Aggregates with its counts, as Users, or as Withheld with the reason."
        )


def check_results(build: Build, declared: dict[str, Publication]) -> None:
    """All published marts, what they are built from, and their tests must have been through one successful `dbt build`."""
    nodes, statuses = check_success(build)
    published = {node["unique_id"] for name, node in build.marts().items() if not isinstance(declared[name], Withheld)}
    needed = _ancestors(nodes, published)
    unbuilt = sorted(needed - set(statuses))
    if unbuilt:
        raise Refusal(
            f"The last build was partial: it left out {listed([_what(nodes, name) for name in unbuilt])}, so the marts may not "
            f"be consistent. {AGAIN}"
        )
    untested = sorted(
        name
        for name, node in nodes.items()
        if node["resource_type"] in ("test", "unit_test") and published & set(node["depends_on"]["nodes"]) and name not in statuses
    )
    if untested:
        raise Refusal(
            f"The last build ran without {listed([_what(nodes, name) for name in untested])}. Tests decide what may be published. {AGAIN}"
        )


def check_success(build: Build) -> tuple[dict[str, Any], dict[str, str]]:
    """It must be a `dbt build` of all rows, and all that it ran must have come through. Returns all nodes, and the status of each that ran."""
    command = build.results["args"].get("which")
    if command != "build":
        raise Refusal(f"The last dbt command was `dbt {command}`, which does not build and test everything. {AGAIN}")
    if build.results["args"].get("empty") or build.results["args"].get("sample"):
        raise Refusal(f"The last build used --empty or --sample, so it does not hold all rows. {AGAIN}")
    statuses = statuses_of(build.results)
    nodes = {**build.manifest["nodes"], **build.manifest.get("unit_tests", {})}
    severities = {name: str(node.get("config", {}).get("severity", "")).lower() for name, node in nodes.items()}

    not_through = broken(statuses, severities)
    # What failed first; the rest was skipped because of it.
    failed = {name: status for name, status in not_through.items() if status != "skipped"} or not_through
    if failed:
        raise Refusal(
            "The build failed: "
            + listed([f"{_what(nodes, name)} ({status})" for name, status in sorted(failed.items())])
            + ". Fix it and run `make build` again."
        )
    return nodes, statuses


def _ancestors(nodes: dict[str, Any], names: set[str]) -> set[str]:
    """These nodes and all models, seeds and snapshots above them."""
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        node = nodes.get(name)
        if name in found or node is None or node["config"].get("materialized") == "ephemeral":
            continue
        found.add(name)
        queue += node["depends_on"].get("nodes", [])
    return found


def _what(nodes: dict[str, Any], name: str) -> str:
    """A node as people call it: model users, test unique_users_user_id."""
    node = nodes.get(name)
    kind, _, rest = name.partition(".")
    return f"{kind.replace('_', ' ')} {node['name'] if node else rest.split('.', 1)[-1]}"


def listed(names: list[str]) -> str:
    """The first names of a list as text."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def state_schema(build: Build) -> str:
    """The schema of the tables that no full refresh rebuilds; `last_run` lies beside them (macros/operations/record_run.sql)."""
    return next((node["schema"] for node in build.manifest["nodes"].values() if node["name"] == "forgotten_users"), "state")


@dataclass(frozen=True)
class Variables:
    """The variables of publishing that the build ran with."""

    min_cell_users: int
    limits: Limits = Limits()


def check_warehouse(connection: duckdb.DuckDBPyConnection, build: Build, database: Path, is_refresh: bool = False) -> Variables:
    """The attached warehouse must be the one that this build wrote, and nothing may have changed it since.

    Only of a refresh (scripts/refresh.py) may the newest day be one that is not over.
    """
    try:
        cursor = connection.execute(f'select * from warehouse."{state_schema(build)}".last_run')
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone() or ()))
    except (duckdb.CatalogException, duckdb.BinderException):
        row = {}
    if not {"invocation_id", "command", "is_finished", "min_cell_users"} <= set(row):
        raise Refusal(f"{database} does not say which build wrote it: it is empty, or from before this version. {AGAIN}")
    command = row["command"]
    if not row["is_finished"]:
        raise Refusal(f"The last `dbt {command}` on {database} was interrupted before its end. {AGAIN}")
    if row.get("include_today") and not is_refresh:
        raise Refusal(
            f"The newest day of {database} is not over: `make refresh`, or a `dbt {command}` with include_today, has added it. {AGAIN}"
        )
    if row["invocation_id"] != build.invocation_id:
        raise Refusal(
            f"The results in target/ do not belong to {database}: a `dbt {command}` has changed this file in another run. {AGAIN}"
        )
    for name, allowed, what in (
        ("min_cell_users", "[1-9][0-9]{0,8}", "a whole number ≥ 1"),
        ("max_gap_days", "[1-9][0-9]{0,8}", "a whole number ≥ 1"),
        ("max_active_users_fall", r"0(\.\d+)?|1(\.0+)?", "a number from 0 to 1"),
        ("accept_data_through", r"(\d{4}-\d\d-\d\d)?", "a day (YYYY-MM-DD) or null"),
    ):
        if name in row and not re.fullmatch(allowed, row[name]):
            raise Refusal(f"The variable {name} must be {what}, got {row[name]}. Correct it in dbt_project.yml.")
    return Variables(
        int(row["min_cell_users"]),
        Limits(int(row["max_gap_days"]), float(row["max_active_users_fall"]), row["accept_data_through"])
        if "max_gap_days" in row
        else Limits(),
    )


def check_vanished(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Not many users may have vanished from the input since the last build that was accepted (the model seen_users)."""
    node = next((node for node in build.manifest["nodes"].values() if node["name"] == "seen_users"), None)
    if node is None:
        return
    if node["unique_id"] not in {result["unique_id"] for result in build.results["results"]}:
        raise Refusal(f"The last build was partial: it left out model seen_users, which says whether users are missing. {AGAIN}")
    vanished, known, is_accepted = only_row(
        connection.execute(
            f"""
        select count(*) filter (is_vanished), count(*) filter (was_known), coalesce(bool_and(is_accepted), true)
        from warehouse."{node["schema"]}"."{node["alias"]}"
        """
        )
    )
    if not is_accepted:
        raise Refusal(
            f"{vanished:,} of {known:,} users from the previous build are missing from the input users, without deleted_at: more than "
            "max_vanished_share allows. If the export is incomplete, load it again and run `make build`. To erase them from "
            "all dates, build once with `.venv/bin/python scripts/build.py --vars 'max_vanished_share: 1'`."
        )


def data_through(
    connection: duckdb.DuckDBPyConnection, build: Build, declared: dict[str, Publication], names: set[str] | None = None
) -> Any:
    """The one last day that all published marts cover, or those with these names; but not those of state. None if there are no data at all."""
    days: dict[Any, list[str]] = {}
    for name, node in sorted(build.marts().items()):
        if names is not None and name not in names:
            continue
        mart = declared[name]
        if isinstance(mart, Withheld) or (isinstance(mart, Aggregates) and mart.is_state) or "data_through" not in node["columns"]:
            continue
        relation = f'warehouse."{node["schema"]}"."{node["alias"]}"'
        for (day,) in connection.execute(f"select distinct data_through from {relation} where data_through is not null").fetchall():
            days.setdefault(day, []).append(name)
    if len(days) > 1:
        ends = "; ".join(f"{day}: {listed(names)}" for day, names in sorted(days.items()))
        raise Refusal(f"The marts end on different days ({ends}). Run `dbt build --full-refresh`, then `make publish`.")
    return next(iter(days), None)
