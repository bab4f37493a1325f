"""What users say: surveys, interviews, tickets."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from .users import User
from .world import CUTOFF, DAY, FIRST_DAY, LAST_DAY, NEVER, Streams, at, between, iso, later, office_time, shuffled, weighted, working_day

ATTRIBUTE_ANSWERS = {
    "interests": ("productivity", "data", "design", "leadership", "automation"),
    "values": ("transparency", "speed", "quality", "autonomy"),
    "lifestyle": ("office", "hybrid", "remote", "nomad"),
    "personality": ("planner", "explorer", "connector", "analyst"),
    "primary_need": ("visibility", "automation", "collaboration", "reporting"),
}


def make_surveys(streams: Streams, users: list[User]) -> list[dict]:
    """A quarter of the users ever answers; some again and again, so that their opinion changes."""
    answers = []
    for user in users:
        rng = streams("surveys", user.user_id)
        if rng.random() < 0.27 and user.tier is not NEVER:
            end = user.deleted_at or CUTOFF
            answers += [answer for answer in user_answers(rng, user, end) if answer["at"] <= end]
    answers.sort(key=lambda answer: (answer["at"], answer["user_id"], answer["question"]))
    rows = []
    for number, answer in enumerate(answers, 1):
        moment = answer.pop("at")
        rows.append({"response_id": f"r{number:04d}", **answer, "responded_at": iso(moment)})
    return rows


def user_answers(rng: random.Random, user: User, end: datetime) -> list[dict]:
    """The welcome survey, for some a second look at their needs, and scores every few months."""
    start = max(user.signed_up_at, at(FIRST_DAY, 9))
    welcomed = later(rng, start, 1, 20 * 24)
    answers = attribute_answers(rng, user, welcomed, sorted(ATTRIBUTE_ANSWERS))
    if rng.random() < 0.25:
        answers += attribute_answers(rng, user, later(rng, welcomed, 90 * 24, 200 * 24), ["primary_need"])
    moment = later(rng, start, 20 * 24, 60 * 24)
    while moment < end:
        answers += score_answers(rng, user, moment)
        moment = later(rng, moment, 70 * 24, 200 * 24)
    return answers


def attribute_answers(rng: random.Random, user: User, moment: datetime, questions: list[str]) -> list[dict]:
    """Answers about the person, from the welcome survey."""
    return [
        {
            "user_id": user.user_id,
            "survey": "welcome",
            "instrument": "attribute",
            "question": question,
            "answer": rng.choice(ATTRIBUTE_ANSWERS[question]),
            "score": "",
            "at": moment + timedelta(seconds=12 * number),
        }
        for number, question in enumerate(questions)
        if rng.random() < 0.85
    ]


def score_answers(rng: random.Random, user: User, moment: datetime) -> list[dict]:
    """NPS each time, and for some CSAT or CES: the hidden satisfaction plus the mood of the day."""
    mood = max(0.0, min(0.999, user.satisfaction + (rng.random() - 0.5) * 0.5))
    scales = [("nps", "relationship", "How likely are you to recommend Kiteloom?", 0, 10)]
    if rng.random() < 0.4:
        scales.append(("csat", "product", "How satisfied are you with Kiteloom?", 1, 5))
    if rng.random() < 0.25:
        scales.append(("ces", "product", "Kiteloom makes it easy to plan my work.", 1, 7))
    return [
        {
            "user_id": user.user_id,
            "survey": survey,
            "instrument": instrument,
            "question": question,
            "answer": "",
            "score": str(low + int((high - low + 1) * mood)),
            "at": moment + timedelta(seconds=15 * number),
        }
        for number, (instrument, survey, question, low, high) in enumerate(scales)
    ]


def make_interview_notes(rng: random.Random, users: list[User]) -> list[dict]:
    """Notes from interviews: a theme and how it was said."""
    themes = ("onboarding", "pricing", "reporting", "integrations", "performance", "collaboration", "mobile")
    notes = []
    for user in shuffled(rng, [user for user in users if not user.deleted_at])[:170]:
        first = max(user.signed_up_at.date(), FIRST_DAY)
        for _ in range(rng.randint(1, 2)):
            moment = office_time(rng, working_day(between(rng, first, LAST_DAY - 3 * DAY)))
            moment = max(moment, later(rng, user.signed_up_at, 1, 20))
            draw = user.satisfaction + (rng.random() - 0.5) * 0.6
            sentiment = "positive" if draw > 0.68 else "negative" if draw < 0.42 else "neutral"
            notes.append((moment, user.user_id, rng.choice(themes), sentiment))
    notes = sorted(note for note in notes if note[0] <= CUTOFF)
    return [
        {"note_id": f"n{number:03d}", "user_id": user_id, "theme": theme, "sentiment": sentiment, "noted_at": iso(moment)}
        for number, (moment, user_id, theme, sentiment) in enumerate(notes, 1)
    ]


def make_tickets(streams: Streams, users: list[User]) -> list[dict]:
    """Support tickets: the less satisfied ask more; some are open, some without a rating."""
    tickets = []
    for user in users:
        rng = streams("tickets", user.user_id)
        start = max(user.signed_up_at, at(FIRST_DAY, 9))
        end = user.deleted_at or CUTOFF
        weeks = (end - start).days // 7
        for week in range(weeks):
            if rng.random() > 0.012 + 0.02 * (1 - user.satisfaction) or user.tier is NEVER:
                continue
            tickets.append(ticket(rng, user, later(rng, start + 7 * week * DAY, 0, 160)))
    tickets.sort(key=lambda item: (item["created_at"], item["user_id"]))
    return [{"ticket_id": f"t{number:04d}", **item} for number, item in enumerate(tickets, 1)]


def ticket(rng: random.Random, user: User, created: datetime) -> dict:
    """One ticket. Urgent ones are solved sooner; few people rate the answer."""
    priority = weighted(rng, {"low": 30, "normal": 50, "high": 15, "urgent": 5})
    hours = {"low": 240, "normal": 120, "high": 48, "urgent": 12}[priority]
    solved = later(rng, created, 1, hours) if rng.random() < 0.93 else None
    rated = later(rng, solved, 0.5, 48) if solved and rng.random() < 0.45 else None
    rated = rated if rated and rated <= CUTOFF else None
    score = 1 + int(5 * max(0.0, min(0.999, user.satisfaction + (rng.random() - 0.5) * 0.6)))
    return {
        "user_id": user.user_id,
        "topic": rng.choice(("billing", "bug", "how_to", "integration", "access", "performance")),
        "priority": priority,
        "satisfaction": str(score) if rated else "",
        "satisfied_at": iso(rated),
        "created_at": iso(created),
        "solved_at": iso(solved),
    }
