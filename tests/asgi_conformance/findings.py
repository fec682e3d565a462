"""Findings: what a check has to say beside its verdict, and the numbers that it measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["bytes", "s"]
_UNITS = ("bytes", "s")


@dataclass(frozen=True, slots=True)
class Measurement:
    """A quantity, each of its repetitions in the order in which they were made."""

    name: str
    values: Sequence[float]
    unit: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one check has found in one cell; a subject has them, the report reads them."""

    observations: list[str] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)

    def observe(self, text: str) -> None:
        """Say, in one line, what a check saw that judges nothing."""
        self.observations.append(text)

    def measure(self, name: str, values: Sequence[float], unit: Unit | str) -> None:
        """Say what was measured: each repetition, in `bytes` or in `s` (seconds).

        Raises `ValueError` without a value, or with another unit.
        """
        if not values:
            raise ValueError(f"{name}: nothing was measured")
        if unit not in _UNITS:
            raise ValueError(f"{name}: a measurement is in {' or '.join(_UNITS)}, not {unit!r}")
        self.measurements.append(Measurement(name, tuple(values), unit))
