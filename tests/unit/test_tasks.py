"""Tasks of no task group: `raw_asgi.tasks`."""

from __future__ import annotations

import anyio
import pytest
from fakes import PATIENCE

from raw_asgi.tasks import Interruption, call_later, start_task

pytestmark = pytest.mark.anyio

NEVER = 3600.0


async def test_a_task_runs_beside() -> None:
    ran = anyio.Event()

    async def work() -> None:
        ran.set()

    start_task(work)
    with anyio.fail_after(PATIENCE):
        await ran.wait()


async def test_a_task_that_waits_is_cancelled() -> None:
    steps: list[str] = []
    cancelled = anyio.Event()

    async def work() -> None:
        steps.append("begun")
        try:
            await anyio.sleep_forever()
        finally:
            steps.append("released")
            cancelled.set()

    cancel = start_task(work)
    with anyio.fail_after(PATIENCE):
        await anyio.wait_all_tasks_blocked()
        cancel()
        await cancelled.wait()
    assert steps == ["begun", "released"]


async def test_a_task_that_is_cancelled_before_it_begins_never_begins() -> None:
    """On Trio a task of a scope that is cancelled runs until it waits, unless it is asked first."""
    begun: list[str] = []

    async def work() -> None:
        begun.append("begun")

    start_task(work)()
    await anyio.wait_all_tasks_blocked()
    assert not begun


async def test_to_cancel_a_task_that_has_ended_does_nothing() -> None:
    ran = anyio.Event()

    async def work() -> None:
        ran.set()

    cancel = start_task(work)
    with anyio.fail_after(PATIENCE):
        await ran.wait()
        await anyio.wait_all_tasks_blocked()
        cancel()
        await anyio.lowlevel.checkpoint()


async def test_a_function_is_called_later() -> None:
    called = anyio.Event()
    call_later(0.001, called.set)
    assert not called.is_set()
    with anyio.fail_after(PATIENCE):
        await called.wait()


async def test_a_call_can_be_prevented() -> None:
    calls: list[str] = []
    last = anyio.Event()
    prevent = call_later(0.001, lambda: calls.append("prevented"))
    call_later(0.002, last.set)
    prevent()
    with anyio.fail_after(PATIENCE):
        await last.wait()
    assert calls == []


async def test_a_call_of_the_far_future_keeps_nothing_open() -> None:
    """What runs the loop returns, though the call is still to come."""
    call_later(NEVER, lambda: pytest.fail("called"))()


async def test_a_wait_is_interrupted() -> None:
    interruption = Interruption()

    async def interrupt() -> None:
        interruption.interrupt()

    with anyio.fail_after(PATIENCE):
        async with interruption:
            start_task(interrupt)
            await anyio.sleep_forever()
        # What comes after is not cancelled.
        await anyio.lowlevel.checkpoint()


async def test_a_block_that_nothing_interrupts_is_left_as_any_other() -> None:
    async with Interruption():
        await anyio.lowlevel.checkpoint()
    with pytest.raises(ZeroDivisionError):
        async with Interruption():
            raise ZeroDivisionError


async def test_what_fails_in_an_interrupted_block_is_raised() -> None:
    async def fail(interruption: Interruption) -> None:
        async with interruption:
            interruption.interrupt()
            raise ZeroDivisionError

    with anyio.fail_after(PATIENCE), pytest.raises(ZeroDivisionError):
        await fail(Interruption())


async def test_a_timeout_of_what_is_waited_for_is_raised() -> None:
    with pytest.raises(TimeoutError, match="not ours"):
        async with Interruption():
            raise TimeoutError("not ours")


async def test_a_cancellation_from_outside_passes_through() -> None:
    with anyio.CancelScope() as scope:
        async with Interruption():
            scope.cancel()
            await anyio.sleep_forever()
        pytest.fail("went on")
    assert scope.cancelled_caught
