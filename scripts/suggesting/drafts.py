"""Groups that were found, as segment files with `status: draft`: ready for review, and nothing acts on them before."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

import new_segment
from replacing import replacing

from .search import Group
from .table import UserTable

# The folder for each family of features that is not one of the types of segments.
FOLDERS = {"value": "customer", "marketing": "customer"}
SEGMENT = """{{{{ config(meta={{
    'label': '{label}', 'tier': 'micro', 'status': 'draft', 'owner': '{owner}',
    'goal': '{goal}',
    'action': '{action}',
    'reviewed_on': '{reviewed_on}'
}}) }}}}

{{{{ {prefix}segment(
{criteria}
) }}}}
"""
COLUMN = """      - name: {name}
        description: {words}. False if that is unknown.
"""


@dataclass(frozen=True)
class Draft:
    """A segment that is proposed: its name, its folder and the texts of its two files."""

    name: str
    kind: str
    sql: str
    yml: str
    evidence: str


def draft_of(group: Group, table: UserTable, is_package: bool) -> Draft:
    """The draft of a group. `is_package`: for a project that uses this one as a package, where macros have its name in front."""
    conditions = group.conditions
    name = "_and_".join(condition.name for condition in conditions)
    # Names are cut at a word: BI tools cut longer ones off anywhere.
    while len(name) > 60:
        name = name.rsplit("_", 1)[0]
    family = table.families.get(conditions[0].feature, "behavioral")
    words = " and ".join(condition.words for condition in conditions)
    label = table.labels[group.outcome]
    direction = "higher" if group.effect > 0 else "lower"
    more = "more" if group.effect > 0 else "less"
    criteria = ",\n".join(f'    {condition.name} = "{condition.sql}"' for condition in conditions)
    evidence = evidence_of(group, table)
    head = words[0].upper() + words[1:]
    sql = SEGMENT.format(
        label=_quoted(head),
        owner=_quoted(table.owners[group.outcome] or "product"),
        goal=_quoted(f"Find out why {label} is {direction} among them than elsewhere"),
        action=_quoted(f"Ask some of them what they do {more} than others; then write here what is done for them"),
        reviewed_on=table.data_through,
        prefix="segmentation." if is_package else "",
        criteria=criteria,
    )
    description = textwrap.fill(
        f"{new_segment.whole_description('Users for whom ' + words)} {evidence}",
        width=118,
        initial_indent=" " * 6,
        subsequent_indent=" " * 6,
        break_on_hyphens=False,
    )
    yml = new_segment.DESCRIPTION.format(name=name, description=description)
    columns = "".join(COLUMN.format(name=each.name, words=each.words[0].upper() + each.words[1:]) for each in conditions)
    yml = re.sub(r"    # Add an entry.*?(?=    columns:)", "", yml, flags=re.DOTALL)
    yml = yml.replace("      - name: is_member\n", columns + "      - name: is_member\n")
    return Draft(name, FOLDERS.get(family, family), sql, yml, evidence)


def evidence_of(group: Group, table: UserTable) -> str:
    """What speaks for a group, in a few sentences."""
    label = table.labels[group.outcome]
    sentences = [
        f"Proposed by make suggest on {table.data_through}: {int(group.users.sum()):,} users, {group.share:.1%} of all.",
        f"{label} is {_sd(group.found_effect)} from that of everybody else in the half of the accounts where it was found, "
        f"{_sd(group.confirmed_effect)} in the half that confirmed it, and {_sd(group.effect)} after shrinking; z of both halves is {_minus(f'{group.z:.1f}')}.",
    ]
    if group.also:
        also = ", ".join(f"{table.labels[name]} ({_sd(effect)})" for name, effect in group.also.items())
        sentences.append(f"They differ in {also}, too.")
    sentences.append("An association and not a cause.")
    return " ".join(sentences)


def _sd(effect: float) -> str:
    return _minus(f"{effect:+.2f} standard deviations")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _quoted(text: str) -> str:
    """A text inside single quotes of Jinja."""
    return text.replace("\\", "").replace("'", "\\'")


def problem(root: Path, draft: Draft) -> str | None:
    """Why a draft cannot be written; None if it can."""
    return new_segment.name_problem(root, draft.name)


def write(root: Path, drafts: list[Draft]) -> list[Path]:
    """Write the files of the drafts and their lines in the registry, all of them or none. Returns the SQL files."""
    registry = root / new_segment.REGISTRY
    before = text = registry.read_text(encoding="utf-8")
    written: list[Path] = []
    paths = []
    try:
        for draft in drafts:
            text = new_segment.with_line(root, text, draft.name, draft.kind)
            for ending, content in (("sql", draft.sql), ("yml", draft.yml)):
                path = root / f"models/segments/{draft.kind}/{draft.name}.{ending}"
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as file:
                    written.append(path)
                    file.write(content)
                if ending == "sql":
                    paths.append(path)
        if text != before:
            with replacing(registry, registry.stat().st_mode & 0o777) as file:
                file.write(text.encode("utf-8"))
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return paths
