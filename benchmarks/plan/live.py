"""The scenarios of what must come in time: events, and pings beside other work."""

from __future__ import annotations

from benchmarks import subjects as known
from benchmarks.loads.fan_out import FanOut
from benchmarks.loads.ping import Ping
from benchmarks.plan.figures import MAX, P50, P99
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Figure, Goal, Scenario, enter


def plan_fan_out(sizes: Sizes) -> Scenario:
    """One publisher, many subscribers."""
    idiom = known.EVENT_SOURCE
    return Scenario(
        "sse-fanout",
        f"{sizes.subscribers:,} subscribers of a channel, one publisher; delays at half the rate",
        ("events",),
        enter(
            [*known.PLAIN, idiom, known.SSE_STARLETTE, *known.PEERS, known.EVENTS_LIMIT],
            FanOut(sizes.subscribers, sizes.events),
        ),
        (Figure("rate", "deliveries", "1/s"), P50, P99),
        (Goal("rate", 2, (idiom.name,)), Goal("p99", 0.2, (idiom.name,), at_most=True)),
        rounds=sizes.few_rounds,
    )


def plan_fairness(sizes: Sizes) -> Scenario:
    """A ping beside nine streams."""
    idle = Figure("idle", "median without the others", "ms", more_is_better=False)
    return Scenario(
        "fairness",
        "a ping while four exports, four downloads and one upload run",
        ("csv", "files", "uploads"),
        enter(
            [*known.PLAIN, known.ASYNC],
            Ping(f"/csv/{sizes.table}", f"/files/{sizes.file}", sizes.ping_seconds),
        ),
        (P99, P50, MAX, idle, Figure("moved", "moved by the others", "MB/s")),
        (Goal("p99", 0.010, at_most=True),),
        rounds=sizes.few_rounds,
    )
