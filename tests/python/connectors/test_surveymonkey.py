"""SurveyMonkey: nested responses of the API as Airbyte lands them, and Fivetran's tables.

singer-io/tap-surveymonkey tap_surveymonkey/schemas; Airbyte's survey_responses.json and survey_questions.json; Fivetran's ERD of SurveyMonkey. The
weight of a question on recommending is -100, 0 or 100 by its group, as text: no score.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, land, variants

NPS = [
    {
        "id": f"n{value}",
        "text": str(value),
        "position": value + 1,
        "choice_metadata": {"weight": "-100" if value < 7 else "0" if value < 9 else "100"},
    }
    for value in range(11)
]
RATING = [
    {"id": f"r{value}", "text": label, "position": value, "weight": value, "is_na": False} for value, label in ((1, "Bad"), (5, "Great"))
]
RATING.append({"id": "r0", "text": "N/A", "position": 6, "weight": None, "is_na": True})
PICKS = [{"id": "c1", "text": "Mail", "position": 1}, {"id": "c2", "text": "Chat", "position": 2}]
QUESTIONS: Rows = [
    {
        "id": "q1",
        "survey_id": "s1",
        "headings": [{"heading": "<strong>Recommend</strong> us?"}],
        "family": "single_choice",
        "answers": {"choices": NPS},
    },
    {
        "id": "q2",
        "survey_id": "s1",
        "headings": [{"heading": "How was it?"}],
        "family": "matrix",
        "answers": {"choices": RATING, "rows": [{"id": "row1"}]},
    },
    {"id": "q3", "survey_id": "s1", "headings": [{"heading": "Why?"}], "family": "open_ended", "answers": {}},
    {"id": "q4", "survey_id": "s1", "headings": [{"heading": "Which?"}], "family": "multiple_choice", "answers": {"choices": PICKS}},
]
# response, status, custom variables, custom value, answers by question
SAID: list = [
    ("r1", "completed", {"user_id": "u-1"}, "", {"q1": [{"choice_id": "n9"}], "q2": [{"choice_id": "r5", "row_id": "row1"}],
     "q3": [{"text": "It works"}], "q4": [{"choice_id": "c1"}, {"choice_id": "c2"}]}),
    ("r2", "completed", {}, "u-2", {"q1": [{"choice_id": "n0"}], "q2": [{"choice_id": "r0", "row_id": "row1"}]}),
    ("r3", "partial", {"user_id": "u-3"}, "", {"q1": [{"choice_id": "n5"}]}),
    # An open link: nobody is known, whatever the empty texts are.
    ("r4", "completed", {}, "", {"q1": [{"choice_id": "n5"}]}),
]  # fmt: skip


def airbyte() -> dict[str, Rows]:
    return {
        "surveys": [{"id": "s1", "title": "Pulse", "date_modified": "2024-03-01T10:00:00"}],
        "survey_questions": QUESTIONS,
        "survey_responses": [
            {"id": name, "survey_id": "s1", "response_status": status, "custom_variables": variables, "custom_value": value, "recipient_id": "",
             "email_address": "", "date_created": "2024-03-01T10:00:00+00:00", "date_modified": "2024-03-01T12:05:00+02:00",
             "pages": [{"id": "p1", "questions": [{"id": question, "answers": given} for question, given in answers.items()]}]}
            for name, status, variables, value, answers in SAID
        ],
    }  # fmt: skip


def fivetran() -> dict[str, Rows]:
    synced = {"_fivetran_synced": "2024-06-01 00:00:00"}
    return {
        "survey": [{"id": "s1", "title": "Pulse", **synced}],
        "question": [{"id": each["id"], "heading": each["headings"][0]["heading"], **synced} for each in QUESTIONS],
        "choice": [{"question_id": each["id"], **choice, **synced} for each in QUESTIONS for choice in each["answers"].get("choices", [])],
        "response_history": [
            {"id": name, "survey_id": "s1", "response_status": status, "custom_value": variables.get("user_id") or value or None,
             "created_at": "2024-03-01 10:00:00", "updated_at": "2024-03-01 10:05:00", **synced}
            for name, status, variables, value, _ in SAID
        ],
        "response_answer": [
            {"index": place, "question_id": question, "response_id": name, "choice_id": each.get("choice_id"), "row_id": each.get("row_id"),
             "text": each.get("text"), **synced}
            for name, _, _, _, answers in SAID for question, given in answers.items() for place, each in enumerate(given)
        ],
    }  # fmt: skip


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["airbyte", "fivetran"])
def test_answers(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    tools = ConnectorModels({"surveymonkey": {**{name: f"raw.{name}" for name in tables}, "instruments": {"q1": "nps", "s1/q2": "csat"}}})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    names = ("response_id", "user_id", "instrument", "answer", "score", "question")
    found = [tuple(row.values()) for row in tools.rows("connected_survey_responses", *names)]
    assert [(*row[:4], None if row[4] is None else float(row[4]), row[5]) for row in found] == [
        # 9 and not 100; 0 is a score.
        ("r1/q1", "u-1", "nps", None, 9.0, "Recommend us?"),
        ("r1/q2/row1", "u-1", "csat", None, 5.0, "How was it?"),
        ("r1/q3", "u-1", None, "It works", None, "Why?"),
        ("r1/q4/c1", "u-1", None, "Mail", None, "Which?"),
        ("r1/q4/c2", "u-1", None, "Chat", None, "Which?"),
        ("r2/q1", "u-2", "nps", None, 0.0, "Recommend us?"),
    ]
    said = tools.rows("connected_survey_responses", "survey", "responded_at")
    assert {tuple(row.values()) for row in said} == {("Pulse", "2024-03-01T10:05:00.000000Z")}
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_surveymonkey_survey_responses", "left_out_because"))
    assert reasons == [*[""] * 6, "no_person", "not_answered", "status"]


def test_the_weight_of_a_group_is_never_a_score_whatever_the_question_is_called(tmp_path: Path) -> None:
    """Texts that are no numbers, and no instrument that says what is measured: the answer is the text."""
    groups = [
        {"id": "a", "text": "No", "position": 1, "choice_metadata": {"weight": "-100"}},
        {"id": "b", "text": "Yes", "position": 2, "choice_metadata": {"weight": "100"}},
    ]
    scale = [{"id": "c", "text": "Low", "position": 1, "weight": 1}, {"id": "d", "text": "High", "position": 2, "weight": 7}]
    questions = [
        {"id": "q1", "survey_id": "s", "answers": {"choices": groups}},
        {"id": "q2", "survey_id": "s", "answers": {"choices": scale}},
    ]
    said = [{"id": "q1", "answers": [{"choice_id": "a"}]}, {"id": "q2", "answers": [{"choice_id": "d"}]}]
    response = {
        "id": "r",
        "survey_id": "s",
        "custom_value": "u-1",
        "date_modified": "2024-03-01T10:00:00+00:00",
        "pages": [{"questions": said}],
    }
    tools = ConnectorModels({"surveymonkey": {"responses": "raw.responses", "question": "raw.questions"}})
    land(tools.connection, tmp_path, "raw.responses", [response])
    land(tools.connection, tmp_path, "raw.questions", questions)
    found = [tuple(row.values()) for row in tools.rows("connected_survey_responses", "response_id", "answer", "score")]
    assert found == [("r/q1", "No", None), ("r/q2", None, "7.0")]
