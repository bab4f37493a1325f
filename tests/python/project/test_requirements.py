"""What is installed is what constraints.txt says, and dbt's short cuts are taken only with the versions that they know."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, version

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

import new_project
import quick_dbt
from warehouse import ROOT


def pinned(name: str) -> dict[str, str]:
    """Package, in lower case, and version of each line of a file of requirements."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {match[1].lower().replace("_", "-"): match[2] for line in lines if (match := re.match(r"([\w.-]+)==([^\s;]+)", line))}


def needed(package: str, found: set[str]) -> None:
    """Add what a package needs here, and what that needs in turn."""
    for text in distribution(package).requires or []:
        requirement = Requirement(text)
        name = requirement.name.lower().replace("_", "-").replace(".", "-")
        if name not in found and (not requirement.marker or requirement.marker.evaluate({**default_environment(), "extra": ""})):
            found.add(name)
            needed(name, found)


def test_everything_that_is_needed_is_pinned() -> None:
    constraints = pinned("constraints.txt")
    found = {*pinned("requirements.txt"), *pinned("requirements-dev.txt")}
    for package in sorted(found):
        try:
            needed(package, found)
        except PackageNotFoundError:
            # sqlfluffrs, which is for one system only.
            continue
    assert found - constraints.keys() == set()
    assert {name: number for name, number in constraints.items() if name in found and version(name) != number} == {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert pinned(name).items() <= constraints.items()


def test_dbts_short_cuts_know_the_pinned_versions() -> None:
    constraints = pinned("constraints.txt")
    assert {name.lower(): number for name, number in quick_dbt.VERSIONS.items()}.items() <= constraints.items()
    assert quick_dbt.versions_fit()


@pytest.mark.parametrize("package", quick_dbt.VERSIONS)
def test_with_another_version_nothing_is_replaced_or_imported(package: str) -> None:
    """With another version the modules that they come from may be elsewhere."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
import new_project
import quick_dbt
quick_dbt.VERSIONS[{package!r}] = "0.0"
quick_dbt.take_short_cuts()
assert not [name for name in sys.modules if name.split(".")[0] in ("dbt", "dbt_common", "jinja2", "dbt_short_cuts")]
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_profile_leaves_out_the_optimizer_that_may_plan_for_half_an_hour() -> None:
    """DuckDB 2.0.0's projection_placement, once in some ten builds, at did_sums: which time it is, no test can say."""
    texts = [path.read_text(encoding="utf-8") for path in [ROOT / "profiles.yml", *ROOT.glob("examples/*/profiles.yml")]]
    texts.append(new_project.PROFILE.format(name="acme"))
    outputs = [output for text in texts for profile in yaml.safe_load(text).values() for output in profile["outputs"].values()]
    settings = [output["settings"] for output in outputs if output["type"] == "duckdb"]
    assert len(settings) >= len(texts) > 2
    assert all(setting == {"TimeZone": "UTC", "disabled_optimizers": "projection_placement"} for setting in settings), settings
