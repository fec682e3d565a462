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


async def tick(interval: float, count: int | None, after: int = 0) -> AsyncIterator[Tick]:
    """Tick every `interval` seconds, first after one interval, up to the number `count`.

    Begins after the number `after`. Ticks that nobody took in time are not made up for.
    """
    number = after
    due = anyio.current_time()
    while count is None or number < count:
        due = max(due + interval, anyio.current_time())
        await anyio.sleep_until(due)
        number += 1
        yield Tick(number, datetime.now(UTC))


async def tick_then_fail(count: int) -> AsyncIterator[Tick]:
    """Tick `count` times without waiting, then raise TicksFailed."""
    for number in range(1, count + 1):
        yield Tick(number, datetime.now(UTC))
    raise TicksFailed(f"by order, after {count} ticks")
