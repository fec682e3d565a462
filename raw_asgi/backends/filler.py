"""What a worker thread does for a buffer: rows are fetched, encoded and passed on."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from raw_asgi.backends.buffer import END, RowBuffer
from raw_asgi.backends.reading import Reading
from raw_asgi.backends.tables import Row

_AT_HAND_STRIDES = 2  # of 4 and 8 rows
_STAY_SECONDS = 0.02
_YIELD_SECONDS = 0.003
_PART_ROWS = 32


class Filler:
    """Fills a buffer with the rows of a reading: one thread at a time, chunk after chunk."""

    def __init__(self, reading: Reading, buffer: RowBuffer) -> None:
        self._reading = reading
        self._buffer = buffer
        self._rows: Iterator[Row] | None = None

    def fill_at_hand(self) -> None:
        """In the event loop: the first rows of a source that never blocks, if it is one.

        A short one then needs no thread.
        """
        try:
            rows = self._reading.open_at_hand()
            if rows is None:
                return
            self._rows = itertools.chain(rows, (END,))
            for _ in range(_AT_HAND_STRIDES):
                self._buffer.rows.extend(itertools.islice(self._rows, self._buffer.stride))
                self._buffer.encode()
        except Exception as failure:
            self._buffer.encode(failure)
        if self._buffer.ended:
            self._reading.finish_at_hand()

    def fill(self, tell: Callable[[], object]) -> AsyncIterator[Row] | None:
        """In a worker thread: open the source, and read it until nobody waits for what is full.

        `tell` is called when a chunk was passed on. An asynchronous source is the event loop's to
        read, and is returned. Raises what the source raises.
        """
        if self._rows is None:
            rows = self._reading.open()
            if isinstance(rows, AsyncIterator):
                return rows
            self._rows = itertools.chain(rows, (END,))
        self._fill(self._rows, tell)
        return None

    def _fill(self, rows: Iterator[Row], tell: Callable[[], object]) -> None:
        now = time.monotonic()
        leave, yield_at = now + _STAY_SECONDS, now + _YIELD_SECONDS
        while True:
            self._fetch(rows)
            self._buffer.encode()
            if self._buffer.ended:
                self._reading.finish()
                return
            now = time.monotonic()
            if self._buffer.full:
                passed = self._pass_on(tell)
                # Of many at once, each brings its first rows out before any brings more.
                if not passed or self._reading.crowded or now > leave:
                    return
            if now > yield_at:
                # Python's lock, which a thread otherwise keeps for 5 ms from those who ask for
                # it. Each millisecond instead: half the p99 of pings, but 6 % of an export.
                time.sleep(0)
                yield_at = now + _YIELD_SECONDS

    def _fetch(self, rows: Iterator[Row]) -> None:
        """Fetch as many rows as are expected to fill a chunk, fewer where they come larger."""
        held, stride = self._buffer.rows, self._buffer.stride
        for fetched in range(0, stride, _PART_ROWS):
            held.extend(itertools.islice(rows, min(stride - fetched, _PART_ROWS)))
            if stride > _PART_ROWS and self._buffer.overfull(_PART_ROWS):
                break

    def _pass_on(self, tell: Callable[[], object]) -> bool:
        """Give the consumer the chunk, if it waits for one."""
        if not self._buffer.pass_on():
            return False
        with suppress(RuntimeError):  # of an event loop that has ended
            tell()
        return True
