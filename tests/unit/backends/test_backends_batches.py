"""Rows become chunks: `raw_asgi.backends.batches`. CONTRACT.md, **coalesce**, **flow**."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import anyio
import pytest
from anyio import to_thread
from anyio.lowlevel import checkpoint
from fakes import PATIENCE
from sources import (
    NEVER,
    Making,
    RecordedSource,
    collect,
    encode,
    two_rows,
)

from raw_asgi.backends.encoding import CSVEncoder, Encoder, JSONEncoder
from raw_asgi.backends.tables import Row

pytestmark = pytest.mark.anyio


async def test_all_rows_arrive(make_source: Making) -> None:
    source = make_source(two_rows)
    chunks = await collect(encode(source, encoder=CSVEncoder(("id", "name"))))
    assert b"".join(chunks) == b"id,name\r\n1,a\r\n2,b\r\n"
    assert source.calls == ["open", "close"]


async def test_source_is_opened_and_closed_in_worker_threads(make_source: Making) -> None:
    source = make_source(two_rows)
    await collect(encode(source, encoder=CSVEncoder(("id", "name"))))
    assert threading.get_ident() not in source.threads


@pytest.mark.parametrize(
    ("encoder", "expected"),
    [
        (CSVEncoder(("id",)), [b"id\r\n"]),
        (JSONEncoder(("id",), "array"), [b"[]"]),
        (JSONEncoder(("id",), "lines"), []),
        (JSONEncoder(("id",), 3), []),
    ],
)
async def test_empty_source(make_source: Making, encoder: Encoder, expected: list[bytes]) -> None:
    source = make_source(lambda: iter(()))
    assert await collect(encode(source, encoder=encoder)) == expected
    assert source.calls == ["open", "close"]


async def test_groups_are_completed_at_the_end(make_source: Making) -> None:
    source = make_source(lambda: zip(range(5)))
    chunks = await collect(encode(source, encoder=JSONEncoder(("id",), 2)))
    assert b"".join(chunks) == b'[{"id":0},{"id":1}]\n[{"id":2},{"id":3}]\n[{"id":4}]\n'


async def test_rows_are_joined_up_to_the_chunk_size(make_source: Making) -> None:
    source = make_source(lambda: ((f"{number:06}",) for number in range(20_000)))
    chunks = await collect(encode(source, chunk_bytes=1000, flush_seconds=NEVER))
    expected = b"id\r\n" + b"".join(b"%06d\r\n" % number for number in range(20_000))
    assert b"".join(chunks) == expected, "rows were lost, doubled or out of order"
    sizes = [len(chunk) for chunk in chunks[:-1]]
    assert min(sizes) >= 1000, "a chunk left before it was full, though none was due"
    assert max(sizes) <= 2100, "a chunk is of more than about the chunk size"


async def test_rows_are_taken_from_under_a_thread_that_blocks() -> None:
    go_on = threading.Event()

    def block_after_two() -> Iterator[Row]:
        yield (1,)
        yield (2,)
        assert go_on.wait(PATIENCE)
        yield (3,)

    source = RecordedSource(block_after_two)
    arrived = b""
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source)) as rows:
            while arrived != b"id\r\n1\r\n2\r\n":
                arrived += await anext(rows)
            go_on.set()
            arrived += b"".join([chunk async for chunk in rows])
    assert arrived == b"id\r\n1\r\n2\r\n3\r\n"


async def test_rows_are_taken_from_an_async_source_that_waits() -> None:
    go_on = anyio.Event()

    async def wait_after_two() -> AsyncIterator[Row]:
        yield (1,)
        yield (2,)
        await go_on.wait()
        yield (3,)

    arrived = b""
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(RecordedSource(wait_after_two))) as rows:
            while arrived != b"id\r\n1\r\n2\r\n":
                arrived += await anext(rows)
            go_on.set()
            arrived += b"".join([chunk async for chunk in rows])
    assert arrived == b"id\r\n1\r\n2\r\n3\r\n"


async def test_first_chunk_holds_the_first_row(make_source: Making) -> None:
    """**first-item**: the header row does not leave without a data row."""
    source = make_source(two_rows)
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source, encoder=CSVEncoder(("id", "name")))) as rows:
            assert (await anext(rows)).startswith(b"id,name\r\n1,a\r\n")


async def test_read_ahead_is_bounded_by_one_chunk(make_source: Making) -> None:
    chunk_bytes, row_bytes = 1000, 100
    produced = taken = furthest = 0
    changed = threading.Condition()

    def count_bytes() -> Iterator[Row]:
        nonlocal produced, furthest
        while True:
            with changed:
                produced += row_bytes
                furthest = max(furthest, produced - taken)
                changed.notify()
            yield ("x" * (row_bytes - 2),)

    def wait_until_ahead() -> bool:
        with changed:
            return changed.wait_for(lambda: produced - taken >= chunk_bytes, PATIENCE)

    with anyio.fail_after(PATIENCE):
        async with aclosing(
            encode(make_source(count_bytes), chunk_bytes=chunk_bytes, flush_seconds=NEVER)
        ) as rows:
            for _ in range(20):
                size = len((await anext(rows)).removeprefix(b"id\r\n"))
                with changed:
                    taken += size
                # The reader is slow: it takes the next only when the source is a chunk ahead.
                assert await to_thread.run_sync(wait_until_ahead), "nothing is read ahead"
    # What is being read, and the one chunk that waits. Of the first 16 rows, one stride,
    # nobody knows yet how large they are.
    assert furthest <= 2 * chunk_bytes + 2 * 16 * row_bytes


async def test_an_async_source_that_never_awaits_lets_other_tasks_run() -> None:
    laps = 0

    async def run_laps() -> None:
        nonlocal laps
        while True:
            await checkpoint()
            laps += 1

    async def count_without_awaiting() -> AsyncIterator[Row]:
        for number in range(100_000):
            yield (number,)

    rows = encode(RecordedSource(count_without_awaiting), chunk_bytes=1 << 30, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run_laps)
            async with aclosing(rows):
                async for _ in rows:
                    pass
            tasks.cancel_scope.cancel()
    # A stride is at most 4096 rows.
    assert laps >= 100_000 // 4096
