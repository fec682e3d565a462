"""What a load is, and where it finds its subject."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.client import Address

Figures = dict[str, float]
"""What one measurement gave, by name. The names and units of a load stand in its docstring."""


@dataclass(frozen=True, slots=True)
class Target:
    """A subject that runs: its address, what its paths begin with, its process, its directory."""

    address: Address
    prefix: str
    pid: int
    files: Path


class Load(Protocol):
    """Something that is asked of a subject."""

    def check(self, target: Target) -> None:
        """Ask for a little of it, and look at all that arrives. Raises Mismatch."""

    def measure(self, target: Target) -> Figures:
        """Ask for all of it. Raises Mismatch where what arrived is not what had to."""


class Clock:
    """How long something took, and how busy this process was with it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.busy = 0.0


@contextmanager
def timing() -> Iterator[Clock]:
    """Time a block. No garbage is collected in it: the client's pauses are not the subject's."""
    clock = Clock()
    gc.collect()
    gc.disable()
    try:
        used, began = time.process_time(), time.perf_counter()
        yield clock
        clock.seconds = time.perf_counter() - began
        clock.busy = (time.process_time() - used) / clock.seconds
    finally:
        gc.enable()
