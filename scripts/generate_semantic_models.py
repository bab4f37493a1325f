"""Write what MetricFlow takes from the registry of metrics, macros/registries/metrics.sql.

    .venv/bin/python scripts/generate_semantic_models.py            # rewrite the generated parts
    .venv/bin/python scripts/generate_semantic_models.py --check    # exit 1 if a generated part differs from the registry

Generated are the measures and metrics of models/marts/semantic_models.yml whose entries have a field `metricflow`: a measure
that sums the metric's expression over users, a metric that shows the sum, and one that shows the sum per user if the entry has
`mean`. Each part stands between a line `Generated from macros/registries/metrics.sql: <part>` and a line `End: <part>`. The rest
of the file cannot be derived and is written by hand: entities, dimensions, and what is counted in other marts. Exit status 2 if
the registry has a faulty entry or the file lacks a part. --root FOLDER names another copy of the project.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

from generating import write_or_check
from refusal import Refusal
from registries import loaded_metrics

Metric = dict[str, Any]
REGISTRY = "macros/registries/metrics.sql"
PATH = Path("models/marts/semantic_models.yml")
# The widest line of the file.
WIDTH = 120


def part(text: str, name: str, content: str) -> str:
    """The text with another content between the two lines that mark a part."""
    pattern = rf"(^[^\n]*Generated from {re.escape(REGISTRY)}: {name}\b[^\n]*\n).*?(^[^\n]*End: {name}\b)"
    if not re.search(pattern, text, flags=re.DOTALL | re.MULTILINE):
        raise Refusal(f"{PATH}: lacks the lines `Generated from {REGISTRY}: {name}` and `End: {name}`; add them.")
    return re.sub(pattern, lambda found: found[1] + content + found[2], text, count=1, flags=re.DOTALL | re.MULTILINE)


def pair(key: str, text: str, indent: int) -> str:
    """A key and its text in YAML: in quotes only if the text needs them, folded if the line were too wide."""
    start = " " * indent + key + ": "
    try:
        is_plain = yaml.safe_load(start + text) == {key: text}
    except yaml.YAMLError:
        is_plain = False
    line = start + (text if is_plain else json.dumps(text, ensure_ascii=False))
    if len(line) <= WIDTH:
        return line
    inner = " " * (indent + 2)
    return f"{start}>-\n" + textwrap.fill(text, WIDTH, initial_indent=inner, subsequent_indent=inner, break_on_hyphens=False)


def measure(metric: Metric) -> str:
    """The measure of a metric: its expression, summed over the users of the last date queried."""
    return "\n".join(
        [
            f"      - name: {metric['name']}",
            "        agg: sum",
            pair("expr", metric["expression"], 8),
            pair("description", metric["metricflow"]["description"], 8),
            "        non_additive_dimension: *at_the_last_date\n",
        ]
    )


def shown(metric: Metric) -> str:
    """The metrics of MetricFlow that show a metric: its sum over users, and per user if the entry has `mean`."""
    lines = [
        f"  - name: {metric['name']}",
        pair("label", metric["label"], 4),
        pair("description", metric["metricflow"]["description"], 4),
        "    type: simple",
        f"    type_params: {{measure: {metric['name']}}}",
    ]
    if "mean" in metric["metricflow"]:
        mean = metric["metricflow"]["mean"]
        lines += [
            f"  - name: {mean['name']}",
            pair("label", mean["label"], 4),
            pair("description", mean["description"], 4),
            "    type: ratio",
            f"    type_params: {{numerator: {metric['name']}, denominator: users}}",
        ]
    return "\n".join([*lines, ""])


def generated(root: Path) -> dict[Path, str]:
    """The file with generated parts, and the text that it must have."""
    metrics = [metric for metric in loaded_metrics(root) if "metricflow" in metric]
    if not (root / PATH).exists():
        raise Refusal(f"{PATH} is missing.")
    text = (root / PATH).read_text(encoding="utf-8")
    text = part(text, "measures", "".join(map(measure, metrics)))
    return {PATH: part(text, "metrics", "".join(map(shown, metrics)))}


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, REGISTRY, generated))
