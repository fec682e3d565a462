"""A ticker: `raw_asgi.backends.clock`. In trio's own simulated time, which passes by itself."""

from __future__ import annotations

from datetime import UTC, datetime

import anyio
import pytest
from trio.testing import MockClock

from raw_asgi.backends.clock import Clock, TicksFailed, tick_then_fail

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time stands still while anything runs, and jumps to the next deadline when all waits."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


async def _take(clock: Clock, begin: float) -> tuple[int, float]:
    """Wait for the next tick; its number, and how long after `begin` it came."""
    await clock.wait()
    due = clock.take()
    assert due is not None, "there was no tick when the wait for it ended"
    return due.number, anyio.current_time() - begin


async def test_first_tick_comes_after_one_interval() -> None:
    begin = anyio.current_time()
    clock = Clock(2.0, None)
    assert clock.take() is None, "a tick came at once"
    assert [await _take(clock, begin) for _ in range(3)] == [(1, 2.0), (2, 4.0), (3, 6.0)]


async def test_tick_is_taken_once() -> None:
    clock = Clock(1.0, None)
    await clock.wait()
    assert clock.take() is not None
    assert clock.take() is None


async def test_clock_goes_on_after_a_number() -> None:
    begin = anyio.current_time()
    assert await _take(Clock(1.0, None, after=41), begin) == (42, 1.0)


async def test_cancelled_wait_loses_no_tick() -> None:
    begin = anyio.current_time()
    clock = Clock(3.0, None)
    with anyio.move_on_after(1.0):
        await clock.wait()
    assert clock.take() is None
    assert await _take(clock, begin) == (1, 3.0)


async def test_late_taker_keeps_the_pace() -> None:
    begin = anyio.current_time()
    clock = Clock(2.0, None)
    await anyio.sleep(3.0)
    assert await _take(clock, begin) == (1, 3.0)
    assert await _take(clock, begin) == (2, 4.0)


async def test_ticks_that_nobody_took_are_not_made_up_for() -> None:
    begin = anyio.current_time()
    clock = Clock(2.0, None)
    await anyio.sleep(11.0)
    assert await _take(clock, begin) == (1, 11.0)
    assert clock.take() is None, "the next tick followed without an interval"
    assert await _take(clock, begin) == (2, 12.0)


@pytest.mark.parametrize(("count", "after", "ticks"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (3, 9, 0)])
async def test_count(count: int, after: int, ticks: int) -> None:
    clock = Clock(1.0, count, after)
    for _ in range(ticks):
        assert not clock.finished
        await clock.wait()
        clock.take()
    assert clock.finished


async def test_time_of_a_tick_is_utc() -> None:
    before = datetime.now(UTC)
    clock = Clock(0.5, 1)
    await clock.wait()
    only = clock.take()
    assert only is not None
    assert before <= only.time <= datetime.now(UTC)
    assert only.time.tzinfo is UTC


@pytest.mark.parametrize("count", [0, 2])
async def test_tick_then_fail(count: int) -> None:
    begin = anyio.current_time()
    numbers: list[int] = []

    async def read() -> None:
        async for each in tick_then_fail(count):
            numbers.append(each.number)

    with pytest.raises(TicksFailed):
        await read()
    assert numbers == [1, 2][:count]
    assert anyio.current_time() == begin, "a tick was waited for"
