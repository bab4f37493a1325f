"""Which counts to withhold so that no small one can be computed: pure arithmetic, no database.

A *cell* is one number of people, however many columns show it. *Equations* link cells: each is a list of (cell, coefficient)
that adds up to 0, such as users - entered - stayed. A small cell is withheld (primary suppression); that alone is of no use
where the equation gives it back, so other cells are withheld too (secondary suppression) until

1. no withheld cell follows from the published ones by any combination of the equations (exact elimination), and
2. every small cell could still be any of at least `minimum` different numbers, knowing that no count is negative.

The rule of every step is the same: of the published cells in an equation that gives something away, withhold the one that
costs least, that is, the one shown in the fewest places.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

INFINITE = float("inf")
# Beyond this many unknowns in one knot of equations exact elimination would take minutes: all of the knot's cells are withheld.
LARGEST_KNOT = 3000


@dataclass
class Cell:
    """One number of people. `cost`: in how many places it is shown; 0 for a difference that stands in no column."""

    value: int
    is_shown: bool
    is_small: bool
    cost: int = 0
    # Known to the reader of an earlier publication: withholding it protects nothing.
    is_known_already: bool = False


@dataclass
class Problem:
    """Cells and the equations between them; cells are numbered."""

    cells: list[Cell] = field(default_factory=list)
    equations: list[tuple[tuple[int, int], ...]] = field(default_factory=list)


def suppress(problem: Problem, minimum: int) -> set[int]:
    """The cells to withhold, primary and secondary ones."""
    return _Suppression(problem, minimum).run()


class _Suppression:
    def __init__(self, problem: Problem, minimum: int) -> None:
        self.cells = problem.cells
        self.minimum = minimum
        self.equations = _without_slack(problem)
        self.equations_of: dict[int, list[int]] = defaultdict(list)
        for number, equation in enumerate(self.equations):
            for cell, _ in equation:
                self.equations_of[cell].append(number)
        self.withheld = {number for number, cell in enumerate(self.cells) if cell.is_shown and cell.is_small}
        self.unknown = self.withheld | {number for number, cell in enumerate(self.cells) if not cell.is_shown}

    def run(self) -> set[int]:
        due = self._equations_with_unknowns()
        while due:
            due = self._close_single_gaps(due) or self._close_combinations() or self._widen()
        return self.withheld

    def _equations_with_unknowns(self) -> set[int]:
        return {number for cell in self.unknown for number in self.equations_of[cell]}

    def _matters(self, cell: int) -> bool:
        """Whether it is a leak if the reader can compute the cell."""
        return self.cells[cell].is_shown or self.cells[cell].is_small

    def _withhold(self, cell: int) -> set[int]:
        """Withholds a published cell; returns the equations that this changes."""
        self.withheld.add(cell)
        self.unknown.add(cell)
        return set(self.equations_of[cell])

    def _victim(self, equations: list[int], but: int | None = None) -> int | None:
        """The published cell of these equations that costs least; NULL-like None if there is none left."""
        candidates = {
            cell for number in equations for cell, _ in self.equations[number]
            if cell not in self.unknown and cell != but
        }
        return min(
            candidates, default=None,
            key=lambda cell: (self.cells[cell].is_known_already, self.cells[cell].cost, self.cells[cell].value, cell),
        )

    # --- an equation in which one cell is unknown gives it away ---

    def _close_single_gaps(self, due: set[int]) -> set[int]:
        """Withholds a second cell wherever only one is unknown. Returns the equations that changed, none at the end."""
        changed: set[int] = set()
        derived: dict[int, int] = {}
        queue = sorted(due)
        while queue:
            number = queue.pop()
            gaps = [cell for cell, _ in self.equations[number] if cell in self.unknown and cell not in derived]
            if len(gaps) != 1:
                continue
            cell = gaps[0]
            if not self._matters(cell):
                # A harmless difference: the reader may compute it, and go on from there.
                derived[cell] = number
                queue += self.equations_of[cell]
                continue
            victim = self._victim(self._ancestry(number, derived))
            if victim is None:
                continue
            changed |= self._withhold(victim)
            # What was computed by way of the victim no longer is.
            derived = {}
            queue += sorted(changed)
        return changed

    def _ancestry(self, number: int, derived: dict[int, int]) -> list[int]:
        """The equation, and those by which its computed cells were computed."""
        found, queue = [], [number]
        while queue:
            number = queue.pop()
            if number in found:
                continue
            found.append(number)
            queue += [derived[cell] for cell, _ in self.equations[number] if cell in derived]
        return found

    # --- several equations together may give a cell away ---

    def _close_combinations(self) -> set[int]:
        changed: set[int] = set()
        for knot in self._knots():
            for cell in determined([[term for term in self.equations[n] if term[0] in self.unknown] for n in knot]):
                if not self._matters(cell):
                    continue
                near = [n for n in knot if any(c == cell for c, _ in self.equations[n])]
                victim = self._victim(near)
                if victim is None:
                    victim = self._victim(knot)
                if victim is not None:
                    changed |= self._withhold(victim)
        return changed

    def _knots(self) -> list[list[int]]:
        """Equations with unknowns, put together where they share one."""
        seen: set[int] = set()
        knots = []
        for start in sorted(self._equations_with_unknowns()):
            if start in seen:
                continue
            seen.add(start)
            knot, queue = [], [start]
            while queue:
                number = queue.pop()
                knot.append(number)
                for cell, _ in self.equations[number]:
                    if cell in self.unknown:
                        for other in self.equations_of[cell]:
                            if other not in seen:
                                seen.add(other)
                                queue.append(other)
            knots.append(knot)
        return knots

    # --- counts are not negative: that alone may leave few numbers ---

    def _widen(self) -> set[int]:
        changed: set[int] = set()
        low, high = bounds(
            {n: [(cell, factor) for cell, factor in self.equations[n] if cell in self.unknown]
             for n in self._equations_with_unknowns()},
            {n: -sum(factor * self.cells[cell].value for cell, factor in self.equations[n] if cell not in self.unknown)
             for n in self._equations_with_unknowns()},
        )
        touched: set[int] = set()
        for cell in sorted(self.unknown):
            if not self.equations_of[cell]:
                continue
            width = high.get(cell, INFINITE) - low.get(cell, 0)
            needed = self.minimum if self.cells[cell].is_small else 1 if self.cells[cell].is_shown else 0
            if width >= needed or touched & set(self.equations_of[cell]):
                continue
            victim = self._victim(self.equations_of[cell])
            if victim is not None:
                touched |= set(self.equations_of[cell])
                changed |= self._withhold(victim)
        return changed


def _without_slack(problem: Problem) -> list[tuple[tuple[int, int], ...]]:
    """The equations but those with a harmless difference that occurs nowhere else: nothing follows from them."""
    occurrences: dict[int, int] = defaultdict(int)
    for equation in problem.equations:
        for cell, _ in equation:
            occurrences[cell] += 1
    return [
        equation for equation in problem.equations
        if not any(
            occurrences[cell] == 1 and not problem.cells[cell].is_shown and not problem.cells[cell].is_small
            for cell, _ in equation
        )
    ]


def determined(equations: list[list[tuple[int, int]]]) -> list[int]:
    """The unknowns that a system of linear equations gives one value, whatever its right sides are."""
    rows = [{cell: Fraction(factor) for cell, factor in equation} for equation in equations if equation]
    # An unknown that occurs in one equation is free: it takes up whatever the others leave. Both can be put aside.
    places: dict[int, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for cell in row:
            places[cell].add(number)
    put_aside: list[tuple[int, int]] = []
    gone: set[int] = set()
    queue = [cell for cell, numbers in places.items() if len(numbers) == 1]
    while queue:
        cell = queue.pop()
        if len(places[cell]) != 1:
            continue
        number = places[cell].pop()
        gone.add(number)
        put_aside.append((cell, number))
        for other in rows[number]:
            places[other].discard(number)
            if len(places[other]) == 1:
                queue.append(other)
    core = [row for number, row in enumerate(rows) if number not in gone]
    found = set(_eliminated(core))
    for cell, number in reversed(put_aside):
        if all(other in found for other in rows[number] if other != cell):
            found.add(cell)
    return sorted(found)


def _eliminated(rows: list[dict[int, Fraction]]) -> list[int]:
    """Reduced row echelon form; the unknowns that stand alone in a row."""
    reduced: dict[int, dict[int, Fraction]] = {}
    used_in: dict[int, set[int]] = defaultdict(set)
    for row in sorted(rows, key=len):
        row = dict(row)
        for pivot in [cell for cell in row if cell in reduced]:
            factor = row.get(pivot)
            if factor:
                _add(row, reduced[pivot], -factor)
        if not row:
            continue
        pivot = min(row, key=lambda cell: (len(used_in[cell]), cell))
        factor = row[pivot]
        row = {cell: value / factor for cell, value in row.items()}
        for other in list(used_in[pivot]):
            target = reduced[other]
            before = set(target)
            _add(target, row, -target[pivot])
            for cell in before - set(target):
                used_in[cell].discard(other)
            for cell in set(target) - before:
                used_in[cell].add(other)
        reduced[pivot] = row
        for cell in row:
            used_in[cell].add(pivot)
    return [pivot for pivot, row in reduced.items() if len(row) == 1]


def _add(row: dict[int, Fraction], other: dict[int, Fraction], factor: Fraction) -> None:
    for cell, value in other.items():
        total = row.get(cell, 0) + factor * value
        if total:
            row[cell] = total
        else:
            row.pop(cell, None)


def bounds(
    equations: dict[int, list[tuple[int, int]]], right_sides: dict[int, int], sweeps: int = 30
) -> tuple[dict[int, float], dict[int, float]]:
    """Lowest and highest value of each unknown that its equations allow one by one, if none is negative."""
    low: dict[int, float] = defaultdict(float)
    high: dict[int, float] = defaultdict(lambda: INFINITE)
    due = {number for number, equation in equations.items() if equation}
    equations_of: dict[int, list[int]] = defaultdict(list)
    for number, equation in equations.items():
        for cell, _ in equation:
            equations_of[cell].append(number)
    for _ in range(sweeps):
        changed: set[int] = set()
        for number in due:
            equation, right = equations[number], right_sides[number]
            least = [factor * (low[cell] if factor > 0 else high[cell]) for cell, factor in equation]
            most = [factor * (high[cell] if factor > 0 else low[cell]) for cell, factor in equation]
            for place, (cell, factor) in enumerate(equation):
                at_least = right - sum(most[:place]) - sum(most[place + 1:])
                at_most = right - sum(least[:place]) - sum(least[place + 1:])
                ends = sorted((at_least / factor, at_most / factor))
                if ends[0] > low[cell] + 1e-9:
                    low[cell] = ends[0]
                    changed.add(cell)
                if ends[1] < high[cell] - 1e-9:
                    high[cell] = ends[1]
                    changed.add(cell)
        due = {number for cell in changed for number in equations_of[cell]}
        if not due:
            break
    return low, high
