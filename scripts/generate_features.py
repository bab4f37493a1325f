"""Write what is derived from the registry of features, macros/registries/features.sql.

    .venv/bin/python scripts/generate_features.py            # rewrite the generated parts
    .venv/bin/python scripts/generate_features.py --check    # exit 1 if a generated part differs from the registry

Generated are the columns of features in the YAML of each family, of user_features and of users, the columns of
user_features that are never NULL, the doc blocks of features, and the tables of docs/features.md. Each part stands between a line
`Generated from macros/registries/features.sql: <part>` and a line `End: <part>`; what is outside of them is written by hand.
Exit status 2 if the registry has a faulty entry or a file lacks its part. --root FOLDER names another copy of the project.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import Any

from generating import write_or_check
from refusal import Refusal
from registries import loaded_features

Feature = dict[str, Any]
REGISTRY = "macros/registries/features.sql"
# The widest line of a text; YAML that is wider is folded.
WIDTH = 120
FEATURES = Path("models/features")


def part(text: str, name: str, content: str, path: Path) -> str:
    """The text with another content between the two lines that mark a part."""
    pattern = rf"(^[^\n]*Generated from {re.escape(REGISTRY)}: {name}\b[^\n]*\n).*?(^[^\n]*End: {name}\b)"
    if not re.search(pattern, text, flags=re.DOTALL | re.MULTILINE):
        raise Refusal(f"{path}: lacks the lines `Generated from {REGISTRY}: {name}` and `End: {name}`; add them.")
    return re.sub(pattern, lambda found: found[1] + content + found[2], text, count=1, flags=re.DOTALL | re.MULTILINE)


def plain_labels(feature: Feature) -> list[str]:
    """The labels that are all a text may hold; none if some stand for several."""
    labels = [label for label, _ in feature.get("labels", []) if label != "null"]
    return labels if all(re.fullmatch(r"[a-z0-9_]+", label) for label in labels) else []


def accepted(feature: Feature) -> str:
    """The arguments of the test accepted_values of a feature; empty if it has none."""
    if feature["type"] == "string" and plain_labels(feature):
        # What starts with a digit is no text in every YAML.
        return ", ".join(f'"{label}"' if label[0].isdigit() else label for label in plain_labels(feature))
    if feature["type"] == "bigint" and "labels" in feature and feature["bounds"] and None not in feature["bounds"]:
        low, high = feature["bounds"]
        return ", ".join(str(value) for value in range(low, high + 1))
    return ""


def column(feature: Feature, *, typed: bool = False, tested: bool = False) -> str:
    """A column in a model's YAML: with its type and constraint if typed, with its test if tested."""
    lines = [f"      - name: {feature['name']}"]
    if typed:
        lines.append(f"        data_type: {feature['type']}")
    lines.append(f"        description: \"{{{{ doc('feature_{feature['name']}') }}}}\"")
    if typed and not feature["can_be_null"]:
        lines.append("        constraints: [{type: not_null, warn_unsupported: false}]")
    if feature["privacy"]:
        lines.append(f"        config: {{meta: {{privacy: {feature['privacy']}}}}}")
    if tested and accepted(feature):
        quote = "" if feature["type"] == "string" else ", quote: false"
        lines += ["        data_tests:", f"          - accepted_values: {{arguments: {{values: [{accepted(feature)}]{quote}}}}}"]
    return "\n".join(lines) + "\n"


def never_null(features: list[Feature]) -> str:
    """The test that guards the columns of user_features that are never NULL."""
    names = ", ".join(["user_id", "as_of_date"] + [feature["name"] for feature in features if not feature["can_be_null"]])
    line = f"      - no_nulls: {{arguments: {{columns: [{names}]}}}}\n"
    if len(line) <= WIDTH:
        return line
    indent = " " * 14
    wrapped = textwrap.fill(names + ",", WIDTH - 20, initial_indent=indent, subsequent_indent=indent)
    return f"      - no_nulls:\n          arguments:\n            columns: [\n{wrapped}\n            ]\n"


def doc_block(feature: Feature) -> str:
    """The doc block of a feature: its description, and its labels as a table."""
    lines = ["", f"{{% docs feature_{feature['name']} %}}", textwrap.fill(feature["description"], WIDTH, break_on_hyphens=False)]
    if "labels" in feature:
        lines += ["", f"| {feature['name']} | meaning |", "|---|---|"]
        for label, meaning in feature["labels"]:
            is_value = feature["type"] in ("string", "boolean") and re.fullmatch(r"(?!null$)[a-z0-9_]+", label)
            lines.append(f"| {f'`{label}`' if is_value else label} | {meaning} |")
    return "\n".join([*lines, "{% enddocs %}", ""])


def short_names(names: list[str]) -> str:
    """Names as a list; windows of one count are shortened: events_7d, _28d, _91d."""
    shown: list[str] = []
    for previous, name in zip(["", *names], names):
        stem, window = re.fullmatch(r"(.*?)(_[0-9]+d)?", name).groups()  # type: ignore[union-attr]
        shown.append(window if window and re.fullmatch(rf"{stem}_[0-9]+d", previous) else name)
    return ", ".join(shown)


def definitions(features: list[Feature]) -> str:
    """The table of a family in docs/features.md; features with one definition share a row."""
    rows: dict[str, list[str]] = {}
    for feature in features:
        rows.setdefault(feature["definition"], []).append(feature["name"])
    lines = ["| column | definition |", "|---|---|"]
    return "\n".join(lines + [f"| {short_names(names)} | {text} |" for text, names in rows.items()]) + "\n"


def generated(root: Path) -> dict[Path, str]:
    """Each file with generated parts, and the text that it must have."""
    features = loaded_features(root)
    families: dict[str, list[Feature]] = {}
    for feature in features:
        families.setdefault(feature["family"], []).append(feature)
    parts: dict[Path, dict[str, str]] = {
        FEATURES / "user_features.yml": {
            "never null": never_null(features),
            "columns": "".join(column(feature, tested=True) for feature in features),
        },
        Path("models/marts/membership/users.yml"): {"columns": "".join(column(feature, typed=True) for feature in features)},
        FEATURES / "features.md": {"descriptions": "".join(map(doc_block, features))},
        Path("docs/features.md"): {family: definitions(members) for family, members in families.items()},
    }
    for family, members in families.items():
        parts[FEATURES / f"user_{family}_features.yml"] = {"columns": "".join(map(column, members))}
    texts = {}
    for path, contents in parts.items():
        if not (root / path).exists():
            raise Refusal(f"{path} is missing.")
        texts[path] = (root / path).read_text(encoding="utf-8")
        for name, content in contents.items():
            texts[path] = part(texts[path], name, content, path)
    return texts


if __name__ == "__main__":
    sys.exit(write_or_check(__doc__, REGISTRY, generated))
