"""Rows between a thread and the event loop: what happens in the narrowest moments."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import anyio
import pytest
from anyio import to_thread
from fakes import PATIENCE
from sources import NEVER, RecordedSource, collect, collect_to_failure, encode

from raw_asgi.backends.buffer import RowBuffer
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.tables import IterableTable, Row

pytestmark = pytest.mark.anyio


class Falsy(Exception):
    """An error that has errors in it: none, so its truth value is False."""

    def __len__(self) -> int:
        return 0


async def test_rows_that_end_just_after_nothing_was_there_arrive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Event()

    def wait() -> Iterator[Row]:
        assert go_on.wait(PATIENCE)
        yield (1,)
        yield (2,)

    rows = encode(RecordedSource(wait))
    take = rows._buffer.take

    def take_and_end() -> bytes | None:
        chunk = take()
        if chunk == b"" and not go_on.is_set():
            go_on.set()
            while not rows._buffer.ended:
                time.sleep(0.001)  # the thread ends in the moment after the taking
        return chunk

    monkeypatch.setattr(rows._buffer, "take", take_and_end)
    assert b"".join(await collect(rows)) == b"id\r\n1\r\n2\r\n"


async def test_what_was_passed_on_is_not_written_over() -> None:
    buffer = RowBuffer(CSVEncoder(("id",)), 1)
    for row in ((1,), (2,)):
        buffer.waiting = True  # the consumer came back before it saw what was passed on
        buffer.rows.append(row)
        buffer.encode()
        buffer.pass_on()
    assert (buffer.take() or b"") + (buffer.take() or b"") == b"id\r\n1\r\n2\r\n"


@pytest.mark.parametrize("error", [Falsy, StopAsyncIteration])
async def test_no_error_of_a_source_looks_like_a_clean_end(error: type[Exception]) -> None:
    def fail() -> Iterator[Row]:
        yield (1,)
        raise error

    chunks, failure = await collect_to_failure(encode(RecordedSource(fail)))
    assert b"".join(chunks) == b"id\r\n1\r\n"
    assert error in (type(failure), type(failure.__cause__))


@pytest.mark.parametrize("anyio_backend", ["asyncio"], indirect=True)
async def test_a_source_whose_own_wait_is_cancelled_has_failed() -> None:
    async def wait_for_what_is_cancelled() -> AsyncIterator[Row]:
        yield (1,)
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    chunks, failure = await collect_to_failure(encode(RecordedSource(wait_for_what_is_cancelled)))
    assert b"".join(chunks) == b"id\r\n1\r\n"
    assert str(failure) == "the source was cancelled"


async def test_large_rows_after_many_small_ones_make_no_large_chunk() -> None:
    source = RecordedSource(
        lambda: ((("x" if number < 6_000 else "y" * 20_000),) for number in range(6_400))
    )
    chunks = await collect(encode(source, flush_seconds=NEVER))
    assert max(map(len, chunks)) < 65_536 + 32 * 20_002


async def test_rows_leave_a_blocked_source_though_all_other_threads_are_taken() -> None:
    go_on = threading.Event()

    def block() -> Iterator[Row]:
        yield from ((number,) for number in range(23))  # 12 are encoded, 11 fetched
        assert go_on.wait(PATIENCE)

    limiter = to_thread.current_default_thread_limiter()
    borrowers = [object() for _ in range(int(limiter.total_tokens))]
    for borrower in borrowers:
        limiter.acquire_on_behalf_of_nowait(borrower)
    arrived = b""
    try:
        with anyio.fail_after(PATIENCE):
            async with aclosing(encode(RecordedSource(block))) as rows:
                while not arrived.endswith(b"22\r\n"):
                    arrived += await anext(rows)
                go_on.set()
    finally:
        for borrower in borrowers:
            limiter.release_on_behalf_of(borrower)


async def test_an_asynchronous_source_that_is_at_hand_is_opened_once() -> None:
    opened = 0

    async def count() -> AsyncIterator[Row]:
        yield (1,)

    def make() -> AsyncIterator[Row]:
        nonlocal opened
        opened += 1
        return count()

    source = IterableTable(("id",), make, at_hand=True).select(("id",), None)
    assert b"".join(await collect(encode(source))) == b"id\r\n1\r\n"
    assert opened == 1


async def test_a_failure_to_close_an_asynchronous_source_breaks_nothing_off() -> None:
    async def count() -> AsyncIterator[Row]:
        try:
            for number in range(5):
                yield (number,)
        finally:
            raise Falsy

    source = IterableTable(("id",), count).select(("id",), 2)
    assert b"".join(await collect(encode(source))) == b"id\r\n0\r\n1\r\n"


async def test_an_asynchronous_row_that_is_too_wide_is_not_cut() -> None:
    async def list_rows() -> AsyncIterator[Row]:
        yield [1, 2]

    source = IterableTable(("id",), list_rows).select(("id",), None)
    _, failure = await collect_to_failure(encode(source))
    assert isinstance(failure, ValueError)
