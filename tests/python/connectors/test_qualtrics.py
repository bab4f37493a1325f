"""Qualtrics: the same answers out of the CSV file with three header rows, Fivetran's tables and Airbyte's.

CSV: Qualtrics, "Understanding Your Data Set"; ropensci/qualtRics inst/extdata and R/read_survey.R. Fivetran: fivetran/dbt_qualtrics
macros/staging. Airbyte: source-qualtrics, `values` and `labels` by QID.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector_models import ConnectorModels
from landed import Rows, csv_text, land, variants

RULES = {"QID1": "nps", "QID3": {"instrument": "csat", "values": {"Very satisfied": 5, "Satisfied": 4}},
         "QID4": {"instrument": "attribute", "question": "lifestyle"}}  # fmt: skip
QUESTIONS = {
    "QID1": "How likely are you,\nreally, to <b>recommend</b> us?",
    "QID2_TEXT": "Anything else?",
    "QID3": "How satisfied?",
    "QID4": "Who are you?",
}
TAGS = {"QID1": "Q1", "QID2_TEXT": "Q2", "QID3": "Q3 - CSAT", "QID4": "Q4"}


def said() -> list[dict[str, Any]]:
    """Who said what: response, user id, status, times, values and labels by QID."""
    labels = {"QID3": "Very satisfied", "QID4": 'Urban, "young"'}
    return [
        {"id": "R_1a", "user": "u-1", "status": 0, "end": "2024-03-01 10:05:00", "recorded": "2024-03-01 10:05:01", "labels": labels,
         "values": {"QID1": "9", "QID1_NPS_GROUP": "3", "QID2_TEXT": "Great, thanks", "QID3": "1", "QID4": "2"}},
        # Unfinished, recorded a week later: it was said at EndDate.
        {"id": "R_2b", "user": "u-2", "status": 0, "end": "2024-03-02 11:00:00", "recorded": "2024-03-09 11:00:00", "labels": {},
         "values": {"QID1": "3", "QID1_NPS_GROUP": "1", "QID2_TEXT": "-99"}},
        # A preview, and somebody whom nobody knows.
        {"id": "R_3c", "user": "u-1", "status": 1, "end": "2024-03-03 11:00:00", "recorded": "2024-03-03 11:00:00", "labels": {}, "values": {"QID1": "10"}},
        {"id": "R_4d", "user": None, "status": 0, "end": "2024-03-04 11:00:00", "recorded": "2024-03-04 11:00:00", "labels": {}, "values": {"QID1": "7"}},
    ]  # fmt: skip


def csv_rows(language: str = "en") -> Rows:
    """As the file has it: labels where the question is exported as labels, and two more header rows."""
    named = {
        "en": ["Start Date", "End Date", "Response Type", "Finished", "Recorded Date", "Response ID", "External Data Reference", "user_id"],
        "de": ["Startdatum", "Enddatum", "Antworttyp", "Fertig", "Aufgezeichnetes Datum", "Antwort-ID", "Externe Datenreferenz", "user_id"],
    }[language]
    names = ["StartDate", "EndDate", "Status", "Finished", "RecordedDate", "ResponseId", "ExternalReference", "user_id"]
    ids = ["startDate", "endDate", "status", "finished", "recordedDate", "_recordId", "externalDataReference", "user_id"]
    asked = [*QUESTIONS, "QID1_NPS_GROUP"]
    tags = {**TAGS, "QID1_NPS_GROUP": "Q1_NPS_GROUP"}
    rows: Rows = [
        dict(zip(names, named)) | {tags[qid]: QUESTIONS.get(qid, "Group") for qid in asked},
        dict(zip(names, (json.dumps({"ImportId": each}) for each in ids))) | {tags[qid]: json.dumps({"ImportId": qid}) for qid in asked},
    ]
    for each in said():
        values = {**each["values"], **each["labels"]}
        rows.append(
            dict(zip(names, (each["end"], each["end"], each["status"], "1", each["recorded"], each["id"], None, each["user"])))
            | {tags[qid]: values.get(qid) for qid in asked}
        )
    return rows


def fivetran() -> dict[str, Rows]:
    return {
        "survey": [{"id": "SV_1", "survey_name": "Pulse", "_fivetran_deleted": False}],
        "survey_response": [
            {"id": each["id"], "survey_id": "SV_1", "start_date": each["end"], "end_date": each["end"], "recorded_date": each["recorded"],
             "finished": 1, "status": each["status"], "progress": 100, "_fivetran_synced": "2024-04-01 00:00:00"}
            for each in said()
        ],
        "question_response": [
            {"_fivetran_id": f"{each['id']}{qid}", "response_id": each["id"], "question_id": qid, "sub_question_key": None,
             "question_option_key": None, "loop_id": None, "value": value, "text": each["labels"].get(qid), "question": None}
            for each in said() for qid, value in each["values"].items()
        ],
        "question": [
            {"id": qid.removesuffix("_TEXT"), "survey_id": survey, "data_export_tag": TAGS[qid], "question_text": f"{text}{other}"}
            # QID1 is in every survey, with another text in each.
            for survey, other in (("SV_1", ""), ("SV_2", " (other)")) for qid, text in QUESTIONS.items()
        ],
        "survey_embedded_data": [
            {"response_id": each["id"], "key": key, "value": value}
            for each in said() for key, value in (("user_id", each["user"]), ("source", "mail")) if value
        ],
    }  # fmt: skip


def airbyte() -> dict[str, Rows]:
    return {
        "survey": [{"id": "SV_1", "name": "Pulse"}],
        "responses": [
            {"responseId": each["id"], "surveyId": "SV_1", "finished": True, "labels": each["labels"], "_airbyte_extracted_at": "2024-04-01T00:00:00Z",
             "values": {"startDate": f"{each['end']}Z".replace(" ", "T"), "endDate": f"{each['end']}Z".replace(" ", "T"), "status": each["status"],
                        "recordedDate": f"{each['recorded']}Z".replace(" ", "T"), "user_id": each["user"], **each["values"]}}
            for each in said()
        ],
        "question": fivetran()["question"],
    }  # fmt: skip


NPS = "how likely"
# Row by row: who, what is measured, the answer or the score, when.
EXPECTED = [
    ("R_1a/QID1", "u-1", "nps", None, "9", "2024-03-01T10:05:00.000000Z"),
    ("R_1a/QID2_TEXT", "u-1", None, "Great, thanks", None, "2024-03-01T10:05:00.000000Z"),
    # The label says it, and the rule says that it is a 5; Qualtrics' own code for it is 1.
    ("R_1a/QID3", "u-1", "csat", None, "5", "2024-03-01T10:05:00.000000Z"),
    ("R_1a/QID4", "u-1", "attribute", 'Urban, "young"', None, "2024-03-01T10:05:00.000000Z"),
    ("R_2b/QID1", "u-2", "nps", None, "3", "2024-03-02T11:00:00.000000Z"),
]
COLUMNS = ("response_id", "user_id", "instrument", "answer", "score", "responded_at")


def check(tools: ConnectorModels, survey: str) -> None:
    found = tools.rows("connected_survey_responses", *COLUMNS)
    assert [tuple(row.values()) for row in found] == EXPECTED
    asked = {row["response_id"].split("/")[1]: row for row in tools.rows("connected_survey_responses", "response_id", "question", "survey")}
    assert asked["QID1"]["question"] == "How likely are you, really, to recommend us?" and asked["QID4"]["question"] == "lifestyle"
    assert {row["survey"] for row in asked.values()} == {survey}
    reasons = sorted(row["left_out_because"] or "" for row in tools.rows("connector_qualtrics_survey_responses", "left_out_because"))
    # Ten answers: five used, two groups of NPS, a -99, a preview, a response of nobody.
    left_out = ["no_person", "not_answered", "nps_group", "nps_group", "status"]
    assert [reason for reason in reasons if reason != "embedded_data"] == [""] * 5 + left_out


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_three_header_rows_of_a_file_are_no_responses(tmp_path: Path, language: str) -> None:
    (tmp_path / "Pulse.csv").write_text("\ufeff" + csv_text(csv_rows(language)), encoding="utf-8")
    check(ConnectorModels({"qualtrics": {"responses": f"{tmp_path}/*.csv", "instruments": RULES}}), "Pulse")


def test_a_file_with_tabs_in_utf_16(tmp_path: Path) -> None:
    (tmp_path / "Pulse.tsv").write_text(csv_text(csv_rows(), delimiter="\t"), encoding="utf-16")
    place = {"files": f"{tmp_path}/Pulse.tsv", "encoding": "utf-16"}
    check(ConnectorModels({"qualtrics": {"responses": place, "instruments": RULES}}), "Pulse")


def test_two_surveys_in_two_files_have_questions_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "Pulse.csv").write_text(csv_text(csv_rows()), encoding="utf-8")
    other = [
        {
            **row,
            "ResponseId": row["ResponseId"].replace("R_", "R_x"),
            "Q1": row["Q1"] if "{" in row["Q1"] or row["Q1"].isdigit() else "Other?",
        }
        for row in csv_rows("de")
    ]
    (tmp_path / "Second.csv").write_text(csv_text(other), encoding="utf-8")
    tools = ConnectorModels({"qualtrics": {"responses": f"{tmp_path}/*.csv", "instruments": {"Pulse/QID1": "nps"}}})
    rows = tools.rows("connected_survey_responses", "survey", "question", "instrument", where="response_id like '%/QID1'")
    assert [tuple(row.values()) for row in rows] == [("Pulse", "How likely are you, really, to recommend us?", "nps")] * 2 + [
        ("Second", "Other?", None)
    ] * 2


@pytest.mark.parametrize("variant", variants())
@pytest.mark.parametrize("loader", ["fivetran", "airbyte"])
def test_the_tables_of_loaders(tmp_path: Path, loader: str, variant: dict[str, Any]) -> None:
    tables = {"fivetran": fivetran, "airbyte": airbyte}[loader]()
    tools = ConnectorModels({"qualtrics": {**{name: f"raw.{name}" for name in tables}, "instruments": RULES}})
    for name, rows in tables.items():
        land(tools.connection, tmp_path, f"raw.{name}", rows, **variant)
    check(tools, "Pulse")


def test_an_unknown_instrument_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulse.csv").write_text(csv_text(csv_rows()), encoding="utf-8")
    with pytest.raises(ValueError, match="instruments: QID1: unknown instrument `npx`; instruments are nps, csat, ces, attribute"):
        ConnectorModels({"qualtrics": {"responses": f"{tmp_path}/*.csv", "instruments": {"QID1": "npx"}}}).rows(
            "connected_survey_responses"
        )
