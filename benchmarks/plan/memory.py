"""The scenarios of memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import subjects as known
from benchmarks.loads.load import Load
from benchmarks.loads.memory import Holding, Pace, Publishing, Streaming
from benchmarks.material import MIB
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Entry, Figure, Goal, Scenario

_MORE_ROWS = 50_000_000  # than make 1 GiB


def plan_memory(sizes: Sizes) -> Iterator[Scenario]:
    """What a process grows by: each family with fast and with slow clients, idle subscribers."""
    figures = (
        Figure("growth", "peak growth", "MiB", more_is_better=False),
        Figure("moved", "moved", "MiB"),
    )
    paces: tuple[Pace, ...] = ("fast", "slow")
    for pace in paces:
        loads = _choose_loads(pace, sizes.memory_seconds)
        yield Scenario(
            f"memory-{pace}",
            f"growth of the process while up to 1 GiB goes through it, {pace} clients",
            tuple(loads),
            tuple(
                Entry(subject, load, label(subject.name, family))
                for family, load in loads.items()
                for subject in known.PLAIN[: sizes.memory]
            ),
            figures,
            tuple(
                Goal("growth", 16 * MIB, at_most=True, of=label(known.RAW, family))
                for family in loads
            ),
            fresh=True,
            rounds=sizes.few_rounds,
        )
    subjects = [*known.PLAIN, *map(known.hold, known.SERVERS)]
    yield Scenario(
        "memory-idle",
        f"what each of {sizes.subscribers:,} idle subscribers costs",
        ("events",),
        tuple(Entry(subject, Holding(sizes.subscribers), subject.name) for subject in subjects),
        (Figure("each", "a subscriber", "KiB", more_is_better=False),),
        (Goal("each", 1.25, (known.hold("uvicorn").name,), at_most=True),),
        fresh=True,
        rounds=sizes.few_rounds,
    )


def label(subject: str, family: str) -> str:
    """The label of a subject with what it is asked for."""
    return f"{subject}: {family}"


def _choose_loads(pace: Pace, seconds: float) -> dict[str, Load]:
    if pace == "slow":
        seconds /= 2
    return {
        "files": Streaming("/files/large.bin", pace, seconds),
        "csv": Streaming(f"/csv/numbers?rows={_MORE_ROWS}", pace, seconds),
        "jsonl": Streaming(f"/jsonl/numbers?rows={_MORE_ROWS}", pace, seconds),
        "events": Publishing(pace, seconds),
        "uploads": Streaming(None, pace, seconds),
    }
