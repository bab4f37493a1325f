"""Run a command of the environment, dbt or sqlfluff, with a garbage collector that looks less often.

Both make millions of objects that stay until the end, and Python looks through all of them again and again: a quarter of
dbt's time, a third of sqlfluff's. Their results are the same; memory grows by about 200 MB.

    python scripts/run_tool.py dbt build --target ci
    python scripts/run_tool.py sqlfluff lint models
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib.metadata import entry_points
from typing import Any

# Models that loop over the metrics, several long columns for each.
REPEATED_BY_METRIC = ("account_changes", "account_sums", "change_sums", "design_effects", "did_sums", "metric_sums")
# Models that loop over the segments: the same text for each, with the names of its criteria.
REPEATED_BY_SEGMENT = ("segment_attrition", "segment_scorecard")
# Macros that return one expression of their arguments, thousands of characters long.
FORMULAS = (
    "chi_square_tail",
    "log_lift_bound",
    "mean_difference_margin",
    "newcombe_bound",
    "normal_quantile",
    "normal_two_sided_p",
    "skewed_score",
    "student_t_quantile",
    "student_t_two_sided_p",
    "two_tails_p",
    "weighted_chi_square_tail",
    "wilson_bound",
)
# What of a metric decides what these models say of it.
SORT_OF_METRIC = ("kind", "level", "is_heavy_tailed")


def relax_garbage_collection() -> None:
    """Leave what was imported out of the collector's sight, and have it look at the rest a hundredth as often."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    # Or DuckDB's bindings call what is left at the end a leak.
    atexit.register(gc.unfreeze)


def arrange_once() -> None:
    """sqlfluff: four rules of layout ask for the same arrangement of the same tree, a quarter of its time. Keep the last one.

    For linting only: fixing changes trees.
    """
    from sqlfluff.utils.reflow.sequence import ReflowSequence

    arrange = ReflowSequence.from_root
    last: list[Any] = [None, None, None]

    def from_root(cls: type, root_segment: Any, config: Any) -> Any:
        if last[0] is not root_segment or last[1] is not config:
            last[:] = [root_segment, config, arrange(root_segment, config)]
        return last[2]

    ReflowSequence.from_root = classmethod(from_root)  # type: ignore[method-assign, assignment]


def find_by_identity() -> None:
    """sqlfluff: LT09 looks for each column of a SELECT in the list of all, and compares positions where it could ask which object it is."""
    from sqlfluff.utils.functional.segments import Segments

    def index(self: Any, segment: Any, *bounds: int) -> int:
        if not bounds:
            for place, other in enumerate(self):
                if other is segment:
                    return place
        return tuple.index(self, segment, *bounds)

    Segments.index = index  # type: ignore[assignment]


def analyze_once() -> None:
    """sqlfluff: seven rules ask what a SELECT reads and names, a quarter of its time. Keep the answers for the last statements."""
    from sqlfluff.utils.analysis import query, select

    analyze = select.get_select_statement_info
    known: dict[tuple[int, bool], tuple[Any, Any]] = {}

    def get_select_statement_info(segment: Any, dialect: Any, early_exit: bool = True) -> Any:
        key = (id(segment), early_exit)
        if key not in known:
            if len(known) > 1000:
                known.clear()
            # With the segment, so that no other one gets its id.
            known[key] = segment, analyze(segment, dialect, early_exit)
        answer = known[key][1]
        # Lists of their own: a rule may change them.
        return answer and type(answer)(answer.select_statement, *(list(part) for part in answer[1:]))

    # Before the rules are imported, each of which takes it from there.
    for module in (select, query):
        module.get_select_statement_info = get_select_statement_info  # type: ignore[attr-defined]


def read_few_of_many() -> None:
    """sqlfluff: eight models repeat the same long text for each metric or segment, half of its time. There it reads metrics
    that have each kind, level and tail between them (in metric_rulers the SQL of every metric), and three segments."""
    from dbt.clients.jinja import MacroGenerator

    call = MacroGenerator.__call__

    def call_macro(self: Any, *arguments: Any, **options: Any) -> Any:
        answer = call(self, *arguments, **options)
        if self.macro.unique_id == "macro.segmentation.metrics" and getattr(self.node, "name", None) in REPEATED_BY_METRIC:
            seen: set[tuple[str, Any]] = set()
            few = []
            for entry in answer:
                says = {(key, entry[key]) for key in SORT_OF_METRIC}
                if not says <= seen:
                    few.append(entry)
                    seen |= says
            return few
        if self.macro.unique_id == "macro.segmentation.segments_in_use" and getattr(self.node, "name", None) in REPEATED_BY_SEGMENT:
            return answer[:3]
        return answer

    MacroGenerator.__call__ = call_macro  # type: ignore[method-assign]


def say_formulas_shortly() -> None:
    """sqlfluff: reports nothing of what a macro returns, but reads it. Of a formula it reads the arguments."""
    from dbt.clients.jinja import MacroGenerator

    call = MacroGenerator.__call__

    def call_macro(self: Any, *arguments: Any, **options: Any) -> Any:
        answer = call(self, *arguments, **options)
        if self.macro.name in FORMULAS and self.macro.package_name == "segmentation":
            told = [str(argument) for argument in (*arguments, *options.values()) if argument not in ("lower", "upper")]
            return f"coalesce({', '.join(told)})"
        return answer

    MacroGenerator.__call__ = call_macro  # type: ignore[method-assign]


def main() -> int:
    """Run the command; its exit status."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    del sys.argv[0]
    found = list(entry_points(group="console_scripts", name=sys.argv[0]))
    if not found:
        print(f"Command {sys.argv[0]!r} is not installed beside {sys.executable}.", file=sys.stderr)
        return 2
    command = found[0].load()
    relax_garbage_collection()
    if sys.argv[:2] == ["sqlfluff", "lint"]:
        arrange_once()
        find_by_identity()
        analyze_once()
        read_few_of_many()
        say_formulas_shortly()
    if sys.argv[:2] == ["sqlfluff", "lint"] or "QUICK_DBT" in os.environ:
        # sqlfluff's templater asks dbt for the SQL of each file.
        from quick_dbt import take_short_cuts

        take_short_cuts(debug_log=False)
    return command()


if __name__ == "__main__":
    sys.exit(main())
