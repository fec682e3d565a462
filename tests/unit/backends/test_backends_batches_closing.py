"""Sources are released on every way out of their chunks. CONTRACT.md, **cancel**."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest
from fakes import PATIENCE
from sources import (
    Making,
    RecordedSource,
    break_at_once,
    collect,
    collect_to_failure,
    encode,
    two_rows,
    wait_for,
)

from raw_asgi.backends.database import find_table
from raw_asgi.backends.tables import IterableTable, Row

pytestmark = pytest.mark.anyio


async def test_after_the_end_there_is_nothing(make_source: Making) -> None:
    rows = encode(make_source(lambda: iter(((1,),))))
    assert b"".join(await collect(rows)) == b"id\r\n1\r\n"
    assert await anext(rows, b"nothing") == b"nothing"


async def test_after_a_failure_there_is_nothing(make_source: Making) -> None:
    rows = encode(make_source(break_at_once))
    await collect_to_failure(rows)
    assert await anext(rows, b"nothing") == b"nothing"


async def test_never_started_opens_nothing(make_source: Making) -> None:
    source = make_source(two_rows)
    rows = encode(source)
    await rows.aclose()
    assert await anext(rows, b"nothing") == b"nothing"
    assert source.calls == []


async def test_closing_twice_closes_the_source_once(make_source: Making) -> None:
    source = make_source(lambda: zip(itertools.count()))
    with anyio.fail_after(PATIENCE):
        rows = encode(source)
        await anext(rows)
        await rows.aclose()
        await rows.aclose()
    await wait_for(source.closed)
    assert source.calls.count("close") == 1


async def test_left_early_closes_the_source(make_source: Making) -> None:
    source = make_source(lambda: zip(itertools.count()))
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source, chunk_bytes=1)) as rows:
            assert (await anext(rows)).startswith(b"id\r\n0\r\n")
    await wait_for(source.closed)


async def test_cancelled_while_the_thread_is_inside_is_closed_by_the_thread() -> None:
    inside = threading.Event()
    go_on = threading.Event()
    threads: list[int] = []

    def block() -> Iterator[Row]:
        yield (1,)
        threads.append(threading.get_ident())
        inside.set()
        assert go_on.wait(PATIENCE)
        yield (2,)

    source = RecordedSource(block)

    async def read() -> None:
        async with aclosing(encode(source)) as rows:
            async for _ in rows:
                pass

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await wait_for(inside)
            tasks.cancel_scope.cancel()
    assert source.calls == ["open", "interrupt"], "closed under the thread that is inside"
    go_on.set()
    await wait_for(source.closed)
    assert source.calls == ["open", "interrupt", "close"]
    assert source.threads[-1] == threads[0], "not closed by the thread that was inside"


async def test_cancelled_async_source_is_closed() -> None:
    closed: list[str] = []
    begun = anyio.Event()

    async def wait_for_ever() -> AsyncIterator[Row]:
        try:
            begun.set()
            await anyio.sleep_forever()
            yield ()
        finally:
            closed.append("generator")

    table = IterableTable(("id",), wait_for_ever)
    rows = encode(table.select(("id",), None))

    async def read() -> None:
        async with aclosing(rows):
            await anext(rows)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            await begun.wait()
            tasks.cancel_scope.cancel()
    assert closed == ["generator"]


async def test_a_generator_is_closed_when_left_early() -> None:
    closed = threading.Event()

    def count() -> Iterator[Row]:
        try:
            yield from zip(itertools.count())
        finally:
            closed.set()

    source = IterableTable(("id",), count).select(("id",), None)
    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(source)) as rows:
            await anext(rows)
    await wait_for(closed)


async def test_a_query_that_blocks_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "endless.db"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE VIEW searching AS WITH RECURSIVE counted(id) AS"
        " (SELECT 1 UNION ALL SELECT id + 1 FROM counted) SELECT id FROM counted WHERE id < 3"
    )
    connection.close()
    table = find_table(path, "searching")
    assert table is not None
    query = table.select(("id",), None)
    ended: list[str] = []
    closed = threading.Event()

    class WatchedQuery:
        """The query, and how its thread came out of it."""

        interrupt = query.interrupt

        def open(self) -> Iterator[Row]:
            rows = query.open()
            assert isinstance(rows, Iterator)
            try:
                yield from rows
            except sqlite3.OperationalError as error:
                ended.append(str(error))
                raise

        def close(self) -> None:
            query.close()
            closed.set()

    with anyio.fail_after(PATIENCE):
        async with aclosing(encode(WatchedQuery())) as rows:
            # Python's cursor gives a row when it has found the next. So it has found two,
            # and looks for a third for ever.
            assert await anext(rows) == b"id\r\n1\r\n"
    await wait_for(closed)
    assert ended == ["interrupted"]
