"""What a reading may hold and keep: rows of any size, threads, sources that are left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import aclosing

import anyio
import pytest
from anyio import to_thread
from fakes import PATIENCE
from sources import NEVER, RecordedSource, encode, wait_for

from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.tables import IterableTable, Row

pytestmark = pytest.mark.anyio


async def test_large_rows_after_small_ones_are_not_read_far_ahead() -> None:
    produced = 0

    def grow() -> Iterator[Row]:
        nonlocal produced
        for _ in range(5_000):
            yield ("x",)
        for _ in range(1_000):
            produced += 1
            yield ("y" * 10_000,)

    rows = encode(RecordedSource(grow), chunk_bytes=1000, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE):
        async with aclosing(rows):
            while b"y" not in await anext(rows):
                pass
            await anyio.wait_all_tasks_blocked()
    assert produced <= 2 * 64, "more was read ahead than a small number of rows"


async def test_a_client_that_leaves_is_noticed_between_two_rows() -> None:
    asked = threading.Event()
    go_on = threading.Event()
    closed = threading.Event()
    produced: list[int] = []

    def count() -> Iterator[Row]:
        try:
            for number in range(64):
                if number == 40:
                    asked.set()
                    assert go_on.wait(PATIENCE)
                produced.append(number)
                yield (number,)
        finally:
            closed.set()

    source = IterableTable(("id",), count).select(("id",), None)
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source, flush_seconds=0.01)) as rows:
            await anext(rows)
            await wait_for(asked)
    go_on.set()
    await wait_for(closed)
    assert produced[-1] == 40, "rows were produced that nobody wanted any more"


async def test_sources_have_threads_of_their_own() -> None:
    """Where files, uploads and all else have taken every thread, rows still come."""
    limiter = to_thread.current_default_thread_limiter()
    source = RecordedSource(lambda: iter([(1,)]))
    holders = [object() for _ in range(int(limiter.available_tokens))]
    for holder in holders:
        limiter.acquire_on_behalf_of_nowait(holder)
    try:
        with anyio.fail_after(PATIENCE):
            async with aclosing(encode(source)) as rows:
                assert await anext(rows) == b"id\r\n1\r\n"
    finally:
        for holder in holders:
            limiter.release_on_behalf_of(holder)


@pytest.mark.parametrize(("chunk_bytes", "flush_seconds"), [(0, 1.0), (1, 0.0)])
async def test_bounds_that_make_no_sense_are_refused(
    chunk_bytes: int, flush_seconds: float
) -> None:
    source = RecordedSource(lambda: iter(()))
    encoder = CSVEncoder(("id",))
    with pytest.raises(ValueError, match="must be above 0"):
        EncodedRows(source, encoder, chunk_bytes=chunk_bytes, flush_seconds=flush_seconds)
