"""Whole builds for pytest: a project folder with inputs of its own, built in this process into a file of its own.

The project folder links to the repo's models and macros, so tests see the code as it is; only the inputs,
the variables and, where a test asks for it, single files are different.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import gc
import hashlib
import io
import math
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgpack
import yaml

from quick_dbt import take_short_cuts
from registries import set_variables

# Half the time of every small build.
take_short_cuts(debug_log=False)

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "seeds/sample"

# What segment_comparison is computed from, and both together, which small builds leave out: they take longer to plan than to run.
COMPARISON_PARTS = (
    "metric_rulers",
    "metric_sums",
    "account_sums",
    "value_counts",
    "rank_tests",
    "group_moments",
    "change_sums",
    "change_moments",
    "account_changes",
    "did_sums",
    "did_moments",
    "design_effects",
)
COMPARISON_MODELS = (*COMPARISON_PARTS, "segment_comparison")
# Marts of segments that no model reads and few tests do, which take longer to plan than to run too.
SEGMENT_LEAVES = ("segment_attrition", "segment_scorecard", "segment_overlap", "segment_drafts", "identity_bridges")

# One metric of each sort that the statements know, and those that shipped segments and variables name: what a build costs for its
# comparison grows with their number. The sample and the tests of the metrics themselves have all of them.
FEW_METRICS = """\
{% macro duckdb__metrics() %}
    {% set named = ['activation_rate', 'churn_rate_91d', 'expansion_rate_91d', 'retained_users_28d', 'trial_conversion',
        'core_actions_7d', 'active_days_7d'] %}
    {% set few, sorts = [], [] %}
    {% for entry in segmentation.default__metrics() %}
    {% set sort = [entry.kind, entry.level, entry.is_heavy_tailed] | join(' ') %}
    {% if entry.name in named or sort not in sorts %}{% do few.append(entry) %}{% endif %}
    {% do sorts.append(sort) %}
    {% endfor %}
    {{ return(few) }}
{% endmacro %}
"""

# Sums of numbers of both signs, which cancel out.
SIGNED_SUMS = ("marts.metric_sums", "marts.change_sums", "marts.account_sums", "marts.did_sums")

# Marts that nothing else reads and that most tests have no need of: parsing them takes a third of a small build.
# What names them goes with them.
ANALYSIS = (
    "cohorts",
    "value",
    "comparison/*profile*",
    "comparison/*driver*",
    "comparison/segment_topics.*",
    "comparison/*persona*",
    "comparison/segment_matrix.*",
    "comparison/average_user_gap.*",
    "impact",
    "discovery",
    "audiences",
    "exposures.yml",
    "semantic_models.yml",
)

# What else a project sets that lists events of its own: the sample's name events that it lacks.
OWN_EVENTS: dict[str, Any] = {
    "page_view_events": [],
    "login_events": [],
    "activation_events": [],
    "lead_events": [],
    "experiment_conversion_events": [],
    "campaign_conversion_events": [],
    "funnels": [],
    "north_star": "active_days_7d",
}

# The folder with what dbt keeps of a parse, by what decides it in projects that link to the repo's files. The workers of one run
# share it (tests/conftest.py); without it nothing is kept.
PARSED: list[Path] = []

Row = dict[str, str]
Inputs = dict[str, list[Row]]


def contract_columns() -> dict[str, list[str]]:
    """The columns of each input, read from the headers of the sample."""
    columns = {}
    for path in sorted(SAMPLE.glob("sample_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            columns[path.stem.removeprefix("sample_")] = next(csv.reader(file))
    return columns


COLUMNS = contract_columns()


def read_sample() -> Inputs:
    """The sample's inputs, each a list of rows as text."""
    inputs = {}
    for name in COLUMNS:
        with (SAMPLE / f"sample_{name}.csv").open(encoding="utf-8", newline="") as file:
            inputs[name] = list(csv.DictReader(file))
    return inputs


def small_company() -> Inputs:
    """A company complete enough for every model: four users of two accounts, two weeks of events."""
    users = [
        {
            "user_id": f"u{number}",
            "account_id": account,
            "email": f"u{number}@example.com",
            "job_title": title,
            "country": country,
            "birth_year": "1990",
            "signed_up_at": "2026-01-05T09:00:00Z",
            "updated_at": "2026-01-05T09:00:00Z",
        }
        for number, account, title, country in [
            (1, "a1", "Engineer", "DE"),
            (2, "a1", "Head of Sales", "US"),
            (3, "a2", "CFO", "BR"),
            (4, "", "", ""),
        ]
    ]
    events = [
        {
            "event_id": f"e{day:02d}{number}",
            "user_id": f"u{number}",
            "event_name": name,
            "occurred_at": f"2026-03-{day:02d}T10:{number:02d}:00Z",
            "received_at": f"2026-03-{day:02d}T10:{number:02d}:05Z",
            "device_type": "desktop",
            "os": "linux",
            "app_version": "1.0.0",
        }
        for day in range(1, 17)
        for number, name in [(1, "task_completed"), (2, "logged_in"), (3, "page_viewed")]
        if day % number == 0
    ]
    return {
        "accounts": [
            {
                "account_id": "a1",
                "account_name": "One",
                "industry": "software",
                "employee_count": "12",
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T00:00:00Z",
            },
            {
                "account_id": "a2",
                "account_name": "Two",
                "industry": "retail",
                "employee_count": "1200",
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T00:00:00Z",
            },
        ],
        "users": users,
        "events": events,
        "subscriptions": [
            {
                "subscription_id": "s1",
                "account_id": "a1",
                "plan": "pro",
                "seats": "5",
                "mrr": "100",
                "valid_from": "2026-01-05T00:00:00Z",
                "started_at": "2026-01-05T00:00:00Z",
            }
        ],
        "survey_responses": [
            {
                "response_id": "r1",
                "user_id": "u1",
                "survey": "nps",
                "instrument": "nps",
                "question": "recommend",
                "answer": "9",
                "score": "9",
                "responded_at": "2026-03-03T12:00:00Z",
            }
        ],
        "invoices": [{"invoice_id": "i1", "account_id": "a1", "amount": "100.00", "currency": "USD", "paid_at": "2026-02-05T00:00:00Z"}],
    }


def csv_text(name: str, rows: list[Row]) -> str:
    """The rows as CSV with the contract's header; columns that a row lacks are empty, and what only rows have comes after."""
    further = sorted({column for row in rows for column in row} - set(COLUMNS[name]))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [*COLUMNS[name], *further], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


@dataclass
class Result:
    """How a dbt command ended."""

    success: bool
    output: str
    statuses: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.success


@dataclass
class Warehouse:
    """A project folder and one database file.

    `variables` are merged into `vars:` of dbt_project.yml. `copied` names folders to copy instead of linking, for tests
    that change files in them. Without `analysis` the marts of ANALYSIS are not part of the project, stg_users is a table unless
    `views` says otherwise, and segments are compared by FEW_METRICS unless `every_metric`.
    """

    folder: Path
    variables: dict[str, Any] = field(default_factory=dict)
    copied: tuple[str, ...] = ()
    analysis: bool = False
    views: bool = False
    every_metric: bool = False
    database: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        left_out = set() if self.analysis else {path for pattern in ANALYSIS for path in (ROOT / "models/marts").glob(pattern)}
        for name in ("models", "macros"):
            for path in (path for path in (ROOT / name).rglob("*") if path.is_file() and left_out.isdisjoint({path, *path.parents})):
                place = self.folder / path.relative_to(ROOT)
                place.parent.mkdir(parents=True, exist_ok=True)
                # Links to files: dbt does not follow those to folders inside of a folder.
                shutil.copy(path, place) if name in self.copied else place.symlink_to(path)
        (self.folder / "seeds/sample").mkdir(parents=True)
        shutil.copytree(ROOT / "seeds/reference", self.folder / "seeds/reference")
        for name in ("_sample.yml", "past_deliveries.csv", "personas.csv"):
            shutil.copy(SAMPLE / name, self.folder / "seeds/sample")
        shutil.copytree(ROOT / "tests/generic", self.folder / "tests/generic")
        shutil.copy(ROOT / "profiles.yml", self.folder)
        if not (self.analysis or self.every_metric):
            (self.folder / "macros/few_metrics.sql").write_text(FEW_METRICS, encoding="utf-8")
        self.database = self.folder / "warehouse.duckdb"
        if "macros" in self.copied:
            # Whoever changes the list of segments has none of the pairs and audiences that the shipped variables name.
            self.variables.setdefault("comparison_pairs", [])
            self.variables.setdefault("audiences", [])
        self.configure()

    @property
    def leaves_artifacts(self) -> bool:
        """Whether dbt writes its JSON files."""
        return self.analysis

    @classmethod
    def of_built(cls, folder: Path) -> Warehouse:
        """The warehouse that was built in this folder before, by another process say."""
        warehouse = cls.__new__(cls)
        warehouse.folder, warehouse.variables, warehouse.copied, warehouse.analysis, warehouse.views = folder, {}, (), True, True
        warehouse.every_metric = True
        warehouse.database = folder / "warehouse.duckdb"
        return warehouse

    def twin(self, folder: Path) -> Warehouse:
        """A copy of the project with all that is built, to go on in."""
        shutil.copytree(self.folder, folder, symlinks=True)
        twin = copy.copy(self)
        twin.folder, twin.database = folder, folder / self.database.name
        twin.variables = dict(self.variables)
        return twin

    def configure(self, **variables: Any) -> None:
        """Set further variables; None removes one that was set before."""
        self.variables.update(variables)
        project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
        project["vars"].update(self.variables)
        if not self.analysis:
            # A sixth of a small build; the sample has its comments.
            del project["models"]["segmentation"]["+persist_docs"]
        if not (self.analysis or self.views):
            # DuckDB plans a view of staging anew in each of its dozen readers. The sample has the view.
            project["models"]["segmentation"]["staging"]["stg_users"] = {"+materialized": "table"}
        (self.folder / "dbt_project.yml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")

    def copy_singular_tests(self) -> None:
        """Give a project with all models dbt's tests that are SQL files: those under tests/<layer> of the repo."""
        for path in (ROOT / "tests").rglob("test_*.sql"):
            place = self.folder / path.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)

    def write_inputs(self, inputs: Inputs) -> None:
        """Write all inputs; one that is not given is written without rows."""
        for name in COLUMNS:
            self.write_text(name, csv_text(name, inputs.get(name, [])))

    def write_text(self, name: str, text: str | bytes) -> None:
        """Write one input's file as it is."""
        path = self.folder / f"seeds/sample/sample_{name}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))

    def run(self, *arguments: str) -> Result:
        """Run a dbt command on this project's file, in this process."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        output = io.StringIO()
        before = Path.cwd()
        environment = dict(os.environ)
        # Two manifests a build, which only tests of the whole project read; an operation would replace them by one without SQL.
        unread = [] if self.leaves_artifacts and arguments[0] != "run-operation" else ["--no-write-json"]
        os.environ.update(self._environment())
        self._lend_parse()
        try:
            os.chdir(self.folder)
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                result = dbtRunner().invoke([*arguments, *self._places(), "--log-level-file", "none", *unread])
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(environment)
            DuckDBConnectionManager.close_all_connections()
            self._keep_parse()
        if not result.success:
            # Python 3.13 leaves the exception, and with it the connection, to the collector.
            gc.collect()
        text = output.getvalue() + (str(result.exception) if result.exception else "")
        runs = getattr(result.result, "results", None) or []
        return Result(
            success=bool(result.success),
            output=text,
            statuses={run.node.name: str(run.status) for run in runs if hasattr(run, "node")},
            seconds={run.node.name: run.execution_time for run in runs if hasattr(run, "node")},
        )

    def process(self, *arguments: str) -> dict[str, Any]:
        """A dbt command on this project's file as arguments of subprocess.run(), for a process that is killed, or is elsewhere."""
        self._lend_parse()
        return {
            "args": [sys.executable, str(ROOT / "scripts/run_tool.py"), "dbt", *arguments, *self._places()],
            "cwd": self.folder,
            "env": os.environ | self._environment() | {"QUICK_DBT": "1"},
            "text": True,
        }

    def _places(self) -> list[str]:
        return ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder), "--no-use-colors"]

    def _environment(self) -> dict[str, str]:
        # As dbt parses anew where a variable of profiles.yml has changed: the same text in every project.
        own = self.database.parent == self.folder
        return {"SEGMENTATION_DATABASE": self.database.name if own else str(self.database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    def _parse_file(self) -> tuple[Path, Path | None]:
        """Where dbt keeps what it parsed, and where it is kept for other projects, by what decides it: not where tests change models
        and macros."""
        decides = f"{self.analysis} {self.every_metric} {(self.folder / 'dbt_project.yml').read_text(encoding='utf-8')}"
        kept = PARSED[0] / hashlib.sha256(decides.encode("utf-8")).hexdigest() if PARSED and not self.copied else None
        return self.folder / "target/partial_parse.msgpack", kept

    def _lend_parse(self) -> None:
        """A quarter of a small build is parsing what was parsed before, so dbt finds it as after a build in this folder: what differs, it
        parses."""
        path, kept = self._parse_file()
        if kept and not path.exists() and kept.exists():
            parsed = msgpack.unpackb(kept.read_bytes(), strict_map_key=False)
            for node in parsed["nodes"].values():
                if "root_path" in node:
                    # The folder of a seed's file.
                    node["root_path"] = str(self.folder)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(msgpack.packb(parsed))

    def _keep_parse(self) -> None:
        path, kept = self._parse_file()
        if kept and path.exists() and not kept.exists():
            # Whole or not at all: another worker may look for it.
            written = kept.with_suffix(f".{os.getpid()}")
            written.write_bytes(path.read_bytes())
            written.replace(kept)

    def build(self, *arguments: str, tests: bool = False, comparison: bool = False) -> Result:
        """`dbt build`. Raises if it fails: use run() to see failures.

        Without dbt's tests, and, in a project without `analysis`, without segment_comparison, its parts and SEGMENT_LEAVES, unless they are
        the subject.
        The unit tests are the same in every project: the sample's build runs them, and publishing asks for them.
        """
        skipped = [] if tests else ["--exclude-resource-type", "test"]
        if not (tests and self.analysis):
            skipped += ["--exclude-resource-type", "unit_test"]
        if not (self.analysis or comparison):
            leaves = () if "--select" in arguments else SEGMENT_LEAVES
            skipped += ["--exclude", *COMPARISON_MODELS, "segment_findings", "segment_objectives", *leaves]
        result = self.run("build", *skipped, *arguments)
        if not result:
            raise AssertionError(result.output[-6000:])
        if "input_summary" in result.statuses:
            self.check_that_rows_add_up()
        return result

    def check_that_rows_add_up(self) -> None:
        """Rows in = used + duplicates + rejected + left out, for every input, also by the file's own count where the input is a sample seed."""
        place_of = set_variables(self.folder)["inputs"]
        has_forgotten = (
            bool(self.query("select count(*) from information_schema.tables where table_name = 'forgotten_users'")[0][0])
            and self.query("select count(*) from state.forgotten_users")[0][0] > 0
        )
        for name, read, used, duplicate, rejected, left_out in self.query(
            "select input, rows_read, rows_used, rows_duplicate, rows_rejected, rows_left_out from marts.input_summary"
        ):
            assert read == used + duplicate + rejected + left_out, (name, read, used, duplicate, rejected, left_out)
            if place_of.get(name) == f"sample_{name}" and not has_forgotten:
                with (self.folder / f"seeds/sample/sample_{name}.csv").open(encoding="utf-8-sig", newline="") as file:
                    in_file = sum(1 for row in csv.reader(file) if row) - 1
                assert read == in_file, (name, read, in_file)

    def query(self, sql: str) -> list[tuple]:
        """The rows of a query on the built file."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def records(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query as dicts."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            cursor = connection.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def tables(self, *schemas: str) -> list[str]:
        """The tables (not views) of the given schemas, as schema.name."""
        places = ", ".join(f"'{schema}'" for schema in schemas)
        return [
            f"{schema}.{name}"
            for schema, name in self.query(
                f"""
                select table_schema, table_name from information_schema.tables
                where table_schema in ({places}) and table_type = 'BASE TABLE'
                order by all
                """
            )
        ]


def differences(left: Warehouse, right: Warehouse, tables: list[str], ignored: tuple[str, ...] = (), where: str = "true") -> list[str]:
    """What differs between the same tables of two warehouses, as sentences; an empty list if they are equal.

    Rows are compared as a multiset. Doubles may differ by a relative 1e-9, since the order of a sum is free, and a skewness, which
    has no unit and is a difference of large sums, by 1e-9. Sums around a center cancel out: in SIGNED_SUMS they may differ by a
    relative 1e-12 of the row's largest number. All else must be equal, but for what when_changed remembers of rows: fingerprints
    of doubles to their last digit.
    """
    found = []
    tables = [table for table in tables if table != "built.contents_of_run"]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left.database}' as left_file (read_only)")
        connection.execute(f"attach '{right.database}' as right_file (read_only)")
        for table in tables:
            schema, name = table.split(".")
            columns = connection.execute(
                f"""
                select column_name, data_type = 'DOUBLE' from duckdb_columns()
                where database_name = 'left_file' and schema_name = '{schema}' and table_name = '{name}'
                order by column_name
                """
            ).fetchall()
            assert columns, f"no table {table}"
            if schema == "built" and ("content", False) in columns:
                columns = [column for column in columns if column[0] not in ("content", "version")]
            exact = [f'"{column}"' for column, is_double in columns if not is_double and column not in ignored]
            doubles = [f'"{column}"' for column, is_double in columns if is_double and column not in ignored]
            order = ", ".join([*exact, *doubles])
            rows = [
                connection.execute(f"select {order} from {side}_file.{table} where {where} order by {order}").fetchall()
                for side in ("left", "right")
            ]
            if len(rows[0]) != len(rows[1]):
                found.append(f"{table}: {len(rows[0])} rows and {len(rows[1])} rows")
            zeros = [1e-9 if column == '"skew"' else 1e-12 for column in doubles]

            def are_equal(one: tuple, other: tuple, start: int = len(exact), zeros: list[float] = zeros, table: str = table) -> bool:
                largest = max([1.0, *(abs(value) for value in one[start:] if value)]) if table in SIGNED_SUMS else 1.0
                return one[:start] == other[:start] and all(map(close, one[start:], other[start:], (zero * largest for zero in zeros)))

            unequal = [(one, other) for one, other in zip(*rows) if not are_equal(one, other)]
            found += [f"{table} ({order}):\n  {one}\n  {other}" for one, other in unequal[:2]]
    return found


def close(one: float | None, other: float | None, zero: float = 1e-12) -> bool:
    """Whether two doubles are the same number but for the order in which it was summed; NULL equals only NULL. `zero`: what is nothing."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=zero)
