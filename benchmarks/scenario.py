"""Scenarios: who is asked for what, what is taken of it, and what must be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.loads.load import Load
from benchmarks.subjects import RAW, Subject

Unit = Literal["MB/s", "rows/s", "1/s", "ms", "MiB", "KiB"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A subject with what it is asked for. The label is unique in its scenario."""

    subject: Subject
    load: Load
    label: str

    @property
    def kind(self) -> str:
        return self.subject.kind


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a load that is shown: its key there, a name, its unit, and what is better."""

    key: str
    name: str
    unit: Unit
    more_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Goal:
    """What must be reached: `of`'s figure against another's, or against a bound by itself.

    The ratio of the two, the median of the rounds' ratios, is at least `bound`; with `at_most`,
    at most. `against` are labels, of which the best counts; of those that are not there
    (`instead` stands in for them) the goal says so. Without any, `bound` is in the figure's own
    unit of bytes or seconds.
    """

    key: str
    bound: float
    against: tuple[str, ...] = ()
    at_most: bool = False
    of: str = RAW
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One comparison. `families` are those whose checks a subject must have passed.

    With `fresh`, a subject is started anew for each of its measurements.
    """

    name: str
    title: str
    families: tuple[str, ...]
    entries: tuple[Entry, ...]
    figures: tuple[Figure, ...]
    goals: tuple[Goal, ...] = ()
    fresh: bool = False
    rounds: int | None = None


def enter_part(subject: Subject, load: Load, part: str) -> Entry:
    """A subject that would need minutes, and is asked for a part of what the others are."""
    return Entry(subject, load, f"{subject.name}: {part}")


def enter(subjects: Sequence[Subject], load: Load) -> tuple[Entry, ...]:
    """Subjects that are asked for the same, by their names."""
    return tuple(Entry(subject, load, subject.name) for subject in subjects)
