"""Audiences: who is sent, what destinations are told, and that what they hold is what they should hold, whatever happens between."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import random
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import scipy.stats

import audiences
from audience_world import AUDIENCES, Destinations, User, World, draw, mailbox, new_world, read_keys, sha256
from delivering import run
from delivering.files import clean
from delivering.formats import FORMATS
from delivering.run import Outcome
from delivering.state import KEY_KINDS
from refusal import Refusal
from registries import project_variables
from render_macros import loaded_macros, macro_texts
from warehouse import ROOT, Warehouse

VARIABLES = project_variables(ROOT)
MACROS = loaded_macros(
    {
        path: text
        for path, text in macro_texts(ROOT).items()
        if path.split("/")[1] in ("audiences", "cross_db", "inputs", "registries", "segments")
    },
    VARIABLES,
)


def evaluated(sql: str, value: str | None) -> Any:
    """SQL over the column `value`."""
    return duckdb.execute(f"select {sql} from (select ?::varchar as value)", [value]).fetchall()[0][0]


# ---------------------------------------------------------------------------------------------------
# Addresses and hashes
# ---------------------------------------------------------------------------------------------------

# developers.google.com/data-manager/api/devguides/audiences/send-audience-members, "Hash and encode the data".
GOOGLE = [
    ("dana@example.com", "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3"),
    ("DanaM@example.com", "1df6b43bc68dd38eca94e6a65b4f466ae537b796c81a526918b40ac4a7b906c7"),
    ("quinn@CYMBALGROUP.com", "05bb62526f091b45d20e243d194766cca8869137421047dc53fa4876d111a6f0"),
    ("baklavainthebalkans@gmail.com  ", "f1fcde379f31f4d446b76ee8f34860eca2288adc6b6d6c0fdc56d9eee75a2fa5"),
    ("rosario@example.org", "83a834cc5327bc4dee7c5408988040dc5813c7662611cd93b707aff72bf7d33f"),
    ("cloudySanFrancisco@GMAIL.com", "223ebda6f6889b1494551ba902d9d381daf2f642bae055888e96343d53e9f9c4"),
]
# developers.google.com/data-manager/api/devguides/concepts/formatting, "UserData requirements": examples and rules.
GOOGLE_FORMS = [
    ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
    ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
    ("Cloudy.San.Francisco@GoogleMail.com", "cloudysanfrancisco@googlemail.com"),
    (" cloudy san\tfrancisco@gmail.com\n", "cloudysanfrancisco@gmail.com"),
    ("a.b+c@notgmail.com", "a.b+c@notgmail.com"),
    ("a.b+c@gmail.com.example", "a.b+c@gmail.com.example"),
    ("a.b+c+d@gmail.com", "ab@gmail.com"),
]


@pytest.mark.parametrize(("email", "digest"), GOOGLE)
def test_google_gets_the_hashes_that_google_publishes(email: str, digest: str) -> None:
    assert evaluated(MACROS["sha256_hex"](MACROS["normalized_email"]("value", "google")), email) == digest


@pytest.mark.parametrize(("email", "form"), GOOGLE_FORMS)
def test_google_gets_the_form_that_google_describes(email: str, form: str) -> None:
    assert evaluated(MACROS["normalized_email"]("value", "google"), email) == form


def test_meta_gets_its_own_form_and_hash() -> None:
    """The example of Meta's guide, section "Hashing"; and dots and suffixes stay."""
    plain = MACROS["normalized_email"]("value")
    assert (
        evaluated(MACROS["sha256_hex"](plain), " Mary@Example.com\n") == "f1904cf1a9d73a55fa5de0ac823c4403ded71afd4c3248d00bdcd0866552bb79"
    )
    assert evaluated(plain, "Cloudy.SanFrancisco+Shopping@Gmail.com") == "cloudy.sanfrancisco+shopping@gmail.com"
    with pytest.raises(ValueError, match='`rule` must be plain or google, got "meta"'):
        MACROS["normalized_email"]("value", "meta")


@pytest.mark.parametrize(
    ("text", "is_email"),
    [
        ("a@b.co", True),
        ("ada.l+x@mail.example.com", True),
        ("o'brien@example.com", True),
        ("_x@example.com", True),
        ("1@2.example", True),
        ("ada", False),
        ("ada@example", False),
        ("@example.com", False),
        ("ada@@example.com", False),
        ("a b@example.com", False),
        ("ada@-x.com", False),
        ("ada@exa_mple.com", False),
        ("ada@example.com,b@example.com", False),
        ("ädä@example.com", False),
        ("=1+1@example.com", False),
        ("+ada@example.com", False),
        ("-ada@example.com", False),
        ("@sum@example.com", False),
        ("ada@example.com\n", False),
        ("", False),
        (f"{'a' * 65}@example.com", False),
    ],
)
def test_an_address_is_one_that_every_destination_takes(text: str, is_email: bool) -> None:
    assert evaluated(MACROS["is_email"]("value"), text) is is_email
    assert evaluated(MACROS["is_email"]("value"), None) is None


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("u1", True),
        ("a=b", True),
        ('a,b"c', True),
        ("ü", True),
        ("=1", False),
        ("+1", False),
        ("-1", False),
        ("@a", False),
        ("\ta", False),
        ("a\nb", False),
        ("a\rb", False),
        ("", False),
    ],
)
def test_an_id_that_a_spreadsheet_would_run_is_not_plain(text: str, is_plain: bool) -> None:
    assert evaluated(MACROS["is_plain_cell"]("value"), text) is is_plain


def test_the_draw_is_spread_evenly_and_is_what_python_computes() -> None:
    sql = MACROS["hash_share"](MACROS["holdout_text"]("'win_back'", "'u' || number"))
    draws = [value for (value,) in duckdb.execute(f"select {sql} from range(1000) as users (number) order by number").fetchall()]
    assert draws == [draw("win_back", f"u{number}") for number in range(1000)]
    assert all(0 <= value < 1 for value in draws) and 70 < sum(value < 0.1 for value in draws) < 130


# ---------------------------------------------------------------------------------------------------
# The variable
# ---------------------------------------------------------------------------------------------------

GOOD = {"name": "a", "destination": "braze", "segment": "power_users"}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            [{"destination": "braze", "segment": "power_users"}],
            "vars: audiences: entry 1: `name` is required; it must be a name in lower snake case",
        ),
        ([{**GOOD, "holdout": 0.1}], "vars: audiences: a: unknown key `holdout`; did you mean `holdout_share`?"),
        (
            [{**GOOD, "destination": "fax"}],
            "vars: audiences: a: `destination` must be one of google_customer_match, meta_custom_audience, hubspot",
        ),
        ([{**GOOD, "key": "email"}], 'vars: audiences: a: `key` of braze must be one of user_id, got "email".'),
        (
            [{**GOOD, "exclude_segments": ["power_users"]}],
            'vars: audiences: a: `exclude_segments` must not hold its own segment "power_users"',
        ),
    ],
)
def test_a_bad_audience_is_named(entries: Any, told: str) -> None:
    """tests/python/project/test_variables.py breaks every part of an audience; here is what people read."""
    (problem,) = MACROS["_variable_problems"](MACROS["_variable"]("audiences"), entries, {})
    assert problem.startswith(told)


def test_good_audiences_pass() -> None:
    for entries in ([], AUDIENCES, VARIABLES["audiences"], [{**GOOD, "holdout_share": 0, "max_change_share": 2}]):
        assert MACROS["_variable_problems"](MACROS["_variable"]("audiences"), entries, {}) == []


def test_every_destination_has_a_format_for_each_of_its_keys() -> None:
    destinations = {name: set(keys.values()) for name, keys in MACROS["audience_destinations"]().items()}
    formats = {name: set(getattr(form, "headers", {"email_sha256": ""})) for name, form in FORMATS.items()}
    assert destinations == formats


# ---------------------------------------------------------------------------------------------------
# Formats
# ---------------------------------------------------------------------------------------------------


def test_meta_takes_ten_thousand_people_a_call() -> None:
    keys = [sha256(str(number)) for number in range(20_001)]
    ((people, content),) = FORMATS["meta_custom_audience"].parts("a", "email_sha256", "add", keys)
    assert people == 20_001 and content.count(b"\n") == 3
    assert read_keys(content, "meta_custom_audience", "email_sha256", "a", "add") == keys
    (other,) = FORMATS["meta_custom_audience"].parts("a", "email_sha256", "remove", keys[:10_000])
    assert other[1].count(b"\n") == 1
    assert json.loads(other[1])["session"]["session_id"] != json.loads(content.splitlines()[0])["session"]["session_id"]


def test_files_are_split_at_the_limits() -> None:
    limits = {name: (form.max_rows, getattr(form, "max_bytes", None)) for name, form in FORMATS.items()}
    assert limits["hubspot"] == (1_048_576 - 1, 512_000_000) and limits["intercom"] == (None, 20_000_000)
    keys = [f"u{number}@example.com" for number in range(10)]
    by_rows = dataclasses.replace(FORMATS["hubspot"], max_rows=4)
    parts = list(by_rows.parts("crm", "email", "remove", keys))
    assert [people for people, _ in parts] == [4, 4, 2]
    assert [key for _, content in parts for key in read_keys(content, "hubspot", "email", "crm", "remove")] == keys
    # A header of 7 bytes and 16 per person: two persons fit into 40 bytes.
    by_bytes = dataclasses.replace(FORMATS["customer_io"], max_bytes=40)
    parts = list(by_bytes.parts("journeys", "email", "add", keys))
    assert [people for people, _ in parts] == [2] * 5 and all(len(content) <= 40 for _, content in parts)


# ---------------------------------------------------------------------------------------------------
# A made-up company
# ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Warehouse]:
    """The world before its first user, compiled once. Do not change it: copy it."""
    return new_world(tmp_path_factory.mktemp("audiences") / "project", [dict(entry, max_change_share=100) for entry in AUDIENCES])


@pytest.fixture
def world(empty_world: tuple[World, Warehouse], tmp_path: Path) -> Iterator[World]:
    """A world of its own for each test, with three users."""
    template = empty_world[0]
    # The catalogue in the compiled SQL is named after the file.
    database = tmp_path / template.database.name
    shutil.copy(template.database, database)
    made = dataclasses.replace(
        template, database=database, users={name: User(f"{name}@example.com") for name in ("ada", "bert", "cleo")}, suppressions=[]
    )
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "published/audiences"


def deliver(world: World, folder: Path, *forced: str) -> Outcome:
    return run.deliver(world.connect(), folder, frozenset(forced))


def state(world: World) -> list[tuple]:
    return world.execute("select * from state.audience_deliveries order by entry_number")


def held_out_of_none(world: World) -> None:
    """Users whom no audience holds out, so that a test can say who is sent."""
    names = [f"user{number}" for number in range(500)]
    free = [name for name in names if all(draw(entry["name"], name) >= entry.get("holdout_share", 0) for entry in AUDIENCES)]
    world.users = {name: User(f"{name}@example.com") for name in free[:6]}


def test_everybody_left_out_has_the_first_reason(world: World) -> None:
    day = world.day
    held_out_of_none(world)
    ok, moved, *_ = world.users
    held_out = next(name for name in (f"h{number}" for number in range(99)) if draw("newsletter", name) < 0.5)
    world.users = {
        ok: User("ok@example.com"),
        moved: User("moved@example.com", segments={"power_users"}),
        held_out: User("held@example.com"),
        "never_asked": User("a@example.com", consent=None),
        "refused": User("b@example.com", consent=False),
        "refused_elsewhere": User("B@example.com"),
        "unsubscribed": User("c@example.com", unsubscribed_on=day),
        "later": User("later@example.com", unsubscribed_on=day + timedelta(1)),
        "by_id": User("d@example.com"),
        "by_hash": User(" D2@example.com"),
        "same_mailbox": User("c+x@gmail.com"),
        "gmail": User("C@gmail.com", unsubscribed_on=day - timedelta(9)),
        "no_email": User(None),
        "blank": User(" "),
        "no_address": User("nobody"),
        "formula": User("=cmd|x!a@example.com"),
        "=id": User("id@example.com"),
        "zz_twin": User("OK@example.com "),
        "both": User("e@example.com", consent=False, unsubscribed_on=day),
    }
    world.suppressions = [("by_id", None), (None, sha256("d2@example.com").upper())]
    world.build()
    reasons = world.reasons("newsletter")
    assert moved not in reasons
    assert reasons.pop("later") in (None, "holdout")
    assert reasons.pop("=id") in (None, "holdout")
    assert reasons == {
        ok: None,
        held_out: "holdout",
        "never_asked": "no_consent",
        "refused": "no_consent",
        "refused_elsewhere": "no_consent",
        "unsubscribed": "unsubscribed",
        "by_id": "suppressed",
        "by_hash": "suppressed",
        "same_mailbox": "unsubscribed",
        "gmail": "unsubscribed",
        "no_email": "no_email",
        "blank": "no_email",
        "no_address": "invalid_email",
        "formula": "invalid_email",
        "zz_twin": "duplicate_email",
        "both": "no_consent",
    }
    assert set(world.reasons("meta_ads").values()) == {None, "excluded_segment", "no_consent", "unsubscribed", "suppressed"}
    assert world.reasons("meta_ads")[moved] is None
    by_id = world.reasons("push")
    assert by_id["=id"] == "invalid_user_id" and by_id["no_email"] is by_id["no_address"] is by_id["zz_twin"] is None
    assert len(by_id) == len(world.users)


def test_the_same_run_twice_changes_nothing(world: World, folder: Path) -> None:
    world.build()
    first = deliver(world, folder)
    assert first.folder and state(world)
    before = state(world), sorted(path.read_bytes() for path in first.folder.iterdir())
    for rebuilt in (False, True):
        if rebuilt:
            world.build()
        again = deliver(world, folder)
        assert again.folder is None and not any(delivery.adds or delivery.removes for delivery in again.deliveries)
    assert (state(world), sorted(path.read_bytes() for path in first.folder.iterdir())) == before
    assert sorted(path.name for path in folder.iterdir()) == [first.folder.name]


def test_who_is_deleted_refuses_or_leaves_is_removed(world: World, folder: Path) -> None:
    held_out_of_none(world)
    deleted, refuses, leaves, suppressed, excluded, stays = world.users
    world.build()
    destinations = Destinations()
    destinations.upload(deliver(world, folder).folder)
    del world.users[deleted]
    world.users[refuses].consent = False
    world.users[leaves].segments = set()
    world.suppressions = [(suppressed, None)]
    world.day += timedelta(1)
    world.users[excluded].unsubscribed_on = world.day
    world.build()
    for entry in AUDIENCES:
        wanted = {
            (deleted, "deleted"),
            (refuses, "no_consent"),
            (leaves, "left_segment"),
            (suppressed, "suppressed"),
            (excluded, "unsubscribed"),
        }
        if entry["name"] == "meta_ads":
            # They are all promoters, whom it leaves out; the one who left both segments is in it no more either.
            wanted = set()
        assert world.changes(entry["name"]) == {("remove", *change) for change in wanted}, entry["name"]
    destinations.upload(deliver(world, folder).folder)
    assert destinations.held["push"] == {stays} and destinations.held["crm"] == {f"{stays}@example.com"}
    assert destinations.held["google_ads"] == {sha256(f"{stays}@example.com")}
    assert {row[0] for row in state(world)} == {stays}
    # The copy of the state, which can undo a mistake, has no deleted people.
    assert {name for (name,) in world.execute("select user_id from state.audience_deliveries__backup")} == {
        refuses,
        leaves,
        suppressed,
        excluded,
        stays,
    }


def test_an_address_that_moves_to_another_user_stays_and_a_new_one_is_exchanged(world: World, folder: Path) -> None:
    held_out_of_none(world)
    one, two, three, *_ = world.users
    world.users = {one: User("shared@example.com"), two: User(" Shared@Example.com"), three: User("old@example.com")}
    world.build()
    assert world.reasons("crm")[two] == "duplicate_email"
    deliver(world, folder)
    del world.users[one]
    world.users[three].email = "new@example.com"
    world.build()
    assert world.changes("crm") == {("add", three, "address_changed"), ("remove", three, "address_changed")}
    assert world.changes("push") == {("remove", one, "deleted")}
    outcome = deliver(world, folder)
    files = {path.name for path in outcome.folder.iterdir()}
    assert {"crm__hubspot__add.csv", "crm__hubspot__remove.csv", "push__braze__remove.csv"} <= files and "push__braze__add.csv" not in files
    assert set(world.execute("select user_id, destination_key from state.audience_deliveries where audience = 'crm'")) == {
        (two, "shared@example.com"),
        (three, "new@example.com"),
    }


def test_an_audience_that_ends_is_removed_where_it_was_once_somebody_says_so(world: World, folder: Path) -> None:
    world.build()
    deliver(world, folder)
    world.statements = {**world.statements, "audiences": f"select * from ({world.statements['audiences']}) where audience != 'push'"}
    world.build()
    outcome = deliver(world, folder)
    assert [(refused.audience, len(refused.removes)) for refused in outcome.refused] == [("push", 3)] and outcome.folder is None
    outcome = deliver(world, folder, "push")
    assert sorted(read_keys((outcome.folder / "push__braze__remove.csv").read_bytes(), "braze", "user_id", "push", "remove")) == sorted(
        world.users
    )
    assert not world.execute("select 1 from state.audience_deliveries where audience = 'push'")


def test_who_is_held_out_stays_so_and_a_larger_share_only_adds(world: World) -> None:
    def held_out(share: float) -> set[str]:
        world.build()
        world.execute(f"update marts.audiences set holdout_share = {share}")
        world.execute(f"create or replace table marts.audience_members as {world.statements['audience_members']}")
        return {name for name, reason in world.reasons("google_ads").items() if reason == "holdout"}

    world.users = {f"u{number}": User(f"u{number}@example.com") for number in range(400)}
    before = held_out(0.2)
    assert 55 < len(before) < 105
    assert held_out(0.1) < before < held_out(0.4)
    world.users |= {f"v{number}": User(f"v{number}@example.com") for number in range(400)}
    after = held_out(0.2)
    assert {name for name in after if name.startswith("u")} == before and len(after) > len(before)
    world.users = dict(reversed([(name, user) for name, user in world.users.items() if name.endswith("7")]))
    assert held_out(0.2) == {name for name in after if name.endswith("7")}
    assert {name for name, reason in world.reasons("newsletter").items() if reason == "holdout"} != held_out(0.2)


def test_a_surface_says_what_consent_it_needs(world: World) -> None:
    held_out_of_none(world)
    agrees, refuses, unsubscribed, suppressed, *_ = world.users
    world.users = {name: world.users[name] for name in (agrees, refuses, unsubscribed, suppressed)}
    world.users[refuses].consent = False
    world.users[unsubscribed].unsubscribed_on = world.day
    world.suppressions = [(suppressed, None)]
    world.build()
    # push goes by mail where nothing is said, and asks for consent as ever.
    reasons = {agrees: None, refuses: "no_consent", unsubscribed: "unsubscribed", suppressed: "suppressed"}
    assert world.reasons("push") == reasons
    world.execute("update marts.audiences set surface = 'in_app', consent_column = null where audience = 'push'")
    world.execute(f"create or replace table marts.audience_members as {world.statements['audience_members']}")
    assert world.reasons("push") == {agrees: None, refuses: None, unsubscribed: None, suppressed: "suppressed"}
    assert world.reasons("crm") == reasons


def test_the_surfaces_and_their_consents_are_those_of_the_variables() -> None:
    def of(entry: dict[str, Any], **variables: Any) -> tuple[str, str | None]:
        (made,) = loaded(audiences=[{**GOOD, **entry}], **variables)["audiences"]()
        return made["surface"], made["consent"]

    def loaded(**variables: Any) -> Any:
        return loaded_macros(
            {
                path: text
                for path, text in macro_texts(ROOT).items()
                if path.split("/")[1] in ("audiences", "cross_db", "inputs", "registries", "segments", "features")
            },
            VARIABLES | variables,
        )

    assert of({}) == ("email", "marketing_consent")
    assert of({"destination": "google_customer_match"}) == ("ads", "marketing_consent")
    for surface in ("in_app", "onboarding", "support", "sales"):
        assert of({"surface": surface}) == (surface, None)
    # One surface more takes nothing away from the others.
    tips = {"name": "tips_consent", "in": "users", "type": "boolean"}
    for surface, consent in (("in_app", "tips_consent"), ("email", "marketing_consent")):
        assert of({"surface": surface}, surface_consents={"in_app": "tips_consent"}, traits=[tips]) == (surface, consent)
    assert of({"surface": "email"}, surface_consents={"email": None}) == ("email", None)
    with pytest.raises(ValueError, match='surface_consents: `in_app` must be one of marketing_consent, got "tips_consent"'):
        of({"surface": "in_app"}, surface_consents={"in_app": "tips_consent"}, traits=[])


def check_amounts(row: dict[str, Any], kind: str, values: dict[str, tuple[int, int]], held_out: set[str]) -> None:
    """A row of audience_results whose outcome is an amount x, or x over w: from (x, w) of each person, with scipy's distributions."""

    def side(names: set[str]) -> tuple[int, float, float]:
        pairs = np.array([values[name] for name in sorted(names)], dtype=float)
        mean = pairs[:, 0].sum() / pairs[:, 1].sum()
        return len(pairs), mean, float(np.var((pairs[:, 0] - mean * pairs[:, 1]) / pairs[:, 1].mean(), ddof=1))

    (n, mean, variance), (m, other, other_variance) = side(values.keys() - held_out), side(values.keys() & held_out)
    errors = variance / n, other_variance / m
    df = sum(errors) ** 2 / (errors[0] ** 2 / (n - 1) + errors[1] ** 2 / (m - 1))
    pooled = ((n - 1) * variance + (m - 1) * other_variance) / (n + m - 2)
    margin = scipy.stats.t.ppf(0.975, df) * math.sqrt(max(sum(errors), pooled * (1 / n + 1 / m)))
    z = (mean - other) / math.sqrt(side(set(values))[2] * (1 / n + 1 / m))
    g = (mean - other) / math.sqrt(pooled) * (1 - 3 / (4 * (n + m - 2) - 1))
    assert (row["metric_kind"], row["n"], row["baseline_n"], row["quality"], row["no_effect_reason"]) == (kind, n, m, "ok", None)
    assert row["successes"] is row["baseline_successes"] is None and row["effect_size_kind"] == "hedges_g"
    for name, expected in {
        "mean": mean,
        "baseline_mean": other,
        "difference": mean - other,
        "difference_lower": mean - other - margin,
        "difference_upper": mean - other + margin,
        "lift": mean / other - 1,
        "p_value": 2 * scipy.stats.norm.sf(abs(z)),
        "effect_size": g,
    }.items():
        assert row[name] == pytest.approx(expected, rel=1e-6, abs=1e-12), name
    assert row["difference_lower"] > 0 and 0 < row["lift_lower"] < row["lift"] < row["lift_upper"]


def test_the_loop_closes(world: World, folder: Path) -> None:
    """A delivery, n days later a planted effect of 10 points: the interval holds it. Without a holdout there is no effect, and why."""
    names = [f"user{number:04d}" for number in range(2000)]
    world.users = {name: User(f"{name}@example.com") for name in names}
    world.build()
    before = world.results()
    assert {row["no_effect_reason"] for row in before.values()} == {"not_delivered"} and set(before) == {e["name"] for e in AUDIENCES}
    deliver(world, folder)
    delivered = world.day
    held_out = [name for name in names if draw("newsletter", name) < 0.5]
    sent = [name for name in names if draw("newsletter", name) >= 0.5]
    # 30 of 100 come back anyway, 40 of those who are sent. The days of the data and of the upload are in no window.
    for group, share in ((held_out, 0.3), (sent, 0.4)):
        for number, name in enumerate(group):
            world.users[name].active_on = {delivered, delivered + timedelta(1), delivered + timedelta(30)}
            if number < share * len(group):
                world.users[name].active_on |= {delivered + timedelta(2 + number % 28), delivered + timedelta(2 + number % 5)}
    # A ratio and a mean: an event a day more for those who are sent, and a day more for most who come.
    for number, name in enumerate(names):
        world.users[name].events = 1 + number % 4 + (draw("google_ads", name) >= 0.3)
        if draw("journeys", name) >= 0.4 and number % 3 and len(world.users[name].active_on) > 3:
            world.users[name].active_on.add(delivered + timedelta(20))
    world.day = delivered + timedelta(28)
    world.build()
    assert world.results()["newsletter"]["no_effect_reason"] == "window_open" and world.results()["newsletter"]["unobserved_users"] == 2000

    world.day = delivered + timedelta(29)
    world.build()
    row = world.results()["newsletter"]
    counts = [row[name] for name in ("sent_users", "held_out_users", "n", "baseline_n", "unobserved_users")]
    assert counts == [len(sent), len(held_out), len(sent), len(held_out), 0]
    assert (row["segment"], row["surface"], row["metric"], row["quality"]) == ("promoters", "email", "active", "ok")
    assert row["first_delivered_through"] == row["last_delivered_through"] == delivered
    assert abs(row["difference"] - 0.1) < 0.001 and 0 < row["difference_lower"] < 0.1 < row["difference_upper"] < 0.15
    assert row["q_value"] < 0.001 and row["no_effect_reason"] is None
    last_day = delivered + timedelta(29)
    days = {name: sum(delivered + timedelta(1) < day <= last_day for day in world.users[name].active_on) for name in names}
    of_ratio = {name: (days[name] * world.users[name].events, days[name]) for name in names if days[name]}
    for audience, kind, values in (("google_ads", "ratio", of_ratio), ("journeys", "mean", {name: (days[name], 1) for name in names})):
        check_amounts(
            world.results()[audience], kind, values, {name for name in names if draw(audience, name) < {"mean": 0.4, "ratio": 0.3}[kind]}
        )
    nobody = world.results()["push"]
    effects = ("baseline_mean", "difference", "difference_lower", "difference_upper", "lift", "p_value", "q_value", "effect_size")
    assert nobody["no_effect_reason"] == "no_holdout" and nobody["mean"] > 0.3 and all(nobody[name] is None for name in effects)

    # Who comes later has a window of their own, who changes sides keeps the first, who is forgotten leaves both sides.
    world.users["late"] = User("late@example.com")
    world.users[sent[0]].segments = set()
    world.execute(f"delete from state.audience_exposures where user_id in ('{sent[1]}', '{held_out[1]}')")
    # Of two more a row is left, as a list of past deliveries may have one: they are no users any more.
    del world.users[sent[2]], world.users[held_out[2]]
    world.build()
    deliver(world, folder)
    row = world.results()["newsletter"]
    late = draw("newsletter", "late") < 0.5
    assert (row["sent_users"], row["held_out_users"]) == (len(sent) - 1 + (not late), len(held_out) - 1 + late)
    assert (row["n"], row["baseline_n"], row["unobserved_users"]) == (len(sent) - 2, len(held_out) - 2, 3)


def test_too_large_a_change_is_refused_until_forced_and_holds_nobody_else_up(world: World, folder: Path) -> None:
    held_out_of_none(world)
    world.build()
    deliver(world, folder)
    for name in list(world.users)[:3]:
        world.users[name].segments = {"promoters"}
    world.users["new"] = User(None, segments={"promoters"})
    world.build()
    world.execute("update marts.audiences set max_change_share = 0.49 where audience = 'push'")
    world.execute("update marts.audiences set max_change_share = 0.5 where audience = 'journeys'")
    before = [row for row in state(world) if row[1] == "push"]
    outcome = deliver(world, folder)
    assert [refused.audience for refused in outcome.refused] == ["push"]
    assert not [path for path in outcome.folder.iterdir() if path.name.startswith("push")]
    assert (outcome.folder / "journeys__customer_io__remove.csv").exists() and (outcome.folder / "chat__intercom__add.csv").exists()
    assert [row for row in state(world) if row[1] == "push"] == before
    told = run.refusals(outcome)
    assert "push at braze would change by 0 adds and 3 removes, more than 49% of the 6 people there (left_segment 3)" in told
    assert "make audiences FORCE=push" in told
    assert deliver(world, folder).refused and deliver(world, folder, "chat").refused
    with pytest.raises(Refusal, match="FORCE: unknown audience pusj; expected one of chat, crm, google_ads, journeys"):
        deliver(world, folder, "pusj")
    forced = deliver(world, folder, "push")
    assert not forced.refused and [path.name for path in forced.folder.glob("*__*")] == ["push__braze__remove.csv"]


def test_nobody_can_read_what_is_personal_and_hashes_stay_hashes(world: World, folder: Path) -> None:
    before = os.umask(0)
    try:
        folder.mkdir(parents=True)
        world.users["meta"] = User("meta@example.com", segments={"power_users"})
        world.build()
        outcome = deliver(world, folder)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, outcome.folder)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in outcome.folder.iterdir()} == {0o600}
    assert not [path for path in folder.iterdir() if path != outcome.folder]
    for table in ("marts.audiences", "marts.audience_members", "marts.audience_changes", "state.audience_delivery_log"):
        assert "@" not in str(world.execute(f"select * from {table}")), table
    kinds = dict(world.execute("select key_kind, string_agg(destination_key, ' ') from state.audience_deliveries group by key_kind"))
    assert {kind for kind, keys in kinds.items() if "@" in keys} == {"email"} and set(kinds) == set(KEY_KINDS)
    assert "example.com" not in (outcome.folder / "manifest.json").read_text(encoding="utf-8")
    assert clean(folder) == len(json.loads((outcome.folder / "manifest.json").read_text(encoding="utf-8"))["files"]) > 4
    assert [path.name for path in outcome.folder.iterdir()] == ["manifest.json"]


def test_the_manifest_says_what_the_folder_holds(world: World, folder: Path) -> None:
    world.build()
    outcome = deliver(world, folder)
    about = json.loads((outcome.folder / "manifest.json").read_text(encoding="utf-8"))
    assert about["run_id"] == outcome.folder.name == world.execute("select distinct run_id from state.audience_delivery_log")[0][0]
    assert (about["delivery_number"], about["data_through"]) == (1, world.day.isoformat())
    assert {entry["file"] for entry in about["files"]} == {path.name for path in outcome.folder.glob("*__*")}
    push = next(entry for entry in about["audiences"] if entry["audience"] == "push")
    assert (push["is_complete_list"], push["delivered_before"], push["adds"], push["delivered_after"]) == (True, 0, 3, 3)
    meta = next(entry for entry in about["audiences"] if entry["audience"] == "meta_ads")
    assert meta["skipped"] == {"excluded_segment": 3} and meta["adds"] == 0
    assert world.execute(
        "select users, added_users, removed_users, is_complete_list from state.audience_delivery_log where audience = 'push'"
    ) == [(3, 3, 0, True)]


def test_a_forgotten_person_is_removed_and_then_gone(world: World, folder: Path) -> None:
    held_out_of_none(world)
    forgotten, *others = world.users
    world.build()
    destinations = Destinations()
    destinations.upload(deliver(world, folder).folder)
    relations = ["state.audience_deliveries", "state.audience_deliveries__backup"]
    for statement in MACROS["forget_in_audiences"](forgotten, relations):
        world.execute(statement)
    del world.users[forgotten]
    world.build()
    assert not world.execute("select 1 from state.audience_deliveries where user_id = ?", [forgotten])
    outcome = deliver(world, folder)
    destinations.upload(outcome.folder)
    assert next(delivery for delivery in outcome.deliveries if delivery.audience == "crm").remove_reasons == {"deleted": 1}
    assert all(destinations.held[name] == world.expected(name) for name in destinations.held)
    address = f"{forgotten}@example.com"
    for table in ["marts.audience_members", "marts.audience_changes", "state.audience_delivery_log", *relations]:
        content = str(world.execute(f"select * from {table}"))
        assert not any(text in content for text in (forgotten, address, sha256(address), sha256(mailbox(address)))), table


# ---------------------------------------------------------------------------------------------------
# Mailboxes
# ---------------------------------------------------------------------------------------------------

# Letters and signs that lower(), trim() and eyes take for others: İ, the Kelvin sign, dotless ı, ß and ẞ, long s, full width, the Angstrom
# sign, Cyrillic а, no-break space, zero width space, a combining dot.
ODD = ["\u0130", "\u212a", "\u0131", "\u00df", "\u1e9e", "\u017f", "\uff21", "\u212b", "\u0430", "\u00a0", "\u200b", "\u0307"]
LOCALS = [
    "cy",
    "Cy",
    "c.y",
    "cy+news",
    "C.Y+News+2",
    "cy+",
    "..cy",
    "cy..",
    "+news",
    "...",
    "",
    '"c y"',
    "c y",
    "c\ty",
    "cy'o",
    "cy@x",
    "1",
    "_cy",
    "-cy",
    "=cy",
    *(f"c{sign}y" for sign in ODD),
    *(f"{sign}cy" for sign in ODD),
    *(f"cy{sign}" for sign in ODD),
]
DOMAINS = [
    "gmail.com",
    "googlemail.com",
    "Gmail.Com",
    "GoogleMail.com",
    "example.com",
    "notgmail.com",
    "gmail.com.example",
    "gmail",
    "gmail.com.",
    "",
    "gma\u0131l.com",
    "\u212ambh.example",
    "example.com\u00a0",
    "m\u00fcller.example",
    "MU\u0308LLER.example",
    "xn--mller-kva.example",
    "mail.example.com",
    "gmail.co\u217f",
]
ENDS = ["", " ", "\t", "\n", "\u00a0", "\u2003", "\ufeff", "\u200e", "\x1f"]


def asciilower(text: str) -> str:
    return "".join(chr(ord(sign) + 32) if "A" <= sign <= "Z" else sign for sign in text)


def python_form(text: str, rule: str) -> str:
    """An address in the form of a rule, without any of the code's SQL. Letters beyond ASCII: only that they stay beyond it is asked."""
    blank = {sign for sign in text if sign in "\t\n\x0b\x0c\r " or unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf")}
    if rule == "plain":
        return asciilower(text.strip("".join(blank)) if blank else text)
    text = asciilower("".join(sign for sign in text if sign not in blank))
    local, at, domain = text.partition("@")
    if at and domain in ("gmail.com", "googlemail.com") and local.split("+")[0].replace(".", ""):
        text = local.split("+")[0].replace(".", "") + "@" + domain
    return text.removesuffix("@googlemail.com") + "@gmail.com" if rule == "mailbox" and text.endswith("@googlemail.com") else text


def test_an_address_never_becomes_somebody_elses() -> None:
    """Every form of some twelve thousand addresses is what Python makes of them, and what is not ASCII stays so and is no address to send to."""
    texts = sorted(
        {before + local + "@" + domain + after for local in LOCALS for domain in DOMAINS for before in ENDS[:5] for after in ENDS}
    )
    assert len(texts) > 10_000
    sql = ", ".join([MACROS["normalized_email"]("value"), MACROS["normalized_email"]("value", "google"), MACROS["mailbox"]("value")])
    is_email = MACROS["is_email"](f"({MACROS['normalized_email']('value')})")
    with duckdb.connect() as connection:
        rows = connection.execute(f"select value, {sql}, {is_email} from (select unnest(?::varchar[]) as value)", [texts]).fetchall()
    wrong = []
    for value, *forms, is_valid in rows:
        expected = [python_form(value, rule) for rule in ("plain", "google", "mailbox")]
        # Beyond ASCII lower case is free, as long as nothing becomes ASCII.
        if [form.casefold().translate({0x130: None}) for form in forms] != [form.casefold().translate({0x130: None}) for form in expected]:
            wrong.append((value, forms, expected))
        for form, other in zip(forms, expected):
            if len(form) != len(other) or [sign for sign in form if sign < "\x80"] != [sign for sign in other if sign < "\x80"]:
                wrong.append((value, form, other))
        if is_valid and not expected[0].isascii():
            wrong.append((value, "valid"))
    assert not wrong, (len(wrong), wrong[:5])


def test_lower_case_brings_no_letter_into_ascii() -> None:
    """Every letter beyond ASCII that there is, between two of ASCII."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select value, {MACROS['lower_address']('value')} from (select 'A' || chr(unnest(?::int[])) || 'Z' as value)",
            [[point for point in range(0x80, 0x110000) if not 0xD800 <= point <= 0xDFFF]],
        ).fetchall()
    assert len(rows) > 1_000_000
    assert [value for value, lowered in rows if (lowered[0], lowered[-1], len(lowered)) != ("a", "z", 3) or lowered[1].isascii()] == []


def test_a_mailbox_is_known_by_each_of_its_addresses() -> None:
    forms = ", ".join(f"({form})" for form in MACROS["mailbox_forms"]("value"))

    def found(email: str) -> set[str]:
        return {
            form for form in duckdb.execute(f"select {forms} from (select ?::varchar as value)", [email]).fetchall()[0] if form is not None
        }

    both = {"@gmail.com", "@googlemail.com"}
    assert (
        found("c.y+news@gmail.com")
        == {name + domain for name in ("c.y+news", "c.y", "cy+news", "cy") for domain in both}
        == found("c.y+news@googlemail.com")
    )
    assert found("cy@gmail.com") == {"cy" + domain for domain in both}
    assert found("c.y+news@example.com") == {"c.y+news@example.com"}
    assert (
        found("+news@gmail.com") == {"+news@gmail.com"}
        and found("nowhere") == {"nowhere"}
        and found("\u0130da@gmail.com") >= {"\u0130da@gmail.com"}
    )


def test_a_suppressed_mailbox_is_sent_nothing(world: World) -> None:
    """The case suppressed_mailbox (tests/cases), and every pair of an address in the list and one of a user."""
    folder = ROOT / "tests/cases/suppressed_mailbox"
    (user,) = csv.DictReader((folder / "users.csv").read_text(encoding="utf-8").splitlines())
    (entry,) = csv.DictReader((folder / "suppressions.csv").read_text(encoding="utf-8").splitlines())
    listed = re.fullmatch(r"SHA256\((.*)\)", entry["email_sha256"])[1]
    world.users = {user["user_id"]: User(user["email"])}
    world.suppressions = [(None, sha256(listed))]
    world.build()
    assert {entry["name"]: world.reasons(entry["name"]) for entry in AUDIENCES if entry["name"] not in ("meta_ads",)} == {
        entry["name"]: {"c1": "suppressed"} for entry in AUDIENCES if entry["name"] not in ("meta_ads",)
    }
    ours = [
        "cy+news@gmail.com",
        "c.y@gmail.com",
        "CY@googlemail.com",
        " c.y+x@GoogleMail.com ",
        "cy+news@example.com",
        "cyx@gmail.com",
        "\u212ay@gmail.com",
    ]
    for stopped, others in {
        "cy@gmail.com": {0, 1, 2, 3},
        "cy@googlemail.com": {0, 1, 2, 3},
        "cy+news@gmail.com": {0, 1, 2, 3},
        "c.y@googlemail.com": {0, 1, 2, 3},
        "cy@example.com": set(),
        "cy+news@example.com": {4},
        "ky@gmail.com": set(),
        "cy+other@gmail.com": set(),
    }.items():
        world.users = {f"u{number}": User(email, segments={"power_users"}) for number, email in enumerate(ours)}
        world.suppressions = [(None, f" {sha256(stopped).upper()}")]
        world.build()
        reasons = world.reasons("push")
        assert {number for number in range(len(ours)) if reasons[f"u{number}"] == "suppressed"} == others, stopped


@pytest.mark.parametrize("refused", ["consent", "unsubscribed_on", "id"])
def test_a_no_holds_for_the_mailbox_in_every_form(world: World, refused: str) -> None:
    same = ["eve@gmail.com", "e.ve@googlemail.com", "EVE+2@Gmail.com", "\u00a0eve@googlemail.com\t"]
    other = [
        "eve@example.com",
        "eve2@gmail.com",
        "\u0130ve@gmail.com",
        "+eve@gmail.com",
        "+x@gmail.com",
        "\u0130da@example.com",
        "ida@example.com",
        None,
        None,
    ]
    for sayer in [*range(len(same)), len(same) + 2, len(same) + 3, len(same) + 5]:
        world.users = {f"u{number}": User(email, segments={"power_users"}) for number, email in enumerate([*same, *other])}
        world.suppressions = [(f" u{sayer} ", None)] if refused == "id" else []
        if refused != "id":
            setattr(world.users[f"u{sayer}"], refused, False if refused == "consent" else world.day)
        world.build()
        reasons = world.reasons("push")
        stopped = {int(name[1:]) for name, reason in reasons.items() if reason in ("no_consent", "unsubscribed", "suppressed")}
        assert stopped == (set(range(len(same))) if sayer < len(same) else {sayer})
        # Nobody gets what belongs to ida.
        assert world.reasons("google_ads")[f"u{len(same) + 5}"] in ("invalid_email", "no_consent", "unsubscribed", "suppressed")


# ---------------------------------------------------------------------------------------------------
# Deliveries over time
# ---------------------------------------------------------------------------------------------------


class Crash(Exception):
    """The power is gone."""


def live(world: World, chance: random.Random, newcomers: Iterator[int]) -> None:
    """A day in the life of the company."""
    world.day += timedelta(chance.randint(0, 3))
    for name in list(world.users):
        user, fate = world.users[name], chance.random()
        if fate < 0.03:
            del world.users[name]
        elif fate < 0.2:
            user.segments ^= {chance.choice(["power_users", "promoters"])}
        elif fate < 0.25:
            user.consent = chance.choice([True, True, False, None])
        elif fate < 0.28:
            user.unsubscribed_on = chance.choice([world.day - timedelta(3), world.day, world.day + timedelta(2), None])
        elif fate < 0.33:
            user.email = chance.choice([None, "", "broken", f"{name}.new{chance.randint(0, 9)}@gmail.com"])
        elif fate < 0.38:
            # Somebody else's address: freed, shared or exchanged.
            user.email = world.users[chance.choice(list(world.users))].email
    for _ in range(chance.randint(0, 5)):
        name = f"u{next(newcomers)}"
        email = chance.choice(
            [f"{name}@example.com", f" {name.upper()}@Example.COM", f"x.{name}+{name}@gmail.com", f"{name}@googlemail.com"]
        )
        world.users[name] = User(
            email, chance.choice([True, True, True, False]), segments=set(chance.sample(["power_users", "promoters"], 2))
        )
    world.suppressions = [entry for entry in world.suppressions if chance.random() < 0.8]
    if chance.random() < 0.3 and world.users:
        name = chance.choice(list(world.users))
        world.suppressions.append(chance.choice([(name, None), (None, sha256(f"{name}@example.com"))]))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_all_changes_in_order_give_the_membership_at_every_date(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Also when deliveries die in between, and what had become visible was uploaded or not."""
    chance, newcomers = random.Random(seed), iter(range(10_000))
    for _ in range(25):
        live(world, chance, newcomers)
    destinations, crashes, delivered = Destinations(), 0, 0
    for _ in range(30):
        live(world, chance, newcomers)
        world.build()
        step = chance.choice(["write_files", "begin", "publish", "finish", None, None, None, None])
        if step:
            with monkeypatch.context() as patch, pytest.raises(Crash):

                def crash(*_: Any) -> None:
                    raise Crash

                patch.setattr(run, step, crash)
                deliver(world, folder)
                raise Crash
            crashes += 1
            unfinished = world.execute("select distinct run_id from state.audience_delivery_log where delivered_at is null")
            for (run_id,) in unfinished:
                if (folder / run_id).exists() and chance.random() < 0.5:
                    destinations.upload(folder / run_id)
            # What nobody recorded may go on: the world, or another attempt.
            if chance.random() < 0.5:
                continue
        outcome = deliver(world, folder)
        if outcome.folder:
            delivered += 1
            destinations.upload(outcome.folder)
        for entry in AUDIENCES:
            name = entry["name"]
            assert destinations.held.get(name, set()) == world.expected(name), (world.day, name)
            keys = {key for (key,) in world.execute("select destination_key from state.audience_deliveries where audience = ?", [name])}
            assert keys == world.expected(name)
        assert not world.execute("select 1 from state.audience_deliveries where is_pending")
        assert deliver(world, folder).folder is None
        # What was interrupted lies around no more: uploaded late it would undo what came after.
        assert {path.name for path in folder.iterdir()} == {
            run_id for (run_id,) in world.execute("select distinct run_id from state.audience_delivery_log")
        }
    assert (
        crashes >= 5
        and delivered >= 15
        and {name for name, held in destinations.held.items() if held} == {entry["name"] for entry in AUDIENCES}
    )
    assert world.execute("select count(*) from state.audience_delivery_log where removed_users > 0")[0][0] > 20
    assert not world.execute("select 1 from state.audience_delivery_log where delivered_at is null")


# ---------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------


def command(world: World, folder: Path, *arguments: str) -> int:
    world.close()
    return audiences.main(["--database", str(world.database), "--folder", str(folder), "--run-results", str(folder / "none"), *arguments])


def test_a_dry_run_says_it_all_and_writes_nothing(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.build()
    world.close()
    before = world.database.read_bytes()
    assert command(world, folder, "--dry-run") == 0
    told = capsys.readouterr().out
    assert world.database.read_bytes() == before and not folder.exists()
    assert "push                     braze                        0       3       0  nobody" in told and "Nothing was written" in told
    assert command(world, folder) == 0 and "Complete lists, since nothing was delivered before: " in capsys.readouterr().out
    world.users = {"new": User("new@example.com")}
    world.build()
    world.execute("update marts.audiences set max_change_share = 0.5")
    assert command(world, folder) == 1
    assert "make audiences FORCE=push" in capsys.readouterr().err
    assert command(world, folder, "--force", "all") == 0 and command(world, folder, "--clean") == 0


def test_nothing_leaves_from_a_build_that_failed_or_is_old(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world.build()
    world.close()
    results = tmp_path / "run_results.json"
    arguments = ["--database", str(world.database), "--folder", str(folder), "--run-results", str(results)]
    node = "test.segmentation.unique_combination_audience_members_audience__user_id.1a2b"
    for status in ("fail", "error", "skipped"):
        results.write_text(json.dumps({"results": [{"unique_id": node, "status": status}]}), encoding="utf-8")
        assert audiences.main(arguments) == 2 and node in capsys.readouterr().err
    world.execute("update activity.data_through set data_through = '2026-02-01'")
    world.close()
    results.write_text(
        json.dumps(
            {"results": [{"unique_id": node, "status": "pass"}, {"unique_id": "model.segmentation.churn_model", "status": "error"}]}
        ),
        encoding="utf-8",
    )
    assert audiences.main(arguments) == 2
    assert "marts.audience_members is of 2026-01-01, the data reach to 2026-02-01: run `make build`" in capsys.readouterr().err
    assert not folder.exists()
    assert audiences.main(["--database", str(tmp_path / "none.duckdb"), "--run-results", str(results)]) == 2
    assert "Run `make build` first" in capsys.readouterr().err
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("create schema activity")
    assert audiences.main(["--database", str(tmp_path / "empty.duckdb"), "--run-results", str(results)]) == 2
    assert "does not have audiences yet" in capsys.readouterr().err


def test_a_full_refresh_keeps_what_was_delivered(empty_world: tuple[World, Warehouse], world: World, folder: Path) -> None:
    """Last of the tests that use the template: it is what dbt runs on."""
    project = empty_world[1]
    world.build()
    deliver(world, folder)
    before = state(world), world.execute("select * from state.audience_delivery_log order by all")
    world.close()
    shutil.copy(world.database, project.database)
    result = project.run("run", "--full-refresh", "--select", "audience_deliveries", "audience_delivery_log", "audience_changes")
    assert result, result.output[-3000:]
    rebuilt = dataclasses.replace(world, database=project.database)
    assert (state(rebuilt), rebuilt.execute("select * from state.audience_delivery_log order by all")) == before
    assert rebuilt.execute("select * from state.audience_deliveries__backup order by entry_number") == before[0]
    assert not rebuilt.execute("select * from marts.audience_changes")
    rebuilt.close()


# ---------------------------------------------------------------------------------------------------
# The sample
# ---------------------------------------------------------------------------------------------------


def test_the_sample_has_audiences_to_send(sample_warehouse: Warehouse, tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    shutil.copy(sample_warehouse.database, database)
    with duckdb.connect(str(database)) as connection:
        outcome = run.deliver(connection, tmp_path / "audiences")
        assert {delivery.audience for delivery in outcome.deliveries} == {entry["name"] for entry in VARIABLES["audiences"]}
        assert all(delivery.adds for delivery in outcome.deliveries)
        reasons = {reason for delivery in outcome.deliveries for reason in delivery.skipped}
        assert reasons >= {"no_consent", "unsubscribed", "holdout", "excluded_segment"}
        destinations = Destinations()
        destinations.upload(outcome.folder)
        sent = dict(connection.execute("select audience, count(*) from marts.audience_members where is_sent group by all").fetchall())
        assert {name: len(held) for name, held in destinations.held.items()} == sent
        assert run.deliver(connection, tmp_path / "audiences").folder is None


def test_the_past_delivery_of_the_sample(sample_warehouse: Warehouse) -> None:
    """Who was sent and who held out is what the draw says, of people who were in the segment then."""
    rows = sample_warehouse.query(
        """
        select past.user_id, past.is_held_out, members.user_id is not null
        from raw.past_deliveries as past
        left join marts.user_segments as members
            on members.user_id = past.user_id and members.segment = 'inactive_users' and members.as_of_date = past.delivered_through::date
        """
    )
    assert len(rows) > 400 and all(is_member for *_, is_member in rows)
    assert all((draw("win_back", user_id) < 0.1) == (is_held_out == "true") for user_id, is_held_out, _ in rows)
    found = {row["audience"]: row for row in sample_warehouse.records("select * from marts.audience_results")}
    row = found["win_back"]
    assert row["no_effect_reason"] is None and row["sent_users"] + row["held_out_users"] == row["n"] + row["baseline_n"] == len(rows)
    assert row["difference_lower"] < 0 < row["difference_upper"] and row["segment"] == "inactive_users"
    assert {name for name, one in found.items() if one["no_effect_reason"] == "not_delivered"} == found.keys() - {"win_back"}
    assert found["at_risk_calls"]["metric"] == "retained" and found["first_steps"]["surface"] == "onboarding"


def test_the_page_shows_the_numbers_of_the_sample(sample_warehouse: Warehouse) -> None:
    """What the destinations hold after the second delivery, who is left out, and the past one; the first delivery adds up to it."""
    page = (ROOT / "docs/audiences.md").read_text(encoding="utf-8")
    line = re.compile(r"^(\w+) +(\w+) +(\d+) +(\d+) +(\d+)  (\w+ \d+.*)$", flags=re.MULTILINE)
    shown = [
        (name, int(there), int(adds), int(removes), {kind: int(count) for kind, count in re.findall(r"(\w+) (\d+)", left)})
        for name, _, there, adds, removes, left in line.findall(page)
    ]
    first, second = (
        {name: (there, adds, removes, reasons) for name, there, adds, removes, reasons in shown[start : start + 7]} for start in (0, 7)
    )
    sent: dict[str, int] = {}
    left_out: dict[str, dict[str, int]] = {}
    for name, reason, count in sample_warehouse.query("select audience, skip_reason, count(*) from marts.audience_members group by all"):
        if reason is None:
            sent[name] = count
        else:
            left_out.setdefault(name, {})[reason] = count
    assert len(shown) == 14 and first.keys() == second.keys() == sent.keys()
    for name, (there, adds, removes, reasons) in second.items():
        assert first[name][:3] == (0, there, 0) and there + adds - removes == sent[name], name
        assert reasons == left_out[name], name
    words = " ".join(page.split())
    _, adds, _, reasons = first["win_back"]
    left = sum(reasons.values())
    assert f"`win_back` is made of {adds + left} inactive users. {adds} are sent; the other {left} are left out" in words
    assert f"shows why {second['automation_course'][2]} leave the course" in words
    ((there, held_out, mean, baseline_mean),) = sample_warehouse.query(
        "select sent_users, held_out_users, mean, baseline_mean from marts.audience_results where audience = 'win_back'"
    )
    assert f"{there} people were sent and {held_out} held out; {mean:.1%} of the first".replace("%", " %") in words
    assert f"within 28 days and {baseline_mean:.1%} of the others".replace("%", " %") in words
