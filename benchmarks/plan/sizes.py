"""How much a run moves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much a run moves, and how often.

    `table`, `file` and `text` are of the material; `part_table` and `part_file` are what those
    are asked for that would need minutes for all of it; `shared` is the table that many
    connections ask for at once, `memory` the number of applications that are looked at for it.
    Times are in seconds. A subject is measured `rounds` times in a scenario, or at least twice
    where it needs longer than `budget` for that, or the run as a whole longer than `seconds`;
    once, in scenarios that begin after these.
    """

    name: str
    table: str
    part_table: str
    shared: str
    generated: int
    file: str
    part_file: str
    text: str
    ranges: int
    requests: int
    subscribers: int
    events: int
    ping_seconds: float
    memory: int
    memory_seconds: float
    connections: tuple[int, ...]
    rounds: int
    few_rounds: int
    budget: float
    seconds: float


FULL = Sizes(
    name="full",
    table="readings",
    part_table="readings_quick",
    shared="readings_quick",
    generated=100_000,
    file="large.bin",
    part_file="quick.bin",
    text="text.txt",
    ranges=10_000,
    requests=3_000,
    subscribers=1000,
    events=25,
    ping_seconds=2.5,
    memory=3,
    memory_seconds=4.0,
    connections=(1, 4, 16, 64),
    rounds=4,
    few_rounds=2,
    budget=8.0,
    seconds=1300.0,
)
QUICK = Sizes(
    name="quick",
    table="readings_quick",
    part_table="readings_check",
    shared="readings_check",
    generated=10_000,
    file="quick.bin",
    part_file="check.bin",
    text="quick.txt",
    ranges=500,
    requests=300,
    subscribers=100,
    events=20,
    ping_seconds=0.5,
    memory=1,
    memory_seconds=0.3,
    connections=(1, 64),
    rounds=2,
    few_rounds=1,
    budget=0.5,
    seconds=45.0,
)
