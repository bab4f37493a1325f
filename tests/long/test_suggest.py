"""What `make suggest` finds, in numbers: a hundred samples of 2,000 users in 400 accounts for each size of a planted group, and a hundred
without one. docs/review.md prints them.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from made_up_groups import made_up
from project_place import Place
from suggest import suggest
from suggesting.search import jaccard, search
from warehouse import ROOT, Inputs, Warehouse

SAMPLES = 100
PAGE = (ROOT / "docs/review.md").read_text(encoding="utf-8")


def searched(share: float, is_hard: bool = False) -> tuple[int, int]:
    """In how many samples the group is found, and how many other proposals there are."""
    found = others = 0
    for seed in range(SAMPLES):
        sample = made_up(seed, (share,), is_hard)
        groups = search(sample.features, sample.outcomes, sample.accounts)
        right = [jaccard(sample.planted[share], group.users) >= 0.7 for group in groups]
        found, others = found + any(right), others + right.count(False)
    print(f"{share:.0%}, hard: {is_hard}: found in {found} of {SAMPLES}, {others} other proposals")
    return found, others


def test_groups_of_five_percent_and_more_are_found_and_few_others() -> None:
    numbers = {share: searched(share) for share in (0.02, 0.05, 0.1, 0.2)}
    assert all(found >= 80 for share, (found, _) in numbers.items() if share >= 0.05)
    right, others = (sum(each[place] for each in numbers.values()) for place in (0, 1))
    assert right / (right + others) >= 0.8
    said = {
        int(share) / 100: (int(found), int(more))
        for share, found, more in re.findall(r"^\| (\d+) % \| (\d+) \| (\d+) \|$", PAGE, flags=re.MULTILINE)
    }
    assert said == numbers


def test_more_questions_cost_certainty() -> None:
    found, others = searched(0.05, is_hard=True)
    assert f"a group of 5 % is found in\n{found}:" in PAGE and found / (found + others) >= 0.8


def test_where_nothing_is_a_proposal_is_rare() -> None:
    samples = [made_up(seed, ()) for seed in range(SAMPLES)]
    proposals = sum(bool(search(sample.features, sample.outcomes, sample.accounts)) for sample in samples)
    print(f"a proposal in {proposals} of {SAMPLES} samples of noise")
    assert proposals <= 10 and f"without any difference, {proposals} got a proposal" in PAGE


def test_the_sample_is_searched_within_two_minutes_and_what_is_written_builds(tmp_path: Path, sample: Inputs) -> None:
    warehouse = Warehouse(tmp_path / "project", {}, ("models", "macros"), analysis=True)
    warehouse.write_inputs(sample)
    warehouse.build("--exclude-resource-type", "unit_test", "test")
    # The sample has a draft of its own.
    before = {name for (name,) in warehouse.query("select segment from marts.segment_drafts")}
    started = time.monotonic()
    said = suggest(Place(warehouse.folder, warehouse.database), 2, is_dry=False)
    assert time.monotonic() - started < 120
    print(said)
    names = re.findall(r"^Wrote +models/segments/\w+/(\w+)\.sql", said, flags=re.MULTILINE)
    assert names
    warehouse.build("--select", "segment_drafts", *names, "--exclude-resource-type", "unit_test")
    drafts = dict(warehouse.query("select segment, users from marts.segment_drafts"))
    assert drafts.keys() - before == set(names) and all(int(re.findall(r": ([\d,]+) users", line)[0].replace(",", "")) in drafts.values()
        for line in said.splitlines() if "Proposed by" in line)  # fmt: skip
    # Looked for again, they are known.
    assert not re.search(r"^Wrote ", suggest(Place(warehouse.folder, warehouse.database), 2, is_dry=True), flags=re.MULTILINE)
