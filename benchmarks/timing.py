"""Timing: the applications measured by turns, so that what disturbs one disturbs all."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from asgi_conformance.cells import Cell

from benchmarks.client import Address, Mismatch
from benchmarks.scenarios import Measurement, Scenario


@dataclass(slots=True)
class Timing:
    """The measurements of one family in one cell, or the reason why there are none."""

    unit: str
    measurements: list[Measurement] = field(default_factory=list)
    problem: str | None = None

    @property
    def rate(self) -> float | None:
        """The median, in bytes or events per second; None where nothing was measured."""
        if self.problem or not self.measurements:
            return None
        return statistics.median(measurement.rate for measurement in self.measurements)

    @property
    def complete(self) -> bool:
        """Whether every measurement came to its end in its time."""
        return all(measurement.complete for measurement in self.measurements)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long one measurement may take, in seconds, and how many there are of each."""

    seconds: float = 0.25
    rounds: int = 3


def time_scenario(
    scenario: Scenario,
    addresses: Mapping[Cell, Address],
    pace: Pace,
    report: Callable[[], None],
) -> dict[Cell, Timing]:
    """Verify what each cell sends, then measure them by turns. `report` is told of each step.

    The verification also warms the server up. A cell where it fails is measured no more.
    """
    timings = {cell: Timing(scenario.unit) for cell in addresses}
    for turn in range(pace.rounds + 1):
        for cell, address in addresses.items():
            timing = timings[cell]
            if timing.problem is None:
                try:
                    if turn == 0:
                        scenario.verify(address, gzip=cell.gzip, seconds=pace.seconds)
                    else:
                        timing.measurements.append(
                            scenario.measure(address, gzip=cell.gzip, seconds=pace.seconds)
                        )
                except Mismatch as mismatch:
                    timing.problem = str(mismatch)
            report()
    return timings


def group_cells(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The cells that are compared with each other: one server, one setting of gzip."""
    groups: dict[tuple[str, bool], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.server, cell.gzip), []).append(cell)
    return list(groups.values())
