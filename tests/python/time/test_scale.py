"""A small form of `make benchmark` (benchmarks/builds.py) in every commit: it fails on memory or on a wrong answer, never on time."""

from __future__ import annotations

from pathlib import Path

from builds import Benchmark

# 19 dates of 30,000 users are two slices of user_features, one of them full. Of the marts those whose rows are counted account by account and
# segment by segment: most of what a build needs memory for.
UNTIL = ("metric_sums", "segment_retention", "segment_funnels")


def test_thirty_thousand_users_fit_in_a_gigabyte(tmp_path: Path) -> None:
    benchmark = Benchmark(tmp_path, users=30_000, events=300_000, periods=19, memory="1GB", until=UNTIL)
    benchmark.build("the first")
    assert benchmark.rows()["user_features"] > 500_000
    assert benchmark.wrong_answers() == []
