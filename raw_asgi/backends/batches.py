"""Rows become chunks of bytes, made in worker threads, many chunks a hop.

A *pump* task sends a thread into the source, which reads and encodes. When a chunk is full and
the consumer waits for it, the thread passes it on and makes the next; when it is full and
nobody waits, the thread leaves: that is all the read-ahead there is, one chunk. What is not full
the consumer takes when `flush_seconds` have passed. An asynchronous source is read, and its
rows encoded, in the event loop.

What makes this more than a loop is a source that blocks in its thread with rows already
fetched. Thread and consumer share a buffer, so that the consumer can take the rows out from
under a blocked source.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from raw_asgi.backends.buffer import END, RowBuffer
from raw_asgi.backends.encoding import Encoder
from raw_asgi.backends.filler import Filler
from raw_asgi.backends.reading import Reading, run_briefly
from raw_asgi.backends.tables import Row, RowSource, close_iterator
from raw_asgi.tasks import find_call_soon

_LOOP_ROWS = 8
_TURN_SECONDS = 0.005
_LOOP_STRIDE = 64
_TURN_STRIDES = 16
_BUSY_SECONDS = 0.0005


class EncodedRows(AsyncIterator[bytes]):
    """Iterates over the bytes of a source's rows, in chunks of about `chunk_bytes`.

    No row waits longer than `flush_seconds` for others. The first chunk is of about 1 KiB, so
    that it comes soon; it holds the encoder's head and, unless the source is empty, at least one
    row. What the source or the encoder raises is raised here, after the rows before it.

    Nothing is opened before the first chunk is asked for. Close it (`aclose`, or
    `contextlib.aclosing`) in the task that iterates, and put a time limit around the whole of
    that, not around one chunk: it runs a task group. The source is closed at once where it can be
    interrupted, else by its own thread.
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
        self._buffer = RowBuffer(encoder, chunk_bytes)
        self._flush_seconds = flush_seconds
        self._begun = False
        self._closed = False
        self._pumping: TaskGroup | None = None
        self._filler = Filler(self._reading, self._buffer)
        self._fill: Callable[[], AsyncIterator[Row] | None]
        # A thread may block with rows in the deque, unseen; a coroutine tells of its first.
        self._look_again = False
        # Made with the pump: of a stream at hand they would be a tenth of its time.
        self._arrived: anyio.Event
        self._filled: anyio.Event
        self._taken: anyio.Event

    async def __anext__(self) -> bytes:
        if self._closed:
            raise StopAsyncIteration
        if not self._begun:
            self._begun = True
            self._filler.fill_at_hand()
            if not self._buffer.ended:
                await self._start_pump()
        chunk = self._buffer.take() if self._pumping is None else await self._take()
        if chunk:
            return chunk
        await self.aclose()
        failure = self._buffer.failure
        if failure is None:
            raise StopAsyncIteration
        if isinstance(failure, StopAsyncIteration):
            # A synchronous source may raise it, and it would look like a clean end.
            raise RuntimeError("the source raised StopAsyncIteration") from failure
        raise failure

    async def aclose(self) -> None:
        """End the reading and release its source. Does nothing the second time."""
        self._closed = True
        if self._pumping is not None:
            # Entered and left by hand: as a block in a generator it would wrap what passes
            # through it, GeneratorExit too, in an exception group.
            pumping, self._pumping = self._pumping, None
            pumping.cancel_scope.cancel()
            await pumping.__aexit__(None, None, None)

    async def _start_pump(self) -> None:
        self._arrived, self._filled, self._taken = (anyio.Event() for _ in range(3))
        tell = partial(find_call_soon(), self._tell_passed)
        self._fill = partial(self._filler.fill, tell)
        self._pumping = await anyio.create_task_group().__aenter__()
        self._pumping.start_soon(self._pump)

    async def _take(self) -> bytes:
        """The next chunk, empty after the last."""
        while True:
            if not self._buffer.ready:
                await self._wait()
            if self._look_again and len(self._buffer.rows) > _LOOP_ROWS and not self._buffer.ready:
                # From under a source that blocks; too many to encode in the event loop.
                await run_briefly(self._buffer.encode)
            # Asked first: what ends the rows after the taking leaves something to take.
            ended = self._buffer.ended
            chunk = self._buffer.take()
            if chunk is None:
                await anyio.sleep(_BUSY_SECONDS)
                continue
            self._filled = anyio.Event()
            self._taken.set()
            if chunk or ended:
                return chunk

    async def _wait(self) -> None:
        """Until a chunk is full or what is there is due."""
        if not self._look_again and self._buffer.empty:
            self._arrived = anyio.Event()
            await self._arrived.wait()
        self._buffer.waiting = True
        try:
            with anyio.move_on_after(self._flush_seconds):
                await self._filled.wait()
        finally:
            self._buffer.waiting = False

    async def _pump(self) -> None:
        """Read the source to its end, one chunk ahead of the consumer."""
        try:
            rows = await self._send_thread()
            if rows is not None:
                await self._pump_async(rows)
            await self._hand_over()
            while not self._buffer.ended:
                await self._send_thread()
                await self._hand_over()
        except anyio.get_cancelled_exc_class() as error:
            if anyio.current_effective_deadline() == -math.inf:
                raise
            # Not this task was cancelled, but what the source waits for.
            failure = RuntimeError("the source was cancelled")
            failure.__cause__ = error
            await self._fail(failure)
        except Exception as failure:
            await self._fail(failure)
        finally:
            await self._reading.release()

    async def _send_thread(self) -> AsyncIterator[Row] | None:
        rows = await self._reading.run(self._fill, self._begin_to_look)
        self._look_again = False
        return rows

    def _begin_to_look(self) -> None:
        # Not before it is its turn: of 64 readings that wait for theirs, each would look every
        # `flush_seconds`, and together take a fifth of the time of the one that reads.
        self._look_again = True
        self._arrived.set()

    async def _fail(self, failure: Exception) -> None:
        await run_briefly(self._buffer.encode, failure)
        await self._hand_over()

    async def _pump_async(self, rows: AsyncIterator[Row]) -> None:
        # Encoded here: a hop for each stride would take the event loop longer than encoding it.
        # Looked up once, not for each row.
        held, stride = self._buffer.rows, min(self._buffer.stride, _LOOP_STRIDE)
        strides, turn = 0, time.monotonic() + _TURN_SECONDS
        try:
            async for row in rows:
                held.append(row)
                if len(held) == 1:
                    self._arrived.set()
                if len(held) < stride and time.monotonic() < turn:
                    continue
                self._buffer.encode()
                stride, strides = min(self._buffer.stride, _LOOP_STRIDE), strides + 1
                if self._buffer.ended:
                    return  # at a row that cannot be encoded
                if self._buffer.full:
                    await self._hand_over()
                elif strides >= _TURN_STRIDES or time.monotonic() >= turn:
                    # A source that never really awaits would keep the loop to itself.
                    await checkpoint()
                else:
                    continue
                strides, turn = 0, time.monotonic() + _TURN_SECONDS
        finally:
            with anyio.CancelScope(shield=True):
                await close_iterator(rows)
        self._buffer.rows.append(END)
        self._buffer.encode()

    async def _hand_over(self) -> None:
        self._arrived.set()
        while self._buffer.ready:
            self._filled.set()
            if self._buffer.ended:
                return
            self._taken = anyio.Event()
            await self._taken.wait()

    def _tell_passed(self) -> None:
        if self._buffer.passed:
            self._filled.set()
