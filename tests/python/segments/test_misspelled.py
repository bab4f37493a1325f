"""What is misspelled in a segment is named where it stands: an argument of a criterion, a column, a value of another type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from registries import set_variables
from render_macros import loaded_macros, macro_texts, rendered
from warehouse import ROOT

FOLDER = ROOT / "macros/segments/criteria"
MACROS = loaded_macros(macro_texts(ROOT), set_variables(ROOT), segment="power_users")


def refused(call: Any) -> str:
    """What stops the parse."""
    with pytest.raises(ValueError) as problem:
        call()
    return str(problem.value)


@pytest.mark.parametrize("macro", sorted(path.stem for path in FOLDER.glob("*.sql")))
def test_an_unknown_argument_is_named_with_those_that_there_are(macro: str) -> None:
    text = (FOLDER / f"{macro}.sql").read_text(encoding="utf-8")
    [signature] = re.findall(rf"\bmacro {macro}\((.*?)\)\s*-?%}}", text, flags=re.DOTALL)
    arguments = [part.split("=")[0].strip() for part in re.split(r",(?![^\[({]*[\])}])", signature) if part.strip()]
    told = refused(lambda: MACROS[macro](zzz=1))
    if arguments:
        assert told == f"power_users: {macro}: unknown argument `zzz`. Arguments: {', '.join(arguments)}."
        near = arguments[-1] + "s"
        told = refused(lambda: MACROS[macro](**{near: 1}))
        assert told.startswith(f"power_users: {macro}: unknown argument `{near}`; did you mean `{arguments[-1]}`? Arguments: ")
        told = refused(lambda: MACROS[macro](*arguments, "one more"))
        assert f"{macro}: at most {len(arguments)} arguments ({', '.join(arguments)}), got {len(arguments) + 1}." in told
    else:
        assert told == f"power_users: {macro}: unknown argument `zzz`; it takes criteria one after the other, without names."


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("active_day_28d >= 5", ["`busy`: user_features does not have `active_day_28d`; did you mean `active_days_28d`?"]),
        ("lower(countri) = 'x'", ["`busy`: user_features does not have `countri`; did you mean `country`?"]),
        ("mrr > 5 or mrr between 5 and seatts", ["`busy`: user_features does not have `seatts`; did you mean `seats`?"]),
        ("\"plann\" = 'pro' or Plann is null", ["`busy`: user_features does not have `plann`; did you mean `plan`?"]),
        ("active_days_28d = 'many'", ["`busy`: `active_days_28d` is a bigint, and active_days_28d = 'many' compares it with a text."]),
        ("mrr > 1 and country > 5", ["`busy`: `country` is a text, and country > 5 compares it with a number."]),
        ("is_activated in ('maybe')", ["`busy`: `is_activated` is a boolean, and is_activated in ('maybe') compares it with a text."]),
        ("signup_week = 'monday'", ["`busy`: `signup_week` is a date, and signup_week = 'monday' compares it with a text."]),
        ("active_days_28d >= 5 and plan in ('pro', 'team')", []),
        ("PLAN = 'pro' and not is_trial and nps_score > '5'", []),
        ("signup_week >= as_of_date - interval 7 day", []),
        ("signup_week > date '2026-01-01' and extract(day from signup_week) = 1", []),
        ("cast(mrr as bigint) > 5 and mrr::integer > 5", []),
        ("date_trunc('week', as_of_date) = signup_week", []),
        ("case when mrr > 1 then country like 'D%' else state ilike 'd%' end", []),
        ("exists (select 1 from other where plann = 1)", []),
        # For the database to refuse: it is not near to anything.
        ("zzz = 1 and condition = 'x'", []),
        ("TODO: a condition on a column of user_feature, such as active_day_28d >= 4", []),
    ],
)
def test_a_column_that_is_not_there_and_a_value_of_another_type(sql: str, told: list[str]) -> None:
    found = MACROS["_column_problems"]("busy", f"({sql})", [])
    assert len(found) == len(told)
    for problem, start in zip(found, told):
        assert problem.startswith(start)


def test_segment_names_itself_and_the_criterion() -> None:
    told = refused(lambda: MACROS["segment"](busy="active_day_28d >= 5", rich="mrr > 'much'"))
    assert told.startswith("Segment `power_users`: `busy`: user_features does not have `active_day_28d`")
    told = refused(lambda: MACROS["segment"](either=MACROS["any_of"]("plan = 'pro'", "plann = 'team'")))
    assert "`either`: user_features does not have `plann`; did you mean `plan`?" in told
    told = refused(lambda: MACROS["segment"](team=MACROS["account_has"]("active_day_28d > 1", at_least=2)))
    assert "`team`: user_features does not have `active_day_28d`; did you mean `active_days_28d`?" in told


@pytest.mark.parametrize("path", sorted((ROOT / "models/segments").rglob("*.sql")), ids=lambda path: path.stem)
def test_no_segment_of_the_sample_is_accused(path: Path) -> None:
    """Nor what its criteria compute, such as the users of an account."""
    macros = loaded_macros(macro_texts(ROOT), set_variables(ROOT), segment=path.stem)
    assert "select * from stamped" in rendered(path.read_text(encoding="utf-8"), macros)
