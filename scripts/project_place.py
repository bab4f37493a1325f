"""The project that a command is about: this one, or one that uses it as a package (`--project-dir`)."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checking.database import missing_folder
from refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Place:
    """Where a project keeps what commands read and write."""

    folder: Path
    database: Path

    @property
    def target(self) -> Path:
        """What dbt wrote about the last build."""
        return self.folder / os.environ.get("DBT_TARGET_PATH", "target")

    @property
    def published(self) -> Path:
        return self.folder / "published"

    def in_its_words(self, text: object) -> str:
        """A sentence that names commands of this project, for one that has no Makefile."""
        return str(text) if self.folder == ROOT else str(text).replace("make build", "dbt build")


def add_project(parser: argparse.ArgumentParser) -> None:
    """The argument `--project-dir`."""
    parser.add_argument(
        "--project-dir", type=Path, metavar="FOLDER", help="folder of a project that uses this one as a package; default: this project"
    )


def place_of(folder: Path | None, database: Path | None = None) -> Place:
    """The place of the project in a folder; this project if there is none. `database`: its file, if that was named."""
    if folder is None or folder.resolve() == ROOT:
        return Place(ROOT, database or ROOT / "build/warehouse.duckdb")
    folder = folder.resolve()
    if not (folder / "dbt_project.yml").is_file():
        raise Refusal(f"--project-dir must be the folder of a dbt project, but {folder} does not have a dbt_project.yml.")
    return Place(folder, database or _database_of(folder))


def _database_of(folder: Path) -> Path:
    """The DuckDB file of the project's default target: DBT_PROFILES_DIR, else the folder's own profiles.yml, else that in ~/.dbt."""
    import yaml

    named = (yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8")) or {}).get("profile")
    folders = [Path(os.environ["DBT_PROFILES_DIR"])] if "DBT_PROFILES_DIR" in os.environ else [folder, Path.home() / ".dbt"]
    path = next((each / "profiles.yml" for each in folders if (each / "profiles.yml").is_file()), None)
    if path is None:
        raise Refusal(f"There is no profiles.yml in {folder}, so the warehouse is unknown. Name the file by --database.")
    try:
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))[named]
        output = profile["outputs"][_rendered(profile.get("target", "default"))]
        is_file, place = output["type"] == "duckdb", _rendered(output["path"])
    except (KeyError, TypeError, yaml.YAMLError):
        raise Refusal(f"{path} does not say which DuckDB file the profile '{named}' has. Name the file by --database.") from None
    if not is_file or place == ":memory:":
        raise Refusal(f"The profile '{named}' in {path} is not about a DuckDB file. Name the file by --database.")
    database: Path = folder / place
    if problems := missing_folder(database, f" in {path}"):
        raise Refusal(problems[0])
    return database


def _rendered(value: Any) -> str:
    """A value of profiles.yml, which may ask for a variable of the environment."""
    from jinja2 import Environment

    return Environment().from_string(str(value)).render(env_var=lambda name, default="": os.environ.get(name, default))
