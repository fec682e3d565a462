"""Documents: the results of a run as JSON, every repetition, and what they were made with."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import orjson

from benchmarks.judging import Verdict
from benchmarks.measuring import Results
from benchmarks.peers import nginx
from benchmarks.scenario import Figure, Scenario
from benchmarks.units import describe_goal, describe_verdict

CLIENT = (
    "the benchmarks' own: blocking sockets, or one epoll for many, in one process of CPython;"
    " it records while the clock runs, and compares status, length and SHA-256 afterwards"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One subject of a section: its repetitions, in bytes and seconds, or its problem.

    `absent` where something that it needs is not installed, which is nobody's failure.
    """

    label: str
    kind: str
    rounds: Sequence[Mapping[str, float]]
    problem: str | None = None
    absent: bool = False

    def values(self, key: str) -> list[float]:
        """One figure, of each repetition."""
        return [figures[key] for figures in self.rounds if key in figures]

    def median(self, key: str) -> float | None:
        """None where there is none."""
        values = self.values(key)
        return statistics.median(values) if values else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What had to be reached, and how it ended; `met` is None where it could not be judged."""

    goal: str
    outcome: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Section:
    """One comparison. `plotted` are the keys of the figures that are shown as plots.

    `seconds` is how long all of it took, the checks and the waiting included.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    rows: Sequence[Row]
    outcomes: Sequence[Outcome] = ()
    plotted: Sequence[str] = ()
    seconds: float = 0.0

    def find_row(self, label: str) -> Row | None:
        """None where there is no such subject."""
        return next((row for row in self.rows if row.label == label), None)


@dataclass(slots=True)
class Document:
    """A run. `seconds` is how long it took."""

    command: str
    size: str
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    machine: Mapping[str, Any] = field(default_factory=lambda: describe_machine())
    versions: Mapping[str, str] = field(default_factory=lambda: list_versions())
    client: str = CLIENT
    checks: Mapping[str, str] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    seconds: float = 0.0


def list_ratios(own: Row, other: Row, key: str) -> list[float]:
    """One figure of a row against another row's, round by round.

    What disturbed one disturbed the other. No row leaves a round out and has a later one.
    """
    pairs = zip(own.values(key), other.values(key), strict=False)
    return [value / base for value, base in pairs if base]


def make_section(
    scenario: Scenario, results: Results, verdicts: Sequence[Verdict], seconds: float = 0.0
) -> Section:
    """A scenario that was measured, in so many seconds."""
    return Section(
        scenario.name,
        scenario.title,
        list(scenario.figures),
        [
            Row(
                entry.label,
                entry.kind,
                list(results[entry.label].rounds.values()),
                results[entry.label].problem,
                results[entry.label].absent,
            )
            for entry in scenario.entries
        ],
        [
            Outcome(
                describe_goal(verdict, scenario.figures),
                describe_verdict(verdict, scenario.figures),
                verdict.met,
            )
            for verdict in verdicts
        ],
        list(dict.fromkeys([scenario.figures[0].key, *(goal.key for goal in scenario.goals)])),
        seconds,
    )


def write_document(document: Document, path: Path) -> None:
    """Write it as JSON; the directory is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def read_document(path: Path) -> Document:
    """Read what was written."""
    read: dict[str, Any] = orjson.loads(path.read_bytes())
    sections = [
        Section(
            section["name"],
            section["title"],
            [Figure(**figure) for figure in section["figures"]],
            [Row(**row) for row in section["rows"]],
            [Outcome(**outcome) for outcome in section["outcomes"]],
            section["plotted"],
            section["seconds"],
        )
        for section in read.pop("sections")
    ]
    return Document(**read, sections=sections)


def describe_machine() -> dict[str, Any]:
    """What the figures depend on, without any name of the machine."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "processor": _find_processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages * size / 2**30, 1),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def list_versions() -> dict[str, str]:
    """The versions of all distributions that are installed, and nginx's."""
    versions = {found.name.lower(): found.version for found in distributions()}
    if number := nginx.find_version():
        versions["nginx"] = number
    return dict(sorted(versions.items()))


def _find_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
