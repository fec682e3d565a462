"""Where rows become bytes, between a thread that reads and the event loop that sends."""

from __future__ import annotations

import sys
import threading
from collections import deque

from raw_asgi.backends.encoding import Encoder
from raw_asgi.backends.tables import Row

END: Row = ("the end of the rows",)

_FIRST_STRIDE = 4
_LAST_STRIDE = 256

# The first chunk does not wait for the size of the others, so that the first byte of a large
# table comes soon.
_FIRST_BYTES = 1024


class RowBuffer:
    """Rows go in at one end, bytes come out at the other.

    One thread puts into `rows`, END last, and calls `encode`; another, the consumer, calls `take`
    and may call `encode` as well. `stride` is how many rows to fetch next.
    """

    def __init__(self, encoder: Encoder, chunk_bytes: int) -> None:
        # One thread may fill it (in C, `extend` of an iterator) while another empties it.
        self.rows: deque[Row] = deque()
        self.waiting = False
        """Whether the consumer waits for a chunk."""
        self._chunk_bytes = chunk_bytes
        self._encoded = _Encoded(encoder, chunk_bytes)
        # Held while rows leave the deque and become bytes, so that they keep their order.
        self._order = threading.Lock()
        # A chunk that a thread has passed on: put there only while the consumer waits.
        self._passed = b""

    @property
    def stride(self) -> int:
        return self._encoded.stride

    @property
    def full(self) -> bool:
        """Whether a chunk is encoded."""
        return self._encoded.full

    @property
    def ended(self) -> bool:
        """Whether no more is to come: END was encoded, or something failed."""
        return self._encoded.ended

    @property
    def failure(self) -> Exception | None:
        """Why it ended, where that was no clean end."""
        return self._encoded.failure

    @property
    def passed(self) -> bool:
        """Whether a chunk was passed on and not yet taken."""
        return bool(self._passed)

    @property
    def ready(self) -> bool:
        """Whether the consumer has something to take that need not wait for more."""
        return self.passed or self.full or self.ended

    @property
    def empty(self) -> bool:
        return not (self.rows or self._encoded.size or self._passed)

    def overfull(self, rows: int) -> bool:
        """Whether so many rows of the size of the newest are more than a chunk."""
        try:
            newest = self.rows[-1]
        except IndexError:  # the consumer has taken all
            return False
        return rows * sum(map(sys.getsizeof, newest)) > self._chunk_bytes

    def encode(self, failure: Exception | None = None) -> None:
        """Encode the rows that are there. With a failure, end with it."""
        with self._order:
            self._encode(failure)

    def pass_on(self) -> bool:
        """Lay what is encoded ready for the consumer; False unless it waits for that."""
        with self._order:
            # What was passed on and is not taken yet must not be written over.
            if not self.waiting or self.passed or self.ended:
                return False
            self.waiting = False
            self._passed = self._encoded.take()
            return True

    def take(self) -> bytes | None:
        """What there is; None while a thread is encoding, which will not be long."""
        # What was passed on needs no lock: no thread touches it until the consumer waits again.
        if self.passed:
            return self._take_passed()
        if not self._order.acquire(blocking=False):
            return None
        try:
            # A thread may have passed on a chunk since.
            return self._take_passed() or self._take_encoded()
        finally:
            self._order.release()

    def _take_passed(self) -> bytes:
        chunk, self._passed = self._passed, b""
        return chunk

    def _take_encoded(self) -> bytes:
        if self.rows and not self.full:
            self._encode(None)
        return self._encoded.take()

    def _encode(self, failure: Exception | None) -> None:
        rows = [self.rows.popleft() for _ in range(len(self.rows))]
        ended = bool(rows) and rows[-1] is END
        if ended:
            rows.pop()
        if rows:
            self._encoded.add(rows)
        if ended or failure is not None:
            self._encoded.end(failure)


class _Encoded:
    """Bytes that wait to be taken, and how the rows ended."""

    def __init__(self, encoder: Encoder, chunk_bytes: int) -> None:
        self._encoder = encoder
        self._chunk_bytes = chunk_bytes
        self._full_bytes = min(chunk_bytes, _FIRST_BYTES)
        self._parts: list[bytes] = []
        self._begun = False
        self.size = 0
        self.stride = _FIRST_STRIDE
        self.ended = False
        self.failure: Exception | None = None

    @property
    def full(self) -> bool:
        return self.size >= self._full_bytes

    def take(self) -> bytes:
        chunk = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        if chunk:
            self._full_bytes = self._chunk_bytes
        return chunk

    def add(self, rows: list[Row]) -> None:
        if self.ended:
            return
        try:
            encoded = self._encoder.encode(rows)
        except Exception:
            self._add_each(rows)
            return
        self._append(encoded)
        # The next stride is what would fill a chunk, approached no faster than by doubling:
        # rows may be of any size, and what is fetched is in memory.
        fill = self._chunk_bytes * len(rows) // (len(encoded) or 1) + 1
        self.stride = max(1, min(fill, 2 * self.stride, _LAST_STRIDE))

    def end(self, failure: Exception | None) -> None:
        if self.ended:
            return
        if failure is None:
            self._append(self._encoder.rest() + self._encoder.tail)
        elif self._begun:
            self._append(self._encoder.rest())
        self.failure = failure
        self.ended = True

    def _add_each(self, rows: list[Row]) -> None:
        for row in rows:
            try:
                self._append(self._encoder.encode([row]))
            except Exception as failure:
                self.end(failure)
                return

    def _append(self, encoded: bytes) -> None:
        if not self._begun:
            self._begun = True
            encoded = self._encoder.head + encoded
        if encoded:
            self._parts.append(encoded)
            self.size += len(encoded)
