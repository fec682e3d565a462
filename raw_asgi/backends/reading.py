"""A source of rows and the worker thread that is in it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from raw_asgi.backends.tables import Row, RowSource
from raw_asgi.backends.turns import Turn

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

_THREADS = 40
_WAITING_SHARE = 8
_BRIEF_THREADS = 8
_threads: RunVar[CapacityLimiter] = RunVar("raw_asgi.backends.reading.threads")
_brief_threads: RunVar[CapacityLimiter] = RunVar("raw_asgi.backends.reading.brief_threads")

_logger = logging.getLogger(__name__)


class Reading:
    """A source and the thread that may be in it: closed once, by whoever leaves last."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._guard = threading.Lock()
        self._running = False
        self._released = False
        self._opened: AsyncIterator[Row] | None = None
        self._turn = Turn()
        self._waits = False

    @property
    def crowded(self) -> bool:
        """Whether another reading waits for a turn."""
        return self._turn.wanted

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        """Open the source. Blocks."""
        opened, self._opened = self._opened, None
        return self._source.open() if opened is None else opened

    def open_at_hand(self) -> Iterator[Row] | None:
        """Open a source that does not block, in the event loop; None where it may."""
        if not getattr(self._source, "at_hand", False):
            return None
        rows = self._source.open()
        if isinstance(rows, Iterator):
            return rows
        self._opened = rows
        return None

    async def run(self, work: Callable[[], T], begin: Callable[[], None]) -> T:
        """Run `work` in a worker thread, which a cancelled caller leaves to itself.

        In turn with others, unless the source mostly waited the last time. `begin` is called in
        the event loop when the turn has come.
        """
        if self._waits:
            begin()
            return await self._run(work)
        async with self._turn:
            begin()
            return await self._run(work)

    async def _run(self, work: Callable[[], T]) -> T:
        limiter = _find_limiter(_threads, _THREADS)
        return await to_thread.run_sync(self._enter, work, abandon_on_cancel=True, limiter=limiter)

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
                await run_briefly(self._close)

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


async def run_briefly(work: Callable[[Unpack[Arguments]], T], *arguments: *Arguments) -> T:
    """Run what does not block for long in a thread, however many others are taken."""
    return await to_thread.run_sync(
        work, *arguments, limiter=_find_limiter(_brief_threads, _BRIEF_THREADS)
    )


def _find_limiter(variable: RunVar[CapacityLimiter], tokens: int) -> CapacityLimiter:
    """The event loop's own: sources that block must not keep files and uploads waiting."""
    limiter = variable.get(None)
    if limiter is None:
        limiter = CapacityLimiter(tokens)
        variable.set(limiter)
    return limiter
