"""docs/guides-checked.md: every row of the review is there, and what shows it is there too and says what the row claims."""

from __future__ import annotations

import re

import duckdb
import pytest

from warehouse import ROOT, Warehouse

PAGE = ROOT / "docs/guides-checked.md"
# The rows of the review, by the guides' parts, and what they imply.
REVIEWED = {
    "T": "8 10 17 24 37 42 44 45 46 48",
    "X": "1 3 5 7 15 16 17 18 19 20 21 22 23",
    "S": "1 2 5 6 7 8 9 12 14 15",
    "M": "6 10 13 14 23 24 26",
    "P": "1 2 3 5 6 9 10 11 14 15 19 21 22 23 24",
    "B": "1 2 4 5 7 8 9 10 11",
    "K": "3 4 7 8",
    "U": "1 2 4 6 7 8",
    "I": "1 2 3 4 5 6 7 8",
}


def rows() -> list[tuple[str, str, str]]:
    """Row, answer, and what shows it."""
    lines = re.findall(r"^\| ([A-Z]\d+) \| [^|]+ \| (\w+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(name, answer, shown) for name, answer, shown in lines]


def test_every_row_of_the_review_has_an_answer() -> None:
    names = [name for name, _, _ in rows()]
    assert names == [f"{part}{number}" for part, numbers in REVIEWED.items() for number in numbers.split()]
    answers = [answer for name, answer, _ in rows() if name[0] != "I"]
    counts = {answer: answers.count(answer) for answer in ("yes", "part", "no")}
    assert sum(counts.values()) == len(answers) == 74
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"Of the 74 rows {counts['yes']} are yes, {counts['part']} in part and {counts['no']} no." in text


def test_what_shows_a_row_is_there_and_says_so(sample_warehouse: Warehouse) -> None:
    answer_of = {name: answer for name, answer, _ in rows()}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    macros = {path.stem for path in (ROOT / "macros").rglob("*.sql")}
    wrong, queries = [], 0
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        for name, answer, shown in rows():
            evidence = [answer_of[other] == "yes" for other in re.findall(r"\bas ([A-Z]\d+)", shown)]
            for code in re.findall(r"`([^`]+)`", shown):
                if code.startswith("select "):
                    queries += 1
                    found = connection.execute(code)
                    columns = [column[0] for column in found.description]
                    cells = list(zip(*found.fetchall()))
                    known = [any(cell is not None for cell in column) for column in cells]
                    holds = [cell for column, values in zip(columns, cells) if column == "holds" for cell in values]
                    evidence.append(bool(known) and all(known) and all(holds))
                elif code.startswith("make "):
                    evidence.append(code.split()[1] in targets)
                elif re.fullmatch(r"\w+\(\)", code):
                    evidence.append(code[:-2] in macros)
                elif "/" in code and "." in code:
                    evidence.append((ROOT / code).is_file())
            wrong += [(name, shown)] if not all(evidence) or (answer == "yes" and not evidence) else []
    assert wrong == [] and queries > 40


# Columns that are NULL in every row of the sample, and tables without a row, each with its reason.
EMPTY = {
    "source_changes": "nothing was corrected after the sample was first built",
    "input_drift.remark": "nothing is sudden in the sample",
    "input_summary.late_tool": "nothing holds the sample back",
    "left_out_rows": "the sample has no rules of who is not people",
    "input_summary.commonest_unknown_cause": "no unknown id of the sample resembles a known one",
    "unknown_ids.likely_cause": "likewise",
    "unknown_ids.likely_id": "likewise",
    "account_call_list.last_contacted_on": "its one past delivery was of advertisements, not of calls",
}
# What other marts are computed from: places for more features than the sample has, and sums of accounts where users were assigned.
COMPUTED_FROM = r"(campaign_outcomes|churn_starts|churn_values|cluster_values|experiment_outcomes)\..*"


def test_no_column_of_the_sample_is_null_everywhere_and_no_segment_is_empty(sample_warehouse: Warehouse) -> None:
    empty = []
    tables = [
        f"{schema}.{name}"
        for schema, name in sample_warehouse.query(
            "select table_schema, table_name from information_schema.tables where table_schema in ('marts', 'features') order by all"
        )
    ]
    with duckdb.connect(str(sample_warehouse.database), read_only=True) as connection:
        for table in tables:
            columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
            name = table.split(".")[1]
            counts = connection.execute(f"select count(*), {', '.join(f'count({column})' for column in columns)} from {table}").fetchone()
            assert counts is not None
            empty += [name] if counts[0] == 0 else [f"{name}.{column}" for column, known in zip(columns, counts[1:]) if known == 0]
    assert {name for name in empty if not re.fullmatch(COMPUTED_FROM, name)} == set(EMPTY) and len(tables) > 90
    sizes = dict(sample_warehouse.query("select segment, users from marts.segment_sizes where as_of_date = data_through"))
    assert [segment for segment, users in sizes.items() if users == 0] == [] and len(sizes) > 20


@pytest.mark.parametrize("row", ["X1", "X3", "X5"])
def test_a_row_that_does_not_hold_is_found(sample_warehouse: Warehouse, row: str) -> None:
    """The queries that must find nobody look at something: without the last condition they find people."""
    [shown] = [shown for name, _, shown in rows() if name == row]
    [query] = [code for code in re.findall(r"`([^`]+)`", shown) if code.startswith("select ")]
    [(holds,)] = sample_warehouse.query(re.sub(r" and (not contains|\(nps|\(revenue).*", "", query))
    assert holds is False
