"""Make the data of the example: people who watch and listen, and what they played. The same files every time.

.venv/bin/python examples/streaming/generate.py [--check]
"""

from __future__ import annotations

import csv
import io
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

SEEDS = Path(__file__).resolve().parent / "seeds"
END = datetime(2026, 1, 18)  # The last complete day is the one before.
GENRES = {"crime": "film", "comedy": "film", "documentary": "film", "jazz": "song", "rock": "song", "news": "podcast"}
MINUTES = {"film": (80, 130), "song": (3, 6), "podcast": (20, 45)}


def made() -> dict[str, list[dict[str, str]]]:
    """The rows of each file."""
    chance = random.Random(2026)
    titles = [(f"{genre}_{number}", genre) for genre in GENRES for number in range(1, 9)]
    viewers, plays, answers = [], [], []
    for number in range(1, 121):
        viewer = f"v{number:03}"
        since = END - timedelta(days=chance.randrange(10, 300), minutes=chance.randrange(1440))
        favorite, habit = chance.choice(list(GENRES)), chance.choice(["morning", "evening", "evening", "night"])
        patience, plays_a_week = chance.choice([0.95, 0.8, 0.4]), chance.choice([0, 0.3, 1, 2, 5])
        # One in four also sends letters to followers, as in a mail tool.
        contacts = "" if chance.random() < 0.75 else str(round(10 ** chance.uniform(1.5, 5.6)))
        tastes = "; ".join(sorted({favorite.capitalize(), chance.choice(list(GENRES)).capitalize()}))
        viewers.append(
            {"viewer": viewer, "joined": since.isoformat(), "country": chance.choice(["US", "DE", "BR", ""]), "contacts": contacts}
        )
        if chance.random() < 0.6:
            answers.append({"viewer": viewer, "question": "tastes", "answer": tastes, "moment": (since + timedelta(days=2)).isoformat()})
        if contacts:
            level = "advanced" if chance.random() < 0.4 else "beginner"
            answers.append({"viewer": viewer, "question": "letters", "answer": level, "moment": (since + timedelta(days=3)).isoformat()})
        start = max(since, END - timedelta(days=130))
        for _ in range(int(plays_a_week * (END - start).days / 7)):
            title, genre = chance.choice([one for one in titles if one[1] == favorite] if chance.random() < 0.6 else titles)
            hour = {"morning": 8, "evening": 20, "night": 2}[habit] + chance.randrange(-1, 3)
            day = start + timedelta(days=chance.randrange((END - start).days + 1))
            begun = day.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60))
            if not since <= begun < END + timedelta(hours=12):
                continue
            kind = GENRES[genre]
            length = chance.randint(*MINUTES[kind])
            finished = chance.random() < patience
            # Some go on days later with what they left, and some of these too late to count.
            pause = timedelta(days=chance.randrange(1, 12)) if finished and kind == "film" and chance.random() < 0.2 else timedelta()
            heard = length if finished else max(1, round(length * chance.random()))
            device = chance.choice(["tv", "phone", "phone", "tablet"])
            plays.append(
                {"viewer": viewer, "title": title, "genre": genre, "device": device, "what": "started", "minutes": "", "moment": begun}
            )
            if finished and (end := begun + timedelta(minutes=length) + pause) < END + timedelta(hours=12):
                plays.append(
                    {
                        "viewer": viewer,
                        "title": title,
                        "genre": genre,
                        "device": device,
                        "what": "finished",
                        "minutes": str(heard),
                        "moment": end,
                    }
                )
    plays.sort(key=lambda row: (row["moment"], row["viewer"], row["what"], row["title"]))
    rows = [{"play": f"p{number:05}", **row, "moment": row["moment"].isoformat()} for number, row in enumerate(plays)]
    return {"raw_viewers": viewers, "raw_plays": rows, "raw_answers": answers}


def text_of(rows: list[dict[str, str]]) -> str:
    """Rows as CSV."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def main() -> int:
    """Write the files, or say which are not what would be written."""
    wrong = []
    for name, rows in made().items():
        path, text = SEEDS / f"{name}.csv", text_of(rows)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(path.name)
    if wrong:
        print(f"{', '.join(wrong)}: not what examples/streaming/generate.py writes.", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
