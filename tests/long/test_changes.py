"""Membership is incremental, and always what a full refresh gives: everything that can change, one by one, in a random order.

MEMBERSHIP_SEED repeats an order.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import test_membership

from warehouse import Warehouse, small_company

SEED = int(os.environ.get("MEMBERSHIP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def test_incremental_equals_full_refresh_after_each_change(tmp_path: Path) -> None:
    print(f"  seed {SEED}", flush=True)
    warehouse = Warehouse(tmp_path / "grown", {"steady_days": 5, "segment_lint": "warn"}, copied=("models", "macros"))
    for happened, found in test_membership.changes_and_differences(warehouse, small_company(), SEED, len(test_membership.ACTIONS)):
        print(f"  {happened}", flush=True)
        assert found == [], f"after {happened}, seed {SEED}"
