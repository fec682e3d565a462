"""A source of rows and the worker thread that is in it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar, current_token

from raw_asgi.backends.tables import Row, RowSource

T = TypeVar("T")
CallSoon = Callable[[Callable[[], None]], object]

_THREADS = 40
_TURNS = 2
_WAITING_SHARE = 8
_threads: RunVar[CapacityLimiter] = RunVar("raw_asgi.backends.reading.threads")
_turns: RunVar[CapacityLimiter] = RunVar("raw_asgi.backends.reading.turns")

_logger = logging.getLogger(__name__)


class Reading:
    """A source and the thread that may be in it: closed once, by whoever leaves last."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._guard = threading.Lock()
        self._running = False
        self._released = False
        self._turns: CapacityLimiter | None = None
        self._inside: CapacityLimiter | None = None
        self._waits = False

    @property
    def crowded(self) -> bool:
        """Whether more readings have a thread than there are turns."""
        return self._inside is not None and self._inside.borrowed_tokens > _TURNS

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        """Open the source. Blocks."""
        return self._source.open()

    def open_at_hand(self) -> Iterator[Row] | None:
        """Open a source that does not block, in the event loop; None where it may."""
        if not getattr(self._source, "at_hand", False):
            return None
        rows = self._source.open()
        return rows if isinstance(rows, Iterator) else None

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a worker thread, which a cancelled caller leaves to itself."""
        # The readings' own: sources that block must not keep files and uploads waiting.
        self._inside = _find_limiter(_threads, _THREADS)
        return await to_thread.run_sync(
            self._enter, work, abandon_on_cancel=True, limiter=self._inside
        )

    async def run_in_turn(self, work: Callable[[], T]) -> T:
        """The same, when few others work: what has begun leaves room for what begins.

        Threads that all want Python's lock at once spend their time on passing it: 32 readings
        took 1.6 times as long without turns. A source that mostly waited the last time wants no
        lock, and no turn.
        """
        if self._waits:
            return await self.run(work)
        turns = _find_limiter(_turns, _TURNS)
        await turns.acquire_on_behalf_of(self)
        self._turns = turns
        try:
            return await self.run(work)
        finally:
            self.give_up_turn()

    def give_up_turn(self) -> None:
        """Let others work: the thread that is inside turns out to wait for something."""
        if self._turns is not None:
            turns, self._turns = self._turns, None
            turns.release_on_behalf_of(self)

    def finish(self) -> None:
        """In the thread: close as soon as the work that runs returns."""
        self._released = True

    def finish_at_hand(self) -> None:
        """Close what `open_at_hand` has opened, in the event loop."""
        self._released = True
        self._close()

    async def release(self) -> None:
        """Close now, or have the thread do so that is inside."""
        with self._guard:
            running, released = self._running, self._released
            self._released = True
            if running and not released:
                self._source.interrupt()
        if not (running or released):
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._close)

    def _enter(self, work: Callable[[], T]) -> T:
        with self._guard:
            if self._released:
                raise RuntimeError("the reading was released before its thread began")
            self._running = True
        began, worked = time.monotonic(), time.thread_time()
        try:
            return work()
        finally:
            worked, took = time.thread_time() - worked, time.monotonic() - began
            self._waits = worked * _WAITING_SHARE < took
            if self._leave():
                self._close()

    def _leave(self) -> bool:
        with self._guard:
            self._running = False
            return self._released

    def _close(self) -> None:
        # Nobody waits for what a source raises as it is closed, and the stream has its end.
        try:
            self._source.close()
        except Exception:
            _logger.exception("a source of rows failed while it was closed")


def _find_limiter(variable: RunVar[CapacityLimiter], tokens: int) -> CapacityLimiter:
    """The event loop's own."""
    limiter = variable.get(None)
    if limiter is None:
        limiter = CapacityLimiter(tokens)
        variable.set(limiter)
    return limiter


def find_call_soon() -> CallSoon:
    """What a thread calls to have a function called in this event loop, not waiting for it.

    Raises RuntimeError where the event loop has ended. anyio's own waits for the result, and
    the thread could make nothing meanwhile.
    """
    loop: Any = current_token().native_token
    names = "call_soon_threadsafe", "run_sync_soon"  # of asyncio, of Trio
    call_soon: CallSoon = next(getattr(loop, name) for name in names if hasattr(loop, name))
    return call_soon
