"""A source of rows and the worker thread that is in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from raw_asgi.backends.tables import Row, RowSource

T = TypeVar("T")

_THREADS = 40
_limiter: RunVar[CapacityLimiter] = RunVar("raw_asgi.backends.reading")

_logger = logging.getLogger(__name__)


class Reading:
    """A source and the thread that may be in it: closed once, by whoever leaves last."""

    def __init__(self, source: RowSource) -> None:
        self._source = source
        self._guard = threading.Lock()
        self._running = False
        self._released = False

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        """Open the source. Blocks."""
        return self._source.open()

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a worker thread, which a cancelled caller leaves to itself."""
        return await to_thread.run_sync(
            self._enter, work, abandon_on_cancel=True, limiter=_find_limiter()
        )

    def finish(self) -> None:
        """In the thread: close as soon as the work that runs returns."""
        self._released = True

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
        try:
            return work()
        finally:
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


def _find_limiter() -> CapacityLimiter:
    """The readings' own: sources that block must not keep files and uploads waiting."""
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(_THREADS)
        _limiter.set(limiter)
    return limiter
