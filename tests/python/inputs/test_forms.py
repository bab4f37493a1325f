"""A cast is not a check: a text is read right, or not at all, whatever stands in it and whichever column it is in."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oracle.forms_oracle import NEVER, boolean, instant, json_object, number
from render_macros import loaded_macros, macro_texts
from warehouse import COLUMNS, ROOT, Inputs, Warehouse, csv_text, small_company

MACROS = loaded_macros(macro_texts(ROOT), variables={})
CASES = ROOT / "tests/cases"
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
# One text of a list is wrong: there is nothing to shrink that the assertion does not name.
SEARCH = settings(
    max_examples=40, deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)

# Texts that exports have held, or that a cast would take; each goes into every typed column of the contract.
ODD = [
    "2026-03-05 10:00 PM",
    "2026-03-05 12:30 AM",
    "2026-03-05 23:00:00 EST",
    "2026-03-05 23:00:00 America/New_York",
    "2026-03-05 10:00:00 foo",
    "2026-03-05 10:00:00 +5",
    "26-03-05",
    "2026-03-05 (BC)",
    "epoch",
    "infinity",
    "-infinity",
    "Infinity",
    "2026-03-05T10:00:00+05:30:30",
    "2026-03-05T24:00:00Z",
    "2026-03-05T23:59:60Z",
    "2026-02-31",
    "2026-02-30T10:00:00Z",
    "2026-W10-4",
    "2026-064",
    "20260305",
    "20260305T100000Z",
    "2026-3-5",
    "2026/03/05",
    "05.03.2026",
    "03/05/2026",
    "2026-03",
    "2026-03-05t10:00:00z",
    "2026-03-05T10:00:00,25Z",
    "2026-03-05T10:00:00+5",
    "2026-03-05T10:00:00+0530",
    "2026-03-05 10:00:00 +05:30",
    "2026-03-05T10:00:00+14:00",
    "2026-03-05T10:00:00+14:01",
    "2026-03-05T10:00:00-00:00",
    "2026-03-05T10:00:00+25:00",
    "2026-03-05T23:59:59.999999999",
    "2026-03-05T10:00:00.123456789Z",
    "2026-03-05 10:00 UTC",
    "2026-03-05T10:00:00 GMT",
    "2026-03-05T10",
    "10:00",
    "1772704800",
    "1772704800000",
    "9999-12-31",
    "9999-12-31T23:59:59-05:00",
    "9999-02-31",
    "2999-01-01",
    "0001-01-01T00:00:00Z",
    "1600-01-01",
    "290000-01-01",
    "-2026-03-05",
    "٢٠٢٦-٠٣-٠٥",
    "２０２６-０３-０５",
    "2026-03-05T10:00:00\u2212",
    "2026\u201103\u201105",
    "1_000",
    "0x1F",
    "1e400",
    "1e-400",
    "1e3",
    "1E+3",
    "1.5e3",
    "1e+17",
    "١٢",
    "１２",
    "+5",
    "-5",
    "5-",
    "(5)",
    "\u22125",
    "NaN",
    "nan",
    "inf",
    ".5",
    "5.",
    "5.0",
    "5.5",
    "1,000",
    "1.000,50",
    "1 000",
    "$5",
    "5 %",
    "5USD",
    "007",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "9007199254740993.5",
    "1000000000000000",
    "1000000000000001",
    "1000000000000000.0",
    "999999999999999.99999",
    "0.00005",
    "12345.67895",
    "1e15",
    "1e16",
    "1e",
    "true",
    "True",
    "TRUE",
    "t",
    "yes",
    "Y",
    "1",
    "1.0",
    "2",
    "on",
    "off",
    "wahr",
    "false",
    "No",
    "0",
    "0.0",
    "-1",
    "maybe",
    "null",
    "None",
    "ＴＲＵＥ",
    "{}",
    "[]",
    '{"a": 1}',
    '{"a": 1',
    '"{\\"a\\": 1}"',
    "{'a': True, 'b': 'c'}",
    "{'a': 'it''s'}",
    "{'a': csv}",
    '{"a": NaN}',
    "abc",
    '"abc"',
    "{'a': ': True, x'}",
    "{a: 1}",
    '{""a"": 1}',
    '{\\"a\\": 1}',
]


@pytest.fixture(scope="module")
def read() -> Callable[..., list[Any]]:
    """The values that a macro makes of texts, in plain DuckDB."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")

    def values(texts: list[str], macro: str, *arguments: Any) -> list[Any]:
        sql = MACROS[macro]("texts.t", *arguments)
        return [row[0] for row in connection.execute(f"select {sql} from (select unnest(?::varchar[]) as t) as texts", [texts]).fetchall()]

    return values


# What may stand where, and next to it what must not.
DIGITS = "0123456789"
PIECES = st.one_of(
    st.sampled_from(
        [
            "T",
            "t",
            " ",
            "  ",
            "Z",
            "z",
            " UTC",
            "UTC",
            " GMT",
            " EST",
            " PM",
            " am",
            "+02:00",
            "-05",
            "+0530",
            "+5",
            "+14:00",
            "-14:01",
            "+05:30:30",
            ":",
            "-",
            ".",
            ",",
            "e",
            "E",
            "e3",
            "+",
            "infinity",
            "nan",
            "_",
            "0x",
            "(BC)",
            "\t",
            "\n",
            "\u00a0",
            "٣",
            "３",
            "'",
            '"',
            "{",
            "}",
            "\\",
            "24:00:00",
            ":60",
            ".123456789",
            ".9999999",
            "9999-12-31",
            "True",
            "None",
            "null",
            ": ",
            "', '",
        ]
    ),
    st.text(DIGITS, min_size=1, max_size=4),
)


@st.composite
def clock(draw: st.DrawFn) -> str:
    """A time in one of the accepted forms, or all but."""
    year = draw(st.one_of(st.integers(1970, 2100), st.integers(1890, 2210), st.sampled_from([1, 26, 9999, 2999])))
    text = (
        f"{year:04d}-{draw(st.integers(0, 13)):02d}-{draw(st.integers(0, 32)):02d}"
        if draw(st.booleans())
        else (f"{draw(st.integers(1970, 2100))}-{draw(st.integers(1, 12)):02d}-{draw(st.integers(1, 28)):02d}")
    )
    if draw(st.integers(0, 5)):
        text += (
            draw(st.sampled_from(["T", " ", "T", " ", "t", "", "  "])) + f"{draw(st.integers(0, 24)):02d}:{draw(st.integers(0, 60)):02d}"
        )
        if draw(st.integers(0, 3)):
            text += f":{draw(st.integers(0, 60)):02d}"
            if draw(st.booleans()):
                text += draw(st.sampled_from([".", ".", ","])) + draw(st.text(DIGITS, min_size=0, max_size=11))
        if draw(st.booleans()):
            text += draw(st.sampled_from(["", "", " ", "  "])) + draw(
                st.one_of(
                    st.sampled_from(["Z", "z", "UTC", "GMT", "PM", "EST", "+5", "+05:30:30", "Europe/Berlin"]),
                    st.builds(
                        lambda sign, hours, point, minutes: f"{sign}{hours:02d}{point}{minutes}",
                        st.sampled_from("+-"),
                        st.integers(0, 25),
                        st.sampled_from([":", ""]),
                        st.sampled_from(["", "00", "30", "45", "60"]),
                    ),
                )
            )
    return text


# Around the days on which clocks change.
CHANGES = st.builds(
    lambda day, hour, minute: f"{day} {hour:02d}:{minute:02d}:00",
    st.sampled_from(["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "1999-10-31"]),
    st.integers(0, 5),
    st.integers(0, 59),
)
NUMBERS = st.one_of(
    st.from_regex(r"\A {0,2}[+-]?[0-9]{0,20}([.][0-9]{0,12})?([eE][+-]?[0-9]{1,3})? {0,2}\Z"),
    st.integers().map(str),
    st.integers(-(10**16), 10**16).map(str),
    st.floats().map(str),
    st.floats(-1e16, 1e16).map(repr),
    st.decimals(allow_nan=True, places=None).map(str),
    st.integers(0, 10**9).map(lambda value: f"{value:,}"),
    st.integers(0, 10**9).map(lambda value: f"{value:_}"),
    st.integers(0, 99).map(hex),
)
PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.sampled_from(["True", "it's", ': True, "x"', ": True, ", "None", "a': True, 'b", "\\", "\n", "{", "}"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=5), inner, max_size=2)),
    max_leaves=3,
)
OBJECTS = st.one_of(
    st.builds(
        lambda value, form: form(value),
        st.one_of(PLAIN, st.dictionaries(st.text(max_size=5), PLAIN, max_size=3)),
        st.sampled_from(
            [
                json.dumps,
                lambda value: json.dumps(json.dumps(value)),
                lambda value: json.dumps(json.dumps(json.dumps(value))),
                repr,
                lambda value: json.dumps(value)[:-2],
                lambda value: repr(value)[:-1],
                lambda value: json.dumps(value).replace('"', "'"),
            ]
        ),
    ),
    st.dictionaries(
        st.text("abAB c:,", max_size=4),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text("ab: ,TrueNo{}", max_size=8)),
    ).map(repr),
)


@st.composite
def broken(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text with something put in, or taken out, in half of the cases."""
    text = draw(texts)
    if draw(st.booleans()):
        return text
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(PIECES) + text[place + draw(st.integers(0, 2)) :]


def many(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    # No surrogates and no NUL: no file in UTF-8 holds them as text.
    return st.lists(broken(texts).filter(lambda text: not re.search("[\ud800-\udfff\0]", text)), min_size=40, max_size=60)


class Tally:
    """How many inputs a generator tried, how many were read, and which of them wrong."""

    def __init__(self) -> None:
        self.tried = self.read = 0
        self.wrong: list[tuple] = []

    def add(self, texts: list[str], values: list[Any], expected: list[Any], may_refuse: bool = False) -> None:
        self.tried += len(texts)
        self.read += sum(value is not None for value in values)
        self.wrong += [row for row in zip(texts, values, expected) if not same(row[1], row[2]) and not (may_refuse and row[1] is None)]
        assert self.wrong == []

    def tell(self, kind: str, least_read: int) -> None:
        print(f"{kind}: {self.tried} inputs tried, {self.read} read, {len(self.wrong)} silent wrong values")
        assert self.tried >= 1500 and self.read >= least_read and not self.wrong


def same(one: Any, other: Any) -> bool:
    return one is other is None or (one is not None and other is not None and type(one) is type(other) and one == other)


def test_no_text_gives_an_instant_that_it_does_not_say(read: Callable[..., list[Any]]) -> None:
    tally = Tally()

    @SEARCH
    @given(texts=many(st.one_of(clock(), clock(), CHANGES, st.text(max_size=12))), zone=st.sampled_from(ZONES), is_end=st.booleans())
    def search(texts: list[str], zone: str, is_end: bool) -> None:
        tally.add(texts, read(texts, "to_utc", zone, is_end), [instant(text, zone, is_end) for text in texts])

    search()
    tally.tell("times", least_read=300)


def test_no_text_gives_a_number_that_it_does_not_say(read: Callable[..., list[Any]]) -> None:
    tally = Tally()

    @SEARCH
    @given(texts=many(st.one_of(NUMBERS, NUMBERS, st.text(max_size=6))))
    def search(texts: list[str]) -> None:
        # A whole number may be written in ways that are refused (10e1); what is read must be right.
        tally.add(texts, read(texts, "to_number", "integer"), [number(text, "integer") for text in texts], may_refuse=True)
        # So may an amount of very many digits with an exponent.
        tally.add(texts, read(texts, "to_number", "money"), [number(text, "money") for text in texts], may_refuse=True)
        tally.add(texts, read(texts, "to_number", "double"), [number(text, "double") for text in texts])
        tally.add(texts, read(texts, "to_number", "double", False), [number(text, "double", False) for text in texts])

    search()
    tally.tell("numbers", least_read=1000)


def test_no_text_gives_a_boolean_that_it_does_not_say(read: Callable[..., list[Any]]) -> None:
    tally = Tally()
    words = st.sampled_from(
        ["true", "T", "yes", "y", "1", "1.0", "False", "f", "NO", "n", "0", "0.0", "on", "-1", "maybe", "ｔｒｕｅ", "tru\u0435", "yeſ"]
    )

    @SEARCH
    @given(texts=many(words))
    def search(texts: list[str]) -> None:
        tally.add(texts, read(texts, "to_boolean"), [boolean(text) for text in texts])

    search()
    tally.tell("booleans", least_read=500)


def test_no_text_gives_properties_that_it_does_not_say(read: Callable[..., list[Any]]) -> None:
    tally = Tally()

    @SEARCH
    @given(texts=many(OBJECTS))
    def search(texts: list[str]) -> None:
        values = read(texts, "to_json_object")
        for text, value in zip(texts, values):
            meant = json_object(text)
            tally.tried += 1
            tally.read += value is not None
            # Passed on as it is: what the engine takes for JSON. It is laxer than the standard (NaN, a comma too many).
            if value is not None and not (value == text and text.startswith("{")):
                assert json.loads(value) == meant, (text, value)
            if text.startswith("{") and strict_object(text):
                assert value == text

    search()
    tally.tell("properties", least_read=300)


def strict_object(text: str) -> bool:
    """JSON by the standard: no NaN, and no half of a surrogate pair, which is no character."""
    try:
        found = json.loads(text, parse_constant=lambda word: 1 / 0)
        json.dumps(found, ensure_ascii=False).encode()
        return isinstance(found, dict)
    except (ValueError, ZeroDivisionError):
        return False


@pytest.mark.parametrize(
    ("text", "zone", "is_end", "expected"),
    [
        ("2026-03-05", "Europe/Berlin", False, "2026-03-05 00:00:00"),
        ("2026-03-05T10:00", "Europe/Berlin", False, "2026-03-05 09:00:00"),
        ("2026-03-05 10:00:00.5", "UTC", False, "2026-03-05 10:00:00.500000"),
        ("2026-03-05t10:00:00,5z", "Europe/Berlin", False, "2026-03-05 10:00:00.500000"),
        ("2026-03-05 00:30:00 +02", "UTC", False, "2026-03-04 22:30:00"),
        ("2026-03-05T00:30:00-1400", "UTC", False, "2026-03-05 14:30:00"),
        # More digits than the six that are kept never make the next day.
        ("2026-03-05T23:59:59.9999999Z", "UTC", False, "2026-03-05 23:59:59.999999"),
        ("2026-03-05 23:59:59.999999999", "UTC", False, "2026-03-05 23:59:59.999999"),
        # Skipped by the clocks, and shown by them twice.
        ("2026-03-29 02:30:00", "Europe/Berlin", False, "2026-03-29 01:30:00"),
        ("2026-10-25 02:30:00", "Europe/Berlin", False, "2026-10-25 01:30:00"),
        ("infinity", "UTC", True, "9999-12-31 00:00:00"),
        ("9999-12-31T23:59:59.999-14:00", "UTC", True, "9999-12-31 00:00:00"),
        ("2199-12-31", "UTC", True, "2199-12-31 00:00:00"),
    ],
)
def test_accepted_times(read: Callable[..., list[Any]], text: str, zone: str, is_end: bool, expected: str) -> None:
    assert str(read([text], "to_utc", zone, is_end)[0]) == expected


def test_refused_times(read: Callable[..., list[Any]]) -> None:
    """None of the odd texts is a time but those that the page lists."""
    odd = [text for text in ODD if instant(text) is None]
    assert len(odd) > 100
    assert [(text, value) for text, value in zip(odd, read(odd, "to_utc", "Europe/Berlin", False)) if value is not None] == []


# Columns that are typed before they reach us are read by the same macros as text.
TYPED = [
    ("timestamptz '2026-03-05 00:30:00+02'", "time", datetime.datetime(2026, 3, 4, 22, 30)),
    ("timestamptz '2026-03-05 00:30:00.25-05:30'", "time", datetime.datetime(2026, 3, 5, 6, 0, 0, 250000)),
    ("date '2026-03-05'", "time", datetime.datetime(2026, 3, 5)),
    ("timestamp '2026-03-05 10:00:00'", "time", datetime.datetime(2026, 3, 5, 9)),
    ("timestamp_ns '2026-03-05 10:00:00.123456789'", "time", datetime.datetime(2026, 3, 5, 9, 0, 0, 123456)),
    ("timestamp_s '2026-03-05 10:00:00'", "time", datetime.datetime(2026, 3, 5, 9)),
    ("timestamp 'infinity'", "time", None),
    ("date '-infinity'", "time", None),
    ("time '10:00:00'", "time", None),
    ("date '2026-03-05'", "date", datetime.date(2026, 3, 5)),
    ("date 'infinity'", "end", NEVER),
    ("timestamp 'infinity'", "end", NEVER),
    ("timestamptz 'infinity'", "end", NEVER),
    ("1772704800", "time", None),
    ("true", "boolean", True),
    ("1", "boolean", True),
    ("0e0", "boolean", False),
    ("1.0", "boolean", True),
    ("2", "boolean", None),
    ("12::hugeint", "integer", 12),
    ("12::double", "integer", 12),
    ("12::float", "integer", 12),
    ("12.00::decimal(8, 2)", "integer", 12),
    ("12.5::double", "integer", None),
    ("1e15::double", "integer", 10**15),
    ("1e14::double", "integer", 10**14),
    ("1e17::double", "integer", None),
    ("255::utinyint", "integer", 255),
    ("18446744073709551615::ubigint", "integer", None),
    ("1e15::double", "money", Decimal("1000000000000000.0000")),
    ("0.1::double + 0.2::double", "money", Decimal("0.3000")),
    ("19.99::decimal(18, 2)", "money", Decimal("19.9900")),
    ("1e-7::double", "money", Decimal("0.0000")),
    ("'nan'::double", "money", None),
    ("'infinity'::double", "double", None),
    ("1e-7::double", "double", 1e-7),
    ("7::smallint", "double", 7.0),
    ("{'format': 'csv', 'ok': true, 'rows': 10}", "json", '{"format":"csv","ok":true,"rows":10}'),
    ("map {'a': 1}", "json", '{"a":1}'),
    ("'{\"a\": 1}'::json", "json", '{"a": 1}'),
    ("'{\"a\": 1}'", "json", '{"a": 1}'),
    ("null::struct(a int)", "json", None),
    ("[1, 2]", "json", None),
    ("'null'::json", "json", None),
    ("'text'", "json", None),
    ('\'"{\\"a\\": 1}"\'::json', "json", '{"a": 1}'),
]


@pytest.mark.parametrize(("value", "type_", "expected"), TYPED, ids=str)
def test_columns_that_are_typed_already(value: str, type_: str, expected: Any) -> None:
    sql = MACROS["_typed"](MACROS["_as_text"]("texts.t", type_), "time" if type_ == "end" else type_, "Europe/Berlin", type_ == "end")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        assert same(connection.execute(f"select {sql} from (select {value} as t) as texts").fetchone()[0], expected)


def odd_rows() -> tuple[Inputs, list[tuple[str, str, str, str]]]:
    """Rows of each input that are good but for one text in one typed column; and (input, column, text, row_key) of each."""
    inputs: Inputs = {name: [] for name in COLUMNS}
    made = []
    contract = MACROS["input_contract"]()
    for name, entry in contract.items():
        for column, type_ in entry["columns"].items():
            if type_ in ("text", "label", "country") or column not in COLUMNS[name]:
                continue
            for text in ODD:
                number_ = len(made)
                row = {
                    other: good_value(other, other_type, number_)
                    for other, other_type in entry["columns"].items()
                    if other in COLUMNS[name]
                }
                row[column] = text
                if name == "events" and column == "occurred_at":
                    row["received_at"] = ""
                inputs[name].append(row)
                made.append((name, column, text, row_key([row[key] for key in entry["key"]])))
    return inputs, made


def row_key(texts: list[str]) -> str:
    """A key as checked_input() writes it: in one of several parts a bar and a backslash are marked."""
    return texts[0] if len(texts) == 1 else "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in texts)


def good_value(column: str, type_: str, number_: int) -> str:
    if column in ("deleted_at", "ended_at", "updated_at"):
        return ""
    if type_ in ("time", "date"):
        return "2026-03-10T08:00:00Z" if column != "received_at" else "2026-03-12T08:00:00Z"
    if type_ in ("integer", "money", "double"):
        return "7"
    fixed = {"json": "", "boolean": "true", "country": "DE"}.get(type_)
    return (
        fixed
        if fixed is not None
        else {"currency": "USD", "entity": "user", "attribute": "city", "instrument": "ces"}.get(column, f"{column[:2]}{number_}")
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def odd_company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, Inputs, list]:
    """The small company, the cases and every odd text in every typed column, in one build."""
    inputs, made = odd_rows()
    for name, rows in small_company().items():
        inputs[name] = rows + inputs[name]
    inputs["events"] += [
        {**row, "event_id": f"word_{row['event_id']}", "user_id": "u1"} for row in rows_of(CASES / "word_after_a_time/events.csv")
    ]
    inputs["events"] += [{**row, "event_id": f"wrong_{row['event_id']}"} for row in rows_of(CASES / "hostile_files/wrong_times.events.csv")]
    inputs["events"] += [
        {**row, "event_id": f"properties_{row['event_id']}", "user_id": "u1", "occurred_at": "2026-03-10T10:00:00Z"}
        for row in rows_of(CASES / "unreadable_properties/events.csv")
    ]
    for name in ("events", "invoices", "subscriptions", "users"):
        key = {"events": "event_id", "invoices": "invoice_id", "subscriptions": "subscription_id", "users": "user_id"}[name]
        inputs[name] += [{**row, key: f"infinite_{row[key]}"} for row in rows_of(CASES / f"infinity_as_time/{name}.csv")]
    inputs["invoices"] += rows_of(CASES / "hostile_files/invoice_one_million.invoices.csv")[1:]
    inputs["invoices"].append(
        {"invoice_id": "largest", "account_id": "a3", "amount": "1e15", "currency": "EUR", "paid_at": "2026-03-01T00:00:00Z"}
    )
    inputs["accounts"].append({"account_id": "a3"})
    inputs["users"].append({"user_id": "u_large", "account_id": "a3", "signed_up_at": "2026-01-05T09:00:00Z"})
    inputs["subscriptions"] += [
        {
            "subscription_id": f"large{number_}",
            "account_id": "a3",
            "seats": seats,
            "mrr": mrr,
            "valid_from": "2026-01-05",
            "started_at": "2026-01-05",
            "renewal_date": "9999-12-31",
        }
        for number_, (seats, mrr) in enumerate(
            [("9223372036854775807", "1e15"), ("9223372036854775807", "0"), ("1e15", "1e15"), ("1e15", "0.25")]
        )
    ]
    warehouse = Warehouse(tmp_path_factory.mktemp("odd") / "project", {"currency_rates": {"USD": 1.0, "EUR": 1.1}})
    warehouse.write_inputs(inputs)
    # To the end: what is read as a time moves windows, dates and sums that only the last marts read.
    warehouse.build()
    return warehouse, inputs, made


def test_odd_texts_in_every_typed_column(odd_company: tuple[Warehouse, Inputs, list]) -> None:
    """Right, or rejected, or listed: for every text and every column."""
    warehouse, inputs, made = odd_company
    contract = MACROS["input_contract"]()
    silent, counts = [], {"right": 0, "rejected": 0, "listed": 0}
    for name, entry in contract.items():
        records = {row["row_key"]: row for row in warehouse.records(f"select * exclude (raw_row) from staging.stg_{name}__checked")}
        for _, column, text, key in (row for row in made if row[0] == name):
            row, type_ = records[key], entry["columns"][column]
            expected = meant(text, type_, column in entry.get("ends", []))
            if row["reject_reason"]:
                outcome = "rejected" if expected is None or row["reject_reason"] in ("from_future", "out_of_range") else "wrongly rejected"
            elif expected is not None or text in ("null", "[]") and type_ == "json":
                outcome = "right" if row[column] == expected else "silently wrong"
            else:
                outcome = "listed" if row[column] is None and column in (row["unreadable_columns"] or "").split(", ") else "silently wrong"
            if row[column] is None and column in (row["unreadable_columns"] or "").split(", "):
                # A range of the contract may be narrower than what can be read.
                outcome = "listed"
            if outcome not in counts:
                silent.append((name, column, text, row[column], expected, row["reject_reason"]))
            else:
                counts[outcome] += 1
    print(f"{len(made)} odd texts in typed columns: {counts}, {len(silent)} silent wrong values")
    assert silent == []
    assert len(made) > 4000 and min(counts.values()) > 100
    for name, read_rows, used, duplicate, rejected in warehouse.query(
        "select input, rows_read, rows_used, rows_duplicate, rows_rejected from marts.input_summary where input != 'personas'"
    ):
        assert read_rows == len(inputs[name]) == used + duplicate + rejected, name


def meant(text: str, type_: str, is_end: bool) -> Any:
    """What a text in a column of this type says, as the warehouse holds it."""
    if type_ == "time":
        return instant(text, "UTC", is_end)
    if type_ == "date":
        found = instant(text, "UTC", is_end)
        return None if found is None else found.date()
    if type_ == "boolean":
        return boolean(text)
    if type_ == "json":
        return (
            text
            if text in ("{}", '{"a": 1}', '{"a": NaN}')
            else {'"{\\"a\\": 1}"': '{"a": 1}', "{'a': True, 'b': 'c'}": '{"a": true, "b": "c"}'}.get(text)
        )
    return number(text, type_)


def test_words_infinity_and_short_years_after_a_time_are_rejected(odd_company: tuple[Warehouse, Inputs, list]) -> None:
    warehouse, _, _ = odd_company
    reasons = dict(
        warehouse.query(
            "select row_key, reject_reason from marts.rejected_rows where regexp_matches(row_key, '^(word|wrong|infinite|properties)_')"
        )
    )
    assert reasons == {
        **{f"word_e{number_}": "unreadable_time" for number_ in range(1, 7)},
        **{f"wrong_p{number_}": "unreadable_time" for number_ in range(1, 5)},
        "infinite_e1": "unreadable_time",
        "infinite_i9": "unreadable_time",
        "infinite_mara": "unreadable_time",
    }
    # An end that is infinite never comes.
    assert warehouse.query("select renewal_date from staging.stg_subscriptions where subscription_id = 'infinite_s1'") == [(NEVER.date(),)]
    assert warehouse.query("select distinct days_to_renewal from features.user_features where user_id = 'u_large'") == [(None,)]
    assert warehouse.query("select cast(max(data_through) as text) from activity.data_through")[0][0] < "2026-04"


def test_amounts_of_a_million_and_more(odd_company: tuple[Warehouse, Inputs, list]) -> None:
    warehouse, _, _ = odd_company
    revenue = dict(warehouse.query("select user_id, revenue_91d from marts.users where user_id in ('u3', 'u_large')"))
    assert revenue == {"u3": 1000001.0, "u_large": 1.1e15}
    values = warehouse.query("select mrr, seats from marts.users where user_id = 'u_large'")
    # Seats of 2^63 - 1 are no number of seats: they are listed. 10^15 is in the range of what is added up.
    assert values[0][0] == 2000000000000000.25
    listed = {
        row[0]
        for row in warehouse.query(
            "select row_key from marts.unreadable_values where input = 'subscriptions' and unreadable_columns = 'seats'"
        )
    }
    assert {"large0|2026-01-05", "large1|2026-01-05"} <= listed
    if "large2|2026-01-05" not in listed:
        assert values[0][1] == 2 * 10**15
    total = (
        warehouse.query(
            "select sum(revenue_91d) from marts.rfm_segments where as_of_date = (select max(as_of_date) from marts.rfm_segments)"
        )[0][0]
        if warehouse.tables("marts").count("marts.rfm_segments")
        else None
    )
    assert total is None or total >= 1.1e15


def test_properties_are_objects_or_listed(odd_company: tuple[Warehouse, Inputs, list]) -> None:
    warehouse, _, _ = odd_company
    held = dict(warehouse.query("select event_id, properties from staging.stg_events where event_id like 'properties_%'"))
    assert {key.removeprefix("properties_"): value and json.loads(value) for key, value in held.items()} == {
        "e1": {"format": "csv", "ok": True},
        "e2": {"format": "csv"},
        "e3": {"format": "csv", "ok": True},
        "e4": None,
        "e5": {"ok": "True"},
        "e6": {"ok": 1},
    }
    listed = warehouse.query("select row_key, unreadable_columns from marts.unreadable_values where row_key like 'properties_%'")
    assert listed == [("properties_e4", "properties")]


def own_yml() -> str:
    """The file seeds/own/_own.yml of docs/your-data.md."""
    page = (ROOT / "docs/your-data.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n# seeds/own/_own\.yml\n(.*?)```", page, flags=re.DOTALL)
    assert found
    return found[1]


def test_the_guide_makes_text_of_every_column() -> None:
    seeds = {seed["name"]: seed["config"]["column_types"] for seed in yaml.safe_load(own_yml())["seeds"]}
    for name in ("users", "events"):
        assert seeds[f"own_{name}"] == dict.fromkeys(MACROS["input_contract"]()[name]["columns"], "varchar"), name


def test_own_files_keep_their_offsets_and_a_time_without_a_zone_is_named(tmp_path: Path) -> None:
    """As docs/your-data.md says; and what happens to who leaves out the types, or brings a table that has lost its zones."""
    company = small_company()
    # Half past midnight two hours east of Greenwich, the day before in UTC.
    for row in company["events"]:
        row["occurred_at"] = row["occurred_at"][:10] + "T00:30:00+02:00"
        row["received_at"] = ""
    company["users"][0]["account_id"] = "007"
    warehouse = Warehouse(tmp_path / "project", {"inputs": {"users": "own_users", "events": "own_events", "invoices": "own_invoices"}})
    # Nothing above staging: parsing it takes longer than the builds.
    for folder in ("activity", "features", "segments", "marts"):
        shutil.rmtree(warehouse.folder / "models" / folder)
    warehouse.write_inputs({})
    own = warehouse.folder / "seeds/own"
    own.mkdir()
    for name in ("users", "events"):
        (own / f"own_{name}.csv").write_text(csv_text(name, company[name]), encoding="utf-8")
    (own / "_own.yml").write_text(own_yml(), encoding="utf-8")
    (warehouse.folder / "models/own").mkdir()
    (warehouse.folder / "models/own/own_invoices.sql").write_text(
        "select 17e0 as invoice_id, 'a1' as account_id, 1000001::double as amount, 'USD' as currency, "
        "timestamp '2026-03-05 10:00:00' as paid_at, timestamptz '2026-03-05 10:00:00+02' as updated_at",
        encoding="utf-8",
    )
    selected = ("--select", "+stg_users", "+stg_events", "+stg_invoices")
    result = warehouse.build(*selected)
    assert warehouse.query("select distinct account_id from staging.stg_users where user_id = 'u1'") == [("007",)]
    assert warehouse.query("select count(*), min(cast(occurred_at as text)) from staging.stg_events") == [
        (len(company["events"]), "2026-02-28 22:30:00")
    ]
    warned = re.findall(r"Input `(\w+)` \([^)]*\): column `(\w+)` is of type (\w+)", " ".join(result.output.split()))
    assert warned == [("invoices", "invoice_id", "DOUBLE"), ("invoices", "paid_at", "TIMESTAMP")]
    (own / "_own.yml").unlink()
    result = warehouse.run("build", *selected, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    warned = re.findall(r"Input `(\w+)` \([^)]*\): column `(\w+)` is of type (\w+)", " ".join(result.output.split()))
    assert ("events", "occurred_at", "TIMESTAMP") in warned and ("users", "signed_up_at", "TIMESTAMP") in warned
