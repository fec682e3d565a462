"""Rows become chunks of bytes, made in worker threads, a batch a hop.

A *pump* task reads the source and encodes; the consumer takes what is there when a chunk is
full, or when `flush_seconds` have passed, whichever is first. The pump stops while a full
chunk waits to be taken: that is all the read-ahead there is, one chunk.

What makes this more than a loop is a source that blocks in its thread with rows already
fetched. The rows go into a `deque`, which one thread may fill (in C, `extend` of an iterator)
while another empties it; so the consumer can take the rows out from under a blocked source.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from raw_asgi.backends.encoding import Encoder
from raw_asgi.backends.reading import Reading
from raw_asgi.backends.tables import Row, RowSource

_FIRST_STRIDE = 4
_LAST_STRIDE = 64
_LOOP_ROWS = 8
_TURN_SECONDS = 0.005
_BUSY_SECONDS = 0.0005
_END: Row = ("the end of the rows",)


class EncodedRows(AsyncIterator[bytes]):
    """Iterates over the bytes of a source's rows, in chunks of about `chunk_bytes`.

    No row waits longer than `flush_seconds` for others. The first chunk holds the encoder's
    head and, unless the source is empty, at least one row. What the source or the encoder
    raises is raised here, after the rows before it. Nothing is opened before the first chunk
    is asked for. Close it (`aclose`, or `contextlib.aclosing`) in the task that iterates, and
    put a time limit around the whole of that, not around one chunk: it runs a task group. The
    source is closed at once where it can be interrupted, else by its own thread.
    """

    def __init__(
        self,
        source: RowSource,
        encoder: Encoder,
        *,
        chunk_bytes: int = 65536,
        flush_seconds: float = 0.05,
    ) -> None:
        if chunk_bytes < 1 or not flush_seconds > 0:
            raise ValueError("chunk_bytes and flush_seconds must be above 0")
        self._reading = Reading(source)
        self._encoded = _Encoded(encoder, chunk_bytes)
        self._flush_seconds = flush_seconds
        self._pumping: TaskGroup | None = None
        self._closed = False
        self._rows: deque[Row] = deque()
        # Held while rows leave the deque and become bytes, so that they keep their order.
        self._order = threading.Lock()
        # A thread may block with rows in the deque, unseen; a coroutine tells of its first.
        self._look_again = True
        self._arrived = anyio.Event()
        self._filled = anyio.Event()
        self._taken = anyio.Event()

    async def __anext__(self) -> bytes:
        if self._closed:
            raise StopAsyncIteration
        if self._pumping is None:
            self._pumping = await anyio.create_task_group().__aenter__()
            self._pumping.start_soon(self._pump)
        chunk = await self._take()
        if chunk:
            return chunk
        await self.aclose()
        raise self._encoded.failure or StopAsyncIteration

    async def aclose(self) -> None:
        """End the reading and release its source. Does nothing the second time."""
        self._closed = True
        if self._pumping is not None:
            # Entered and left by hand: as a block in a generator it would wrap what passes
            # through it, GeneratorExit too, in an exception group.
            pumping, self._pumping = self._pumping, None
            pumping.cancel_scope.cancel()
            await pumping.__aexit__(None, None, None)

    async def _take(self) -> bytes:
        """The next chunk, empty after the last."""
        while True:
            if not (self._encoded.full or self._encoded.ended):
                await self._wait()
            if len(self._rows) > _LOOP_ROWS and not self._encoded.full:
                # From under a source that blocks; too many to encode in the event loop.
                await to_thread.run_sync(self._encode_pending)
            chunk = self._take_pending()
            if chunk is None:
                await anyio.sleep(_BUSY_SECONDS)
            elif chunk or self._encoded.ended:
                return chunk

    async def _pump(self) -> None:
        """Read the source to its end, a batch a hop, one chunk ahead of the consumer."""
        try:
            rows = await self._reading.run(self._reading.open)
            if isinstance(rows, AsyncIterator):
                await self._pump_async(rows)
            else:
                await self._pump_sync(rows)
        except Exception as failure:
            await to_thread.run_sync(self._encode_pending, failure)
            await self._hand_over()
        finally:
            await self._reading.release()

    async def _pump_sync(self, rows: Iterator[Row]) -> None:
        ending = itertools.chain(rows, (_END,))
        while not self._encoded.ended:
            await self._reading.run(lambda: self._fill(ending))
            await self._hand_over()

    async def _pump_async(self, rows: AsyncIterator[Row]) -> None:
        self._look_again = False
        turn = time.monotonic() + _TURN_SECONDS
        try:
            async for row in rows:
                self._rows.append(row)
                if len(self._rows) == 1:
                    self._arrived.set()
                if len(self._rows) >= self._encoded.stride or time.monotonic() >= turn:
                    # The hop also gives the event loop its turn, which a source that never
                    # really awaits would not.
                    await to_thread.run_sync(self._encode_pending)
                    if self._encoded.ended:
                        break  # at a row that cannot be encoded
                    if self._encoded.full:
                        await self._hand_over()
                    turn = time.monotonic() + _TURN_SECONDS
        finally:
            aclose = getattr(rows, "aclose", None)
            if aclose is not None:
                with anyio.CancelScope(shield=True):
                    await aclose()
        self._rows.append(_END)
        await to_thread.run_sync(self._encode_pending)
        await self._hand_over()

    async def _wait(self) -> None:
        """Until a chunk is full or what is there is due."""
        if not (self._look_again or self._rows or self._encoded.size):
            self._arrived = anyio.Event()
            await self._arrived.wait()
        with anyio.move_on_after(self._flush_seconds):
            await self._filled.wait()

    async def _hand_over(self) -> None:
        self._arrived.set()
        self._filled.set()
        while self._encoded.full and not self._encoded.ended:
            self._taken = anyio.Event()
            await self._taken.wait()

    def _fill(self, rows: Iterator[Row]) -> None:
        """In a worker thread: read and encode until a chunk is full or due."""
        due = time.monotonic() + self._flush_seconds
        while not (self._encoded.full or self._encoded.ended):
            self._rows.extend(itertools.islice(rows, self._encoded.stride))
            self._encode_pending()
            if time.monotonic() >= due:
                break
        if self._encoded.ended:
            self._reading.finish()

    def _encode_pending(self, failure: Exception | None = None) -> None:
        with self._order:
            self._encode(failure)

    def _take_pending(self) -> bytes | None:
        """What there is; None while a thread is encoding, which will not be long."""
        if not self._order.acquire(blocking=False):
            return None
        try:
            if not self._encoded.full:
                self._encode(None)
            if not self._encoded.ended:
                self._filled = anyio.Event()
            chunk = self._encoded.take()
        finally:
            self._order.release()
        self._taken.set()
        return chunk

    def _encode(self, failure: Exception | None) -> None:
        rows: list[Row] = []
        while self._rows:
            rows.append(self._rows.popleft())
        ended = bool(rows) and rows[-1] is _END
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
        self._parts: list[bytes] = []
        self._begun = False
        self.size = 0
        self.stride = _FIRST_STRIDE
        self.ended = False
        self.failure: Exception | None = None

    @property
    def full(self) -> bool:
        return self.size >= self._chunk_bytes

    def take(self) -> bytes:
        chunk = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
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
