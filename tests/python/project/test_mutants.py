"""The mutants of `make mutants`, which take too long for every commit: what each of them breaks is there, and only once."""

from __future__ import annotations

from mutants import mutate_builds, mutate_criteria, mutate_statistics
from warehouse import ROOT


def test_each_mutant_finds_its_old_text_once() -> None:
    places = [(mutant.file, mutant.old) for mutant in mutate_builds.MUTANTS]
    places += [(mutant.file, mutant.old) for mutant in mutate_criteria.MUTANTS]
    places += [(f"{mutate_statistics.FOLDER}/{mutant.file}.sql", mutant.old) for mutant in mutate_statistics.MUTANTS]
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file, _ in places}
    assert len(places) > 300
    assert [(file, old) for file, old in places if texts[file].count(old) != 1] == []
