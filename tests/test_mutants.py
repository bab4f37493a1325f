"""`make mutants` takes hours. Whether each mutant still finds what it breaks is quick to see."""

from __future__ import annotations

from mutants import mutate_builds, mutate_criteria, mutate_statistics
from warehouse import ROOT


def test_the_old_text_of_every_mutant_occurs_once() -> None:
    places = [(mutant.file, mutant.old) for mutant in mutate_builds.MUTANTS + mutate_criteria.MUTANTS]
    places += [(f"{mutate_statistics.FOLDER}/{mutant.file}.sql", mutant.old) for mutant in mutate_statistics.MUTANTS]
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file in {file for file, _ in places}}
    assert len(places) > 400
    assert [(file, old) for file, old in places if texts[file].count(old) != 1] == []
