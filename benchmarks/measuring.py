"""Measuring: every subject of a scenario by turns, so that what disturbs one disturbs all."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Mismatch
from benchmarks.hosting import DoesNotStart
from benchmarks.loads.load import Figures
from benchmarks.pool import NotInstalled, Pool
from benchmarks.scenario import Entry, Scenario

_LEAST_ROUNDS = 2

Refuse = Callable[[Entry, Scenario], str | None]
"""Why an entry is not to be measured, if so."""


@dataclass(slots=True)
class Result:
    """The figures of one entry by the number of the round, or why there are none.

    `absent` where that is because something is not installed.
    """

    rounds: dict[int, Figures] = field(default_factory=dict)
    problem: str | None = None
    absent: bool = False

    def values(self, key: str) -> list[float]:
        """One figure, of each round."""
        return [figures[key] for figures in self.rounds.values()]

    def median(self, key: str) -> float | None:
        """None where nothing was measured."""
        return statistics.median(self.values(key)) if self.rounds else None


Results = Mapping[str, Result]
"""By the entries' labels."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often each entry is measured.

    From the third round on, one that has taken longer than `budget`, in seconds, is left out,
    and all are when `time.monotonic()` is at `until`.
    """

    rounds: int
    budget: float = math.inf
    until: float = math.inf


def measure(
    scenario: Scenario, pool: Pool, pace: Pace, refuse: Refuse, report: Callable[[str], None]
) -> Results:
    """Check each entry, then measure them by turns: A B C A B C …

    One that fails its check, sends anything but what it has to, or breaks in any other way, is
    measured no more, and has no figures; the others go on. `report` is told of each step by the
    label of what is next.
    """
    results = {entry.label: Result(problem=refuse(entry, scenario)) for entry in scenario.entries}
    spent = dict.fromkeys(results, 0.0)
    for turn in range(0 if scenario.fresh else -1, pace.rounds):
        for entry in scenario.entries:
            result = results[entry.label]
            report(entry.label)
            late = time.monotonic() >= pace.until
            over = turn >= _LEAST_ROUNDS and (late or spent[entry.label] > pace.budget)
            if result.problem is not None or over:
                continue
            began = time.monotonic()
            try:
                figures = _take_turn(entry, scenario, pool, turn)
            except Exception as error:
                # Whatever it is, it is told, and is not the others' fault.
                result.problem = _describe(error)
                result.absent = isinstance(error, NotInstalled)
                result.rounds.clear()
                continue
            if figures is not None:
                result.rounds[turn] = figures
                spent[entry.label] += time.monotonic() - began
    return results


def _describe(error: Exception) -> str:
    name, told = type(error).__name__, isinstance(error, (Mismatch, NotInstalled, DoesNotStart))
    text = str(error) if told else f"{name}: {error}".removesuffix(": ")
    # Results are published; where they were made is nobody's business.
    return text.replace(str(Path.cwd()), ".") or name


def _take_turn(entry: Entry, scenario: Scenario, pool: Pool, turn: int) -> Figures | None:
    """A check in turn -1; a check and a measurement where the subject is started anew."""
    if scenario.fresh:
        with pool.start_anew(entry.subject) as target:
            entry.load.check(target)
            return entry.load.measure(target)
    target = pool.find(entry.subject)
    if turn >= 0:
        return entry.load.measure(target)
    if entry.kind == "client":
        # What it sends from memory it has to make once.
        entry.load.measure(target)
    else:
        entry.load.check(target)
    return None
