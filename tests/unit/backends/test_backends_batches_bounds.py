"""What a reading may hold and keep: rows of any size, threads, sources that are left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import aclosing
from functools import partial

import anyio
import pytest
from anyio import to_thread
from fakes import PATIENCE
from sources import (
    NEVER,
    RecordedSource,
    SourceBroke,
    collect,
    collect_to_failure,
    encode,
    wait_for,
)

from raw_asgi.backends import turns
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.buffer import RowBuffer
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.tables import IterableTable, Row
from raw_asgi.backends.turns import Turn

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


async def test_who_waits_for_a_turn_does_not_look_for_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be there yet, however often `flush_seconds` pass."""
    looks: list[RowBuffer] = []
    take = RowBuffer.take

    def take_and_note(buffer: RowBuffer) -> bytes | None:
        looks.append(buffer)
        return take(buffer)

    monkeypatch.setattr(RowBuffer, "take", take_and_note)
    monkeypatch.setattr(turns, "_SECONDS", NEVER)
    async with Turn():
        with anyio.move_on_after(0.05):
            async with aclosing(
                encode(RecordedSource(lambda: iter([("x",)])), flush_seconds=0.001)
            ) as rows:
                await anext(rows)
                pytest.fail("it did not wait for its turn")
    assert len(looks) <= 1, f"it looked {len(looks)} times"


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


async def test_rows_at_hand_begin_in_the_event_loop() -> None:
    threads: list[int] = []

    def count() -> Iterator[Row]:
        for number in range(1_000):
            threads.append(threading.get_ident())
            yield (number,)

    source = IterableTable(("id",), count, at_hand=True).select(("id",), None)
    chunks = await collect(encode(source, flush_seconds=NEVER))
    assert b"".join(chunks) == b"id\r\n" + b"".join(b"%d\r\n" % number for number in range(1_000))
    here = [thread == threading.get_ident() for thread in threads]
    assert here == [True] * 12 + [False] * 988, "more than a few rows kept the event loop busy"


async def test_rows_at_hand_that_are_few_need_no_thread() -> None:
    threads: list[int] = []

    def count() -> Iterator[Row]:
        try:
            yield (1,)
            yield (2,)
        finally:
            threads.append(threading.get_ident())

    source = IterableTable(("id",), count, at_hand=True).select(("id",), None)
    assert await collect(encode(source, flush_seconds=NEVER)) == [b"id\r\n1\r\n2\r\n"]
    assert threads == [threading.get_ident()]


async def test_rows_at_hand_that_fail_come_with_those_before_them() -> None:
    def fail() -> Iterator[Row]:
        yield (1,)
        raise SourceBroke("after one")

    source = IterableTable(("id",), fail, at_hand=True).select(("id",), None)
    chunks, failure = await collect_to_failure(encode(source))
    assert chunks == [b"id\r\n1\r\n"]
    assert isinstance(failure, SourceBroke)


async def test_a_list_is_at_hand_and_a_generator_is_not() -> None:
    def count() -> Iterator[Row]:
        yield (threading.get_ident(),)

    here = b"%d\r\n" % threading.get_ident()
    listed = IterableTable(("id",), [(1,)]).select(("id",), None)
    assert getattr(listed, "at_hand", False)
    generated = IterableTable(("id",), count).select(("id",), None)
    assert here not in b"".join(await collect(encode(generated)))


async def test_sources_that_block_keep_no_other_waiting() -> None:
    """Also where they block after their first chunk, when they take turns."""
    go_on = threading.Event()
    blocked = [threading.Event() for _ in range(8)]

    def block(inside: threading.Event) -> Iterator[Row]:
        yield from (("x" * 100,) for _ in range(100))
        inside.set()
        assert go_on.wait(PATIENCE)
        yield ("y",)

    async def read(inside: threading.Event) -> None:
        source = RecordedSource(partial(block, inside))
        async with aclosing(encode(source, chunk_bytes=1_000)) as rows:
            async for _ in rows:
                pass

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for inside in blocked:
                tasks.start_soon(read, inside)
            for inside in blocked:
                await wait_for(inside)
            source = RecordedSource(lambda: zip(range(10_000)))
            assert len(b"".join(await collect(encode(source, chunk_bytes=1_000)))) == 58_894
            go_on.set()


async def test_the_first_chunk_is_full_sooner_than_the_others() -> None:
    source = RecordedSource(lambda: zip(range(100_000)))
    with anyio.fail_after(PATIENCE):
        chunks = await collect(encode(source, chunk_bytes=65_536, flush_seconds=NEVER))
    assert 1_024 <= len(chunks[0]) < 4_096
    assert min(map(len, chunks[1:-1])) >= 65_536


@pytest.mark.parametrize(("chunk_bytes", "flush_seconds"), [(0, 1.0), (1, 0.0)])
async def test_bounds_that_make_no_sense_are_refused(
    chunk_bytes: int, flush_seconds: float
) -> None:
    source = RecordedSource(lambda: iter(()))
    encoder = CSVEncoder(("id",))
    with pytest.raises(ValueError, match="must be above 0"):
        EncodedRows(source, encoder, chunk_bytes=chunk_bytes, flush_seconds=flush_seconds)
