"""Break one rule of the builds at a time and see whether the test that guards it turns red. Part of `make mutants`.

mutate_criteria.py and mutate_statistics.py break what one SQL expression says; here are the rules that only a whole build
shows: nothing leaks from later dates, the machine's time zone has no say, an increment ends in the rows of a full refresh,
bad input stops, the scorecard and explain_user tell the truth. Each mutant changes one place in a copy of the project and
runs one test there, so the whole list takes about half an hour.

    python scripts/mutate_builds.py [--only TEXT]

Exit status 1 if a mutant survives or its old text is not found exactly once.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Mutant(NamedTuple):
    """A place in a file, what is put there instead, and the pytest node that has to fail."""

    file: str
    old: str
    new: str
    test: str


LEAK = "tests/test_time.py::test_nothing_known_after_a_date_changes_a_row_of_it"
ZONE = "tests/test_time.py::test_marts_do_not_depend_on_the_time_zone_of_the_machine"
KILL = "tests/test_increment.py::test_build_after_a_kill_ends_in_the_same_rows"
INCREMENT = "tests/test_increment.py::test_incremental_equals_full_refresh"
SEQUENCE = "tests/test_membership.py::test_incremental_membership_equals_full_refresh_after_any_change"
ONLY_CHANGED = "tests/test_membership.py::test_only_what_changed_is_evaluated_again"
INPUT = "tests/test_input.py"
CARD = "tests/test_scorecard.py"
EXPLAIN = "tests/test_movement.py"
BEHAVIORAL = "models/features/user_behavioral_features.sql"
CUSTOMER = "models/features/user_customer_features.sql"
CHECKS = "macros/segments/scorecard_checks.sql"

MUTANTS = [
    # What becomes known later does not show at an earlier date.
    Mutant(BEHAVIORAL, "            and user_days.known_date <= dates.as_of_date\n    group by", "    group by", LEAK),
    Mutant(BEHAVIORAL, "            and sessions.known_date <= dates.as_of_date\n", "", LEAK),
    Mutant(BEHAVIORAL, "or cast(tickets.solved_at as date) > dates.as_of_date then", "then", LEAK),
    Mutant("models/features/user_key_events.sql", "            and event_days.known_date <= dates.as_of_date\n", "", LEAK),
    Mutant("macros/features/attributes_as_of.sql", "            and changes.valid_from_date <= spine.as_of_date\n", "", LEAK),
    Mutant(CUSTOMER, "inner join dates on cast(subscriptions.valid_from as date) <= dates.as_of_date", "cross join dates", LEAK),
    Mutant(CUSTOMER, "coalesce(cast(subscriptions.converted_at as date) <= dates.as_of_date, false)", "subscriptions.converted_at is not null", LEAK),
    # The time zone of the machine.
    Mutant("macros/cross_db/to_utc.sql", ") as timestamptz\n                ) at time zone 'UTC'", ") as timestamp\n                )", ZONE),
    # Increments.
    Mutant("macros/features/feature_rows.sql", "            and population.input_hash = built.input_hash\n", "", KILL),
    Mutant("models/features/user_features.sql", "            and versions.version_hash = built.version_hash\n", "", KILL),
    Mutant("models/features/user_features.sql", '"{{ segmentation.insert_other_slices() }}", ', "", INCREMENT),
    Mutant("macros/features/insert_other_slices.sql", "cast(max(as_of_date) as", "cast(min(as_of_date) as", INCREMENT),
    Mutant("macros/segments/segment_hashes.sql", "{% do basis.definitions.extend(other.definitions) %}", "", SEQUENCE),
    Mutant("macros/segments/segment_hashes.sql", "parts = [\"'\" ~ local_md5(basis.definitions | join('|')) ~ \"'\", 'date_hashes.features_hash']",
           "parts = [\"'\" ~ local_md5(basis.definitions | join('|')) ~ \"'\"]", SEQUENCE),
    Mutant("macros/segments/remove_stale_memberships.sql", "or built.segment not in ({{ segmentation.text_literals(hashes.keys()) }})", "", ONLY_CHANGED),
    Mutant("macros/segments/due_segment_dates.sql", "                and present.effective_hash = built.effective_hash\n", "", SEQUENCE),
    Mutant("macros/segments/segment_hashes.sql", "local_md5(basis.definitions | join('|'))", "local_md5(hashes | string ~ modules.datetime.datetime.now() | string)", ONLY_CHANGED),
    # Bad input.
    Mutant("macros/inputs/check_input_columns.sql", "{% if problems %}", "{% if false %}", f"{INPUT}::test_a_missing_or_renamed_column"),
    Mutant("macros/inputs/check_input_columns.sql", "score=0.4", "score=1.4", f"{INPUT}::test_a_missing_or_renamed_column"),
    Mutant("dbt_project.yml", "    +full_refresh: true\n", "    +full_refresh: false\n", f"{INPUT}::test_columns_in_another_order_on_a_used_database"),
    Mutant("dbt_project.yml", "max_rejected_share: 0.05", "max_rejected_share: 0.95", f"{INPUT}::test_too_many_unreadable_rows_stop_everything_below"),
    Mutant("dbt_project.yml", "max_gap_days: 30", "max_gap_days: 30000", f"{INPUT}::test_wrong_clock_without_arrival_times"),
    Mutant("dbt_project.yml", "max_clock_skew_minutes: 60", "max_clock_skew_minutes: 60000000", f"{INPUT}::test_dirty_rows_one_by_one"),
    # The scorecard: each check's bound.
    *(
        Mutant(CHECKS, old, new, CARD)
        for old, new in [
            ("'fails': 'users = 0'", "'fails': 'users < 0'"),
            ("'share > ' ~ var('max_segment_share')", "'share > 2 * ' ~ var('max_segment_share')"),
            ("'highest_jaccard > ' ~ var('max_jaccard')", "'highest_jaccard > 2 * ' ~ var('max_jaccard')"),
            ("'unmet_criteria_count > 0'", "'unmet_criteria_count > 1'"),
            ("'flutter_share > ' ~", "'flutter_share < ' ~"),
            ("'abs(drift) > ' ~", "'drift > ' ~"),
            ("' or (share_at_review = 0 and share > 0)'", "''"),
            ("'review_age_days > ' ~", "'review_age_days >= 2 * ' ~"),
            ("'review_age_days < 0'", "'review_age_days < -1000'"),
            ("'users between 1 and ' ~", "'users between 0 and ' ~"),
            ("\"tier = 'micro' and micro_segments > \"", "\"micro_segments > \""),
            ("'primary_segments = 0'", "'primary_segments = 1'"),
        ]
    ),
    Mutant("models/marts/segment_scorecard.sql", "previous_periods_back - periods_back > 1", "previous_periods_back - periods_back > 2", CARD),
    Mutant("models/marts/segment_scorecard.sql", "and segments.reviewed_on >= as_of_dates.as_of_date", "and segments.reviewed_on > as_of_dates.as_of_date", CARD),
    # explain_user.
    *(
        Mutant("macros/operations/explain_user.sql", old, new, EXPLAIN + " -k explain_user")
        for old, new in [
            ("('holds' if row[criterion] else 'fails')", "('fails' if row[criterion] else 'holds')"),
            ("{% if row.get('is_member') %}", "{% if not row.get('is_member') %}"),
            ("column ~ ' = ' ~ segmentation._explained_value(value)", "column ~ ' = ' ~ segmentation._explained_value(none)"),
            ("segmentation._explained_value(is_in.get('is_member', false))", "segmentation._explained_value(false)"),
            ("start = stay[0] ~ (' or before' if stay[2] else '')", "start = stay[1] ~ (' or before' if stay[2] else '')"),
            ("{% for date in dates if date > asked %}{% if loop.first %}", "{% for date in dates if date > asked %}{% if loop.last %}"),
            ("{% if known | length == 0 %}", "{% if false %}"),
        ]
    ),
]


def copy_of_project(folder: Path) -> Path:
    """A copy of the files that git tracks, with a link to the environment."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, tracked):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def tried(folder: Path, mutant: Mutant) -> tuple[bool, str]:
    """Whether a test failed on the mutant, and why, so that one can see that it failed for the right reason."""
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return False, f"old text found {text.count(mutant.old)} times"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", *mutant.test.split(" ")], cwd=folder, capture_output=True, text=True, check=False,
        )
    finally:
        path.write_text(text, encoding="utf-8")
    reasons = [line for line in done.stdout.splitlines() if line.startswith("E  ")]
    # 1: a test failed. Other codes say that no test ran.
    return done.returncode == 1, reasons[0][:150] if reasons else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"


def main() -> int:
    """Run the mutants, print one line each, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="run mutants whose file or test contains this text")
    arguments = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if arguments.only in f"{mutant.file} {mutant.test} {mutant.old}"]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = copy_of_project(Path(name))
        for mutant in chosen:
            started = time.monotonic()
            is_caught, reason = tried(folder, mutant)
            bad += not is_caught
            print(f"{'caught' if is_caught else 'SURVIVED':<9}{time.monotonic() - started:5.0f} s  {mutant.file}: {mutant.old.strip()[:70]!r}")
            print(f"    {reason}", flush=True)
    print(f"{len(chosen) - bad} of {len(chosen)} caught")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
