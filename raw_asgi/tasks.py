"""Tasks of no task group, timers, calls from threads, and waits that end early.

For what stands beside every streamed response, and for waits by the thousand. To enter a task
group, start one task and cancel it takes five times as long as `start_task` and its cancellation
in a cancel scope (a tenth of all that a small response took), and 3 KB more while it lasts.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from types import TracebackType
from typing import Any

import anyio
from anyio.lowlevel import current_token

CallSoon = Callable[[Callable[[], None]], object]


def start_task(
    work: Callable[[], Coroutine[Any, Any, None]], context: Context | None = None
) -> Callable[[], object]:
    """Start `work`, which must not raise, in a task of its own; returns what cancels it.

    It runs in `context`, a copy of the caller's unless given. To be cancelled by whoever started
    it, on every way out: nothing else does. Cancelled, it ends when it would next wait, on asyncio
    even where what it waits for has come; that may be after the canceller has gone on.
    """
    context = context or copy_context()
    trio = _find_trio()
    if trio is None:
        return asyncio.get_running_loop().create_task(work(), context=context).cancel

    async def work_until_cancelled() -> None:
        with scope:
            await trio.lowlevel.checkpoint_if_cancelled()
            await work()

    scope = trio.CancelScope()
    trio.lowlevel.spawn_system_task(work_until_cancelled, context=context)
    cancel: Callable[[], object] = scope.cancel
    return cancel


def call_later(seconds: float, function: Callable[[], None]) -> Callable[[], object]:
    """Call `function`, which must not raise, after so long; returns what prevents it.

    It is called in an empty context: a timer may serve others than who has set it.
    """
    if _find_trio() is None:
        loop = asyncio.get_running_loop()
        return loop.call_later(seconds, function, context=Context()).cancel

    async def wait_and_call() -> None:
        await anyio.sleep(seconds)
        function()

    return start_task(wait_and_call, Context())


def require_event_loop() -> None:
    """Raise RuntimeError unless it is an event loop that calls."""
    if _find_trio() is None:
        asyncio.get_running_loop()


def find_call_soon() -> CallSoon:
    """What a thread calls to have a function called in this event loop, not waiting for it.

    Raises RuntimeError where the event loop has ended. anyio's own waits for the result, and
    the thread could make nothing meanwhile.
    """
    loop: Any = current_token().native_token
    names = "call_soon_threadsafe", "run_sync_soon"  # of asyncio, of Trio
    call_soon: CallSoon = next(getattr(loop, name) for name in names if hasattr(loop, name))
    return call_soon


class Interruption:
    """What ends a wait from another task: `async with interruption:` around the wait, once.

    Takes a fourth of the memory of anyio's cancel scope, which has two sets of its own.
    """

    __slots__ = ("_block",)

    def __init__(self) -> None:
        self._block = asyncio.timeout(None) if _find_trio() is None else anyio.CancelScope()

    def interrupt(self) -> None:
        """Cancel what the block waits for, and have it left as if that had come to its end."""
        if isinstance(self._block, asyncio.Timeout):
            self._block.reschedule(0)
        else:
            self._block.cancel()

    async def __aenter__(self) -> None:
        if isinstance(self._block, asyncio.Timeout):
            await self._block.__aenter__()
        else:
            self._block.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(self._block, asyncio.Timeout):
            return self._block.__exit__(kind, error, traceback)
        try:
            await self._block.__aexit__(kind, error, traceback)
        except TimeoutError:
            return True
        return False


def _find_trio() -> Any:
    """The library, where it runs the task that asks."""
    # Not by asyncio's running loop: trio may be its guest.
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_task() else None
