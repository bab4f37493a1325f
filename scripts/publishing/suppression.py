"""Which counts to withhold so that no small one can be computed: pure arithmetic, no database.

A *cell* is one number of people, however many columns show it. *Equations* link cells: each is a list of (cell, coefficient)
that adds up to 0, such as users - entered - stayed. A small cell is withheld (primary suppression); that alone is of no use
where the equation gives it back, so other cells are withheld too (secondary suppression) until

1. no withheld cell follows from the published ones by any combination of the equations (exact elimination), and
2. every small cell could still be any of at least `minimum` different numbers, knowing that no count is negative. Where only
   cells of the last resort could widen the range, it is enough that it holds more than one number.

The rule of every step is the same: of the published cells in an equation that gives something away, withhold the one that
costs least, that is, the one shown in the fewest places.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field

INFINITE = float("inf")
PRIME = 2**61 - 1
# Cells that cost this much or more are withheld only if nothing else helps.
LAST_RESORT = 10**9
# How many equations away from a cell that follows from others one is looked for that can be withheld instead.
FARTHEST = 4
# A cell in more equations than this, such as the size of a large segment, is not a way to what is near.
EVERYWHERE = 20
# How many equations at one distance are followed, and how many of all are enough to find one in.
FOLLOWED = 300
MANY = 2000
# How often one cell is withheld at a time, but for knots of more equations than LARGE.
PATIENCE = 3
LARGE = 20_000


@dataclass
class Cell:
    """One number of people. `cost`: in how many places it is shown; 0 for a difference that stands in no column."""

    value: int
    is_shown: bool
    is_small: bool
    cost: int = 0


@dataclass
class Problem:
    """Cells and the equations between them; cells are numbered."""

    cells: list[Cell] = field(default_factory=list)
    equations: list[tuple[tuple[int, int], ...]] = field(default_factory=list)


def suppress(problem: Problem, minimum: int) -> set[int]:
    """The cells to withhold, primary and secondary ones."""
    return _Suppression(problem, minimum).run()


class _Suppression:
    """Works on what changed only: most knots of equations are small and are looked at once or twice."""

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
        # How many unknowns an equation has, and what the reader has computed by which equation.
        self.gaps = [sum(cell in self.unknown for cell, _ in equation) for equation in self.equations]
        self.computed: dict[int, int] = {}
        self.computes: dict[int, int] = {}
        # How many cells are withheld for each that follows from others.
        self.bulk = 1

    def run(self) -> set[int]:
        changed = {number for number, gaps in enumerate(self.gaps) if gaps}
        turn = 0
        while changed:
            # A large knot is solved anew each time. If it gives away one cell after the other, more and more are withheld at once.
            turn += 1
            changed |= self._close_single_gaps(changed)
            following: set[int] = set()
            for knot in self._knots(changed):
                self.bulk = 2 ** max(turn - (0 if len(knot) > LARGE else PATIENCE), 0)
                found = self._close_combinations(knot)
                # Of a large knot one look more costs more than a cell withheld too many.
                following |= found | (self._widen(knot) if not found or len(knot) > LARGE else set())
            changed = following
        return self.withheld

    def _matters(self, cell: int) -> bool:
        """Whether it is a leak if the reader can compute the cell."""
        return self.cells[cell].is_shown or self.cells[cell].is_small

    def _withhold(self, cell: int) -> set[int]:
        """Withholds a published cell; returns the equations that this changes."""
        self.withheld.add(cell)
        changed: set[int] = set()
        hidden = [cell]
        while hidden:
            cell = hidden.pop()
            self.unknown.add(cell)
            for number in self.equations_of[cell]:
                changed.add(number)
                self.gaps[number] += 1
                # What was computed by this equation no longer is.
                if number in self.computes:
                    other = self.computes.pop(number)
                    del self.computed[other]
                    hidden.append(other)
        return changed

    def _victim(self, equations: list[int], most: float = LAST_RESORT) -> int | None:
        """The published cell of these equations that costs least, less than `most`; None if there is none left."""
        candidates = {
            cell
            for number in equations
            if self.gaps[number] < len(self.equations[number])
            for cell, _ in self.equations[number]
            if cell not in self.unknown and self.cells[cell].is_shown and self.cells[cell].cost < most
        }
        return min(candidates, default=None, key=lambda cell: (self.cells[cell].cost, self.cells[cell].value, cell))

    # --- an equation in which one cell is unknown gives it away ---

    def _close_single_gaps(self, due: set[int]) -> set[int]:
        """Withholds a second cell wherever only one is unknown. Returns the equations that changed."""
        changed: set[int] = set()
        queue = sorted(due)
        while queue:
            number = queue.pop()
            if self.gaps[number] != 1:
                continue
            cell = next(cell for cell, _ in self.equations[number] if cell in self.unknown)
            if not self._matters(cell):
                # A harmless difference: the reader may compute it, and go on from there.
                self.computed[cell], self.computes[number] = number, cell
                self.unknown.discard(cell)
                for other in self.equations_of[cell]:
                    self.gaps[other] -= 1
                    changed.add(other)
                    queue.append(other)
                continue
            # What helps here and nowhere else comes first, sizes of segments last.
            ancestry = self._ancestry(number)
            victim = next(
                (
                    found
                    for places, most in (([number], LAST_RESORT), (ancestry, LAST_RESORT), (ancestry, INFINITE))
                    if (found := self._victim(places, most)) is not None
                ),
                None,
            )
            if victim is not None:
                more = self._withhold(victim)
                changed |= more
                queue += sorted(more)
        return changed

    def _ancestry(self, number: int) -> list[int]:
        """The equation, and those by which its computed cells were computed."""
        found, queue = [], [number]
        while queue:
            number = queue.pop()
            if number not in found:
                found.append(number)
                queue += [self.computed[cell] for cell, _ in self.equations[number] if cell in self.computed]
        return found

    # --- several equations together may give a cell away ---

    def _knots(self, numbers: set[int]) -> list[list[int]]:
        """The equations that hang together with these by unknowns, knot by knot."""
        seen: set[int] = set()
        knots = []
        for start in sorted(numbers):
            if start in seen or not self.gaps[start]:
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

    def _unknown_terms(self, number: int) -> list[tuple[int, int]]:
        return [(cell, factor) for cell, factor in self.equations[number] if cell in self.unknown]

    def _close_combinations(self, knot: list[int]) -> set[int]:
        changed: set[int] = set()
        for cell in determined([self._unknown_terms(number) for number in knot]):
            if self._matters(cell):
                changed |= self._withhold_near(cell, changed, INFINITE)
        return changed

    def _withhold_near(self, cell: int, changed: set[int], most: float) -> set[int]:
        """Withholds some of the nearest published cells, none if the equations of the cell have been changed already."""
        found: set[int] = set()
        for number in range(self.bulk):
            victim = self._nearest_victim(cell, set() if number else changed, most)
            if victim is None:
                break
            found |= self._withhold(victim)
        return found

    def _nearest_victim(self, cell: int, but: set[int], most: float = LAST_RESORT) -> int | None:
        """The cheapest published cell of the equations around an unknown. None if these have been changed already."""
        seen: set[int] = set()
        circle = set(self.equations_of[cell])
        if circle & but:
            return None
        candidates: list[int] = []
        for distance in range(FARTHEST):
            candidates += sorted(circle)
            seen |= circle
            if distance >= 2:
                victim = self._victim(candidates)
                if victim is not None:
                    return victim
            if len(seen) > MANY:
                break
            circle = {
                further
                for number in sorted(circle)[:FOLLOWED]
                for other, _ in self.equations[number]
                if other in self.unknown and len(self.equations_of[other]) <= EVERYWHERE
                for further in self.equations_of[other]
            } - seen
            if not circle:
                break
        victim = self._victim(candidates)
        return victim if victim is not None or most <= LAST_RESORT else self._victim(candidates, most)

    # --- counts are not negative: that alone may leave few numbers ---

    def _widen(self, knot: list[int]) -> set[int]:
        changed: set[int] = set()
        low, high = bounds(
            {number: self._unknown_terms(number) for number in knot},
            {
                number: -sum(factor * self.cells[cell].value for cell, factor in self.equations[number] if cell not in self.unknown)
                for number in knot
            },
        )
        cells = sorted({cell for number in knot for cell, _ in self.equations[number] if cell in self.unknown})
        for cell in cells:
            needed = self.minimum if self.cells[cell].is_small else 1 if self.cells[cell].is_shown else 0
            if high[cell] - low[cell] >= needed or changed & set(self.equations_of[cell]):
                continue
            changed |= self._withhold_near(cell, changed, LAST_RESORT if high[cell] > low[cell] else INFINITE)
        return changed


def _without_slack(problem: Problem) -> list[tuple[tuple[int, int], ...]]:
    """The equations but those with a harmless difference that occurs nowhere else: nothing follows from them."""
    occurrences: dict[int, int] = defaultdict(int)
    for equation in problem.equations:
        for cell, _ in equation:
            occurrences[cell] += 1
    return [
        equation
        for equation in problem.equations
        if not any(occurrences[cell] == 1 and not problem.cells[cell].is_shown and not problem.cells[cell].is_small for cell, _ in equation)
    ]


def determined(equations: list[list[tuple[int, int]]]) -> list[int]:
    """The unknowns that a system of linear equations gives one value, whatever its right sides are.

    An unknown is determined if it is 0 in every solution of the system with right sides 0. A solution drawn at random shows that:
    an unknown that is free in any way is 0 in it once in 2^61 draws. Arithmetic is modulo a prime, so exact and fast.
    """
    rows = [{cell: factor % PRIME for cell, factor in equation} for equation in equations if equation]
    places: dict[int, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for cell in row:
            places[cell].add(number)
    # The unknown that stands in the fewest equations goes first: that keeps them short.
    queue = [(len(numbers), cell) for cell, numbers in places.items()]
    heapq.heapify(queue)
    pivots: list[tuple[int, dict[int, int]]] = []
    while queue:
        count, cell = heapq.heappop(queue)
        if len(places[cell]) != count:
            if places[cell]:
                heapq.heappush(queue, (len(places[cell]), cell))
            continue
        if not count:
            continue
        number = min(places[cell], key=lambda one: (len(rows[one]), one))
        row = rows[number]
        for other in row:
            places[other].discard(number)
        inverse = _inverse(row[cell])
        for target in sorted(places[cell]):
            _subtract(rows[target], row, rows[target][cell] * inverse % PRIME, target, places)
        places[cell].clear()
        pivots.append((cell, row))
    chance = random.Random(0)
    solution: dict[int, int] = {}
    for cell, row in reversed(pivots):
        total = 0
        for other, factor in row.items():
            if other != cell:
                if other not in solution:
                    solution[other] = chance.randrange(1, PRIME)
                total += factor * solution[other]
        solution[cell] = -total * _inverse(row[cell]) % PRIME
    return sorted(cell for cell, value in solution.items() if not value)


def _inverse(factor: int) -> int:
    """The inverse modulo the prime; nearly all factors are 1 or −1."""
    return factor if factor in (1, PRIME - 1) else pow(factor, PRIME - 2, PRIME)


def _subtract(row: dict[int, int], pivot: dict[int, int], times: int, number: int, places: dict[int, set[int]]) -> None:
    for cell, factor in pivot.items():
        value = (row.get(cell, 0) - times * factor) % PRIME
        if value:
            row[cell] = value
            places[cell].add(number)
        elif cell in row:
            del row[cell]
            places[cell].discard(number)


def _sum_without(values: list[float], place: int) -> float:
    """The sum of all values but one, which may be infinite."""
    return sum(value for index, value in enumerate(values) if index != place)


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
                at_least = right - _sum_without(most, place)
                at_most = right - _sum_without(least, place)
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
