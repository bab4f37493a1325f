"""What Spark and DuckDB do differently without a word, as one table of cases that both must answer alike.

Each row is a macro (or plain SQL that our models use) and inputs; both engines run what the macro writes for them.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from render_macros import loaded_macros, macro_texts

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("duckdb", "spark")

TEXTS = (
    None, "", " ", "a", "A b", "O'Brien", 'say "hi"', "back\\slash", "\\d+", "tab\there", "line\nbreak", "\u00a0edge\u00a0", "\u200bzero", "Zoë", "İstanbul",
    "ǅ", "%", "_", "$1", "a|b", "--", "/* x */", "{}", "[]", "null", "NULL", "trailing ", " leading", "\ufeffbom",
)  # fmt: skip
TIMES = (
    None, "", "2026-03-01", "2026-03-01 10:00", "2026-03-01 10:00:00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+02:00",
    "2026-03-01T10:00:00.123456789Z", "2026-03-01 10:00:00.5", "2026-03-01 10:00:00,5", "2026-03-01 10:00:00 UTC", "2026-03-01 10:00:00 +0200",
    "2026-03-01 10:00:00+02", "2026-03-01 10:00:00 -05", "2026-03-01T10:00:00-0530", "2026-03-01t10:00:00z", "2026-03-01 24:00:00", "2026-02-30", "2026-13-01",
    "10:00:00", "10:00 PM", "2026-03-01 10:00 PM", "today", "now", "infinity", "-infinity", "epoch", "20260301", "1772366400", "2026-3-1",
    "2026-03-01 10:00:00 Europe/Berlin", "2026-03-29 02:30:00", "2026-10-25 02:30:00", "1899-12-31", "2026-03-01 10:00:00+14:00", "2026-03-01 10:00:00+15:00",
    "9999-12-31", "2300-01-01", "2026-03-01T10:00:00.Z", " 2026-03-01", "2026-03-01 ",
)  # fmt: skip
NUMBERS = (
    None, "", "0", "-0", "1", "+1", "1.0", "1.5", "2.5", "-2.5", "1e3", "1E+3", "1.5e1", "1e-3", "1e400", "1d", "1f", "1L", "0x10", "1_000", "1,000", "١", "NaN", "nan",
    "inf", "Infinity", "-inf", ".5", "5.", ".", "1 ", " 1", "1\n", "999999999999999999", "1000000000000000", "1000000000000001", "12345678901234.56789", "0.00005",
    "0.00004", "-0.00005", "1e15", "1.00000000000000001e0", "true", "1/2", "--1", "1e5.5",
)  # fmt: skip
JSONS = (
    None, "", "{}", '{"plan": "pro"}', '{"plan": {"name": "pro"}}', '{"plan.name": "dotted"}', '{"plan": null}', '{"plan": ["a", "b"]}', '{"plan": []}', '{"plan": 1}',
    '{"plan": 1.50}', '{"plan": true}', '{"plan": "1e3"}', '{"plan": "it\'s"}', '{"plan": "a\\"b"}', '{"plan": "pro"', '{"plan": "pro"} x', "[1, 2]", "null", "{'plan': 'pro'}",
    "{'plan': None, 'on': True}", '"{\\"plan\\": \\"pro\\"}"', "{'it''s': 1}", '{"plan": "x", "plan": "y"}', '{"Plan": "upper"}',
)  # fmt: skip
EMAILS = (
    None, "", "ada@example.com", " Ada@Example.COM ", "a.d.a+x@gmail.com", "+x@gmail.com", "...@googlemail.com", "ada@example", "ada@@example.com",
    "ada@example.com\n", "ada@exa mple.com", "KELVIN\u212a@example.com", "İ@example.com", "o'brien@example.com", "a@b.c" + "d" * 70, "\u00a0ada@example.com",
)  # fmt: skip
IDS = (None, "", "007", "7.0", "7", " 7 ", '"7"', "'7'", "`7`", "\u200b7", "A7", "0", "00", "0.0", "7.50", "7.000")

CASES: tuple[tuple[str, tuple, tuple], ...] = (
    ("as_json_text", (), TEXTS),
    ("comparable_id", (), IDS),
    ("contains_word", ("O'Brien",), TEXTS),
    ("contains_word", ("a.b",), ("a.b", "axb", "xa.b", "a.b.", None)),
    ("has_utc_offset", (), TIMES),
    ("hash_half", (), TEXTS),
    ("hash_share", (), TEXTS),
    ("is_email", (), EMAILS),
    ("is_like_one", (["a*", "o'brien", "100%", "_"],), TEXTS),
    ("is_plain_cell", (), TEXTS),
    ("list_text", (), ("a, B ,a", "x; y;x", "[]", '["b", "a", "b"]', "[a, b]", "", None, ",", "a", " ; ", '["a;b"]')),
    ("lower_address", (), TEXTS + EMAILS),
    ("normalized_email", ("plain",), EMAILS),
    ("normalized_email", ("google",), EMAILS),
    ("sha256_hex", (), TEXTS),
    ("to_boolean", (), ("true", "T", "yes", "0", "1.0", "no", "", None, "maybe", " true")),
    ("to_json_object", (), JSONS),
    ("to_number", ("integer",), NUMBERS),
    ("to_number", ("money",), NUMBERS),
    ("to_number", ("double",), NUMBERS),
    ("to_number", ("double", False), NUMBERS),
    ("to_utc", (), TIMES),
    ("to_utc", ("Europe/Berlin",), TIMES),
    ("to_utc", ("America/New_York", True), TIMES),
    ("to_utc", ("UTC", False, "Australia/Sydney"), TIMES),
    ("to_day", (), TIMES),
    ("trimmed_text", (), TEXTS),
    ("words", (), TEXTS),
)
IN_JSON: tuple[tuple[str, tuple], ...] = (
    ("event_property", ("plan",)),
    ("event_property", ("plan.name",)),
    ("event_property", ("plan", "double")),
    ("event_property", ("plan", "boolean")),
    ("property_contains", ("plan", ["a", "it's"])),
    ("property_contains", ("plan.name", ["pro"])),
)


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A session with the settings of the profile but those that say where tables are."""
    # Never a skip: whoever calls these tests wants them to run.
    assert shutil.which("java"), "Spark needs Java 17 or later, and there is no `java` here."
    from pyspark.sql import SparkSession

    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))
    settings = profile["segmentation"]["outputs"]["spark"]["server_side_parameters"]
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        if name.startswith("spark.sql.") and "{{" not in value and name != "spark.sql.catalogImplementation":
            builder = builder.config(name, value)
    session = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR").getOrCreate()
    yield session
    session.stop()


def macros(engine: str) -> dict[str, Any]:
    """The project's macros as they write SQL for an engine."""
    variables: dict[str, Any] = {}
    return loaded_macros(macro_texts(ROOT), variables, engine=engine)


MACROS = {engine: macros(engine) for engine in ENGINES}


def plain(value: Any) -> Any:
    """A value without what the two drivers show differently."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return (int(value) if value == value.to_integral_value() else float(value)) if isinstance(value, Decimal) else value


def answers(spark: Any, sql: dict[str, str], column: str, values: tuple) -> dict[str, list]:
    """What both engines say to an expression over a column of texts."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"create table given (place integer, {column} varchar)")
    connection.executemany("insert into given values (?, ?)", [[place, value] for place, value in enumerate(values)])
    relation = "given as activity" if column == "properties" else "given"
    found = {"duckdb": connection.execute(f"select {sql['duckdb']} from {relation} order by place").fetchall()}
    connection.close()
    spark.createDataFrame(list(enumerate(values)), f"place int, {column} string").createOrReplaceTempView("given")
    found["spark"] = spark.sql(f"select {sql['spark']} as answer from {relation} order by place").collect()
    return {engine: [plain(row[0]) for row in rows] for engine, rows in found.items()}


def differences(spark: Any, sql: dict[str, str], column: str, values: tuple) -> list:
    found = answers(spark, sql, column, values)
    return [(value, left, right) for value, left, right in zip(values, found["duckdb"], found["spark"], strict=True) if left != right]


@pytest.mark.parametrize(("macro", "arguments", "values"), CASES, ids=[f"{name} {arguments}" for name, arguments, _ in CASES])
def test_a_macro_of_a_text_says_the_same_on_both_engines(spark: Any, macro: str, arguments: tuple, values: tuple) -> None:
    sql = {engine: str(MACROS[engine][macro]("given_text", *arguments)).strip() for engine in ENGINES}
    assert differences(spark, sql, "given_text", values) == []


@pytest.mark.parametrize(("macro", "arguments"), IN_JSON, ids=[f"{name} {arguments}" for name, arguments in IN_JSON])
def test_properties_say_the_same_on_both_engines(spark: Any, macro: str, arguments: tuple) -> None:
    sql = {engine: str(MACROS[engine][macro](*arguments)).strip() for engine in ENGINES}
    assert differences(spark, sql, "properties", JSONS) == []


@pytest.mark.parametrize("text", [text for text in TEXTS if text is not None])
def test_a_text_as_a_literal_is_that_text(spark: Any, text: str) -> None:
    sql = {engine: str(MACROS[engine]["text_literal"](text)) for engine in ENGINES}
    assert answers(spark, sql, "given_text", ("",)) == {"duckdb": [text], "spark": [text]}


def one(spark: Any, sql: str) -> Any:
    return plain(spark.sql(sql).collect()[0][0])


def test_a_fingerprint_counts_null(spark: Any) -> None:
    """hash() and xxhash64() of Spark skip NULL: what moved from one column into the next would look unchanged."""
    fingerprint = MACROS["spark"]["fingerprint"]
    texts = [(None, "a"), ("a", None), ("", "a"), ("a", ""), (None, None), ("", ""), ("ab", ""), ("a", "b"), ("b", "a")]
    literal = {None: "cast(null as string)"} | {text: f"'{text}'" for text in ("", "a", "b", "ab")}
    found = {one(spark, f"select {fingerprint([literal[left], literal[right]])}") for left, right in texts}
    assert len(found) == len(texts) and all(0 <= value < 2**63 for value in found)
    sums = MACROS["spark"]["fingerprint_sum"]("value")
    assert one(spark, f"select {sums} from (select 9223372036854775807 as value from range(4)) as x") == 4 * (2**63 - 1)
    assert one(spark, f"select {sums} from (select 1L as value from range(0)) as x") == 0


def test_a_list_is_in_its_order(spark: Any) -> None:
    listed = MACROS["spark"]["listed_in_order"]("word")
    words = "(select explode(array('b', 'a', null, 'C', 'b')) as word) as words"
    assert one(spark, f"select {listed} from {words}") == "C, a, b, b"
    assert one(spark, f"select {listed} from {words} where word is null") is None


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 / 2",
        "select round(2.5e0), round(-2.5e0), round(1.25e0, 1)",
        "select cast(date_trunc('week', cast('2026-03-01' as date)) as date)",
        "select cast(date_trunc('month', cast('2026-03-31' as date)) as date)",
        "select count(*) from (select null as a union all select null as a) as x where a is null",
        "select coalesce(null || 'a', 'none')",
        "select sum(a) from (select 1 as a where 1 = 0) as x",
        "select max(a) from (select 'a' as a union all select 'Z' as a union all select 'ä' as a) as x",
        "select count(distinct a) from (select null as a union all select 1 as a union all select 1 as a) as x",
        "select power(2e0, 5e-1), ln(2e0), exp(1e0), sqrt(2e0)",
        "select mod(-7, 3), floor(-5e-1), ceil(-5e-1), sign(-2e0)",
        "select greatest(1, null), least(1, null)",
        "select case when cast(null as boolean) then 1 else 2 end, nullif(1, 1)",
        "select 'a' = 'a ', 'a' = 'A', '' is null",
        "select substr('abc', 1, 2), substr('abc', 2), length('Zoë'), left('abc', 2), right('abc', 2)",
    ],
)
def test_plain_sql_of_our_models_says_the_same(spark: Any, sql: str) -> None:
    connection = duckdb.connect()
    left = [plain(value) for value in connection.execute(sql).fetchall()[0]]
    connection.close()
    # exp() and its like differ in the last digit.
    right = [pytest.approx(value, rel=1e-15) if isinstance(value, float) else plain(value) for value in spark.sql(sql).collect()[0]]
    assert left == right


def test_null_comes_last_where_the_models_order(spark: Any) -> None:
    """Spark sorts NULL first: an ascending order of a column that may be NULL says `nulls last`."""
    rows = spark.sql("select a from (select explode(array(2, null, 1)) as a) as x order by a nulls last").collect()
    assert [row[0] for row in rows] == [1, 2, None]


def test_dates_and_times(spark: Any) -> None:
    both = MACROS
    for name, arguments in (
        ("days_before", ("cast('2026-03-01' as date)", 1)),
        ("days_between", ("cast('2026-03-01' as date)", "cast('2026-02-27' as date)")),
        ("microseconds_between", ("cast('2026-03-01' as timestamp)", "cast('2026-03-01 00:00:01.5' as timestamp)")),
        ("week_start", ("cast('2026-03-01' as date)",)),
    ):
        with duckdb.connect() as connection:
            left = connection.execute(f"select {both['duckdb'][name](*arguments)}").fetchall()[0][0]
        assert plain(left) == one(spark, f"select {both['spark'][name](*arguments)}"), name
    series = {engine: both[engine]["date_series"]("cast('2026-02-27' as date)", "cast('2026-03-01' as date)") for engine in ENGINES}
    with duckdb.connect() as connection:
        assert sorted(connection.execute(series["duckdb"]).fetchall()) == sorted(tuple(row) for row in spark.sql(series["spark"]).collect())
    empty = both["spark"]["date_series"]("cast('2026-03-02' as date)", "cast('2026-03-01' as date)")
    assert spark.sql(empty).collect() == []
