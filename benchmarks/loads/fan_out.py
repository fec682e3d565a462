"""Fan-out: what is published on one channel reaches every subscriber, how many and how late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.client import Mismatch
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.settling import settle
from benchmarks.loads.subscribers import Audience, subscribe


@dataclass(frozen=True, slots=True)
class FanOut:
    """One publisher, many subscribers: first as fast as receipts come, then at half that rate.

    An event that reaches one subscriber is one delivery. Figures: `rate`, deliveries a second;
    at half of it, `p50`, `p99` and `max` of the seconds from when an event was to be published
    until a subscriber had it; `busy`, of the client while it was as fast as can be.
    """

    subscribers: int
    events: int
    check_subscribers: int = 20

    def check(self, target: Target) -> None:
        self._run(target, self.check_subscribers)

    def measure(self, target: Target) -> Figures:
        return self._run(target, self.subscribers)

    def _run(self, target: Target, count: int) -> Figures:
        fast = [f"event {number} {'.' * 80}" for number in range(1, self.events + 1)]
        slow = [f"later {number} {'.' * 80}" for number in range(1, self.events + 1)]
        with subscribe(target, count) as audience:
            with timing() as clock:
                audience.publish(fast, None)
            rate = count * self.events / clock.seconds
            with timing():
                published = audience.publish(slow, rate / count / 2)
            late = _find_delays(audience, fast, slow, published)
        settle(target.pid)
        return {
            "rate": rate,
            "p50": late[len(late) // 2],
            "p99": late[len(late) * 99 // 100],
            "max": late[-1],
            "busy": clock.busy,
        }


def _find_delays(
    audience: Audience, fast: Sequence[str], slow: Sequence[str], published: Sequence[float]
) -> list[float]:
    """Sorted. Raises Mismatch where a subscriber was sent anything but all events in order."""
    delays: list[float] = []
    for subscriber in audience.subscribers:
        arrivals = subscriber.arrivals()
        if [data for _, data in arrivals] != [*fast, *slow]:
            raise Mismatch(f"{len(arrivals)} events for a subscriber, or others than published")
        late = arrivals[len(fast) :]
        delays += [when - then for (when, _), then in zip(late, published, strict=True)]
    return sorted(delays)
