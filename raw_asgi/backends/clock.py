"""A ticker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio


@dataclass(frozen=True, slots=True)
class Tick:
    """The number of a tick, from 1, and when it was, in UTC."""

    number: int
    time: datetime


class TicksFailed(Exception):
    """What a ticker of the tests raises, by order."""


class Clock:
    """Ticks every `interval` seconds, first after one interval, up to the number `count`.

    Begins after the number `after`. Ticks that nobody took in time are not made up for.
    """

    def __init__(self, interval: float, count: int | None, after: int = 0) -> None:
        self._interval = interval
        self._count = count
        self._number = after
        self._due = anyio.current_time() + interval

    @property
    def finished(self) -> bool:
        """Whether the last tick was taken."""
        return self._count is not None and self._number >= self._count

    async def wait(self) -> None:
        """Return when a tick is due. May be cancelled without losing one."""
        await anyio.sleep_until(self._due)

    def take(self) -> Tick | None:
        """The tick that is due, None where none is."""
        now = anyio.current_time()
        if now < self._due:
            return None
        passed = (now - self._due) // self._interval + 1
        self._due += passed * self._interval
        self._number += 1
        return Tick(self._number, datetime.now(UTC))


async def tick_then_fail(count: int) -> AsyncIterator[Tick]:
    """Tick `count` times without waiting, then raise TicksFailed."""
    for number in range(1, count + 1):
        yield Tick(number, datetime.now(UTC))
    raise TicksFailed(f"by order, after {count} ticks")
