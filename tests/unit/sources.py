"""Sources of rows, played by hand, and readers of the chunks that are made of them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing

import anyio
import pytest
from anyio import to_thread
from fakes import PATIENCE

from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import CSVEncoder, Encoder
from raw_asgi.backends.tables import Row, RowSource

NEVER = 3600.0  # a flush by time that no test lives to see


class SourceBroke(Exception):
    """What the sources of these tests raise."""


class RecordedSource:
    """A source that records what is done with it, and in which thread."""

    def __init__(self, rows: Callable[[], Iterator[Row] | AsyncIterator[Row]]) -> None:
        self._rows = rows
        self.calls: list[str] = []
        self.threads: list[int] = []
        self.closed = threading.Event()

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        self._record("open")
        return self._rows()

    def close(self) -> None:
        self._record("close")
        self.closed.set()

    def interrupt(self) -> None:
        self._record("interrupt")

    def _record(self, name: str) -> None:
        self.calls.append(name)
        self.threads.append(threading.get_ident())


def encode(
    source: RowSource,
    *,
    encoder: Encoder | None = None,
    chunk_bytes: int = 65536,
    flush_seconds: float = 0.01,
) -> EncodedRows:
    """The rows of a source as CSV with one column, unless `encoder` says otherwise."""
    return EncodedRows(
        source,
        CSVEncoder(("id",)) if encoder is None else encoder,
        chunk_bytes=chunk_bytes,
        flush_seconds=flush_seconds,
    )


async def collect(rows: EncodedRows) -> list[bytes]:
    """All chunks, to a clean end."""
    with anyio.fail_after(PATIENCE):
        async with aclosing(rows):
            return [chunk async for chunk in rows]


async def collect_to_failure(rows: EncodedRows) -> tuple[list[bytes], Exception]:
    """The chunks before the failure, and the failure; a clean end fails the test."""
    chunks: list[bytes] = []
    with anyio.fail_after(PATIENCE):
        async with aclosing(rows):
            try:
                async for chunk in rows:
                    chunks.append(chunk)
            except Exception as failure:
                return chunks, failure
    pytest.fail(f"the rows ended as if nothing had failed, with {chunks}")


async def wait_for(event: threading.Event) -> None:
    """Wait for an event of another thread; fail where it does not come."""
    assert await to_thread.run_sync(event.wait, PATIENCE / 2), "what was waited for never came"


async def iterate_async(rows: Iterator[Row]) -> AsyncIterator[Row]:
    """The same rows from an asynchronous generator."""
    for row in rows:
        yield row


def two_rows() -> Iterator[Row]:
    """Rows of two cells."""
    yield (1, "a")
    yield (2, "b")


def break_at_once() -> Iterator[Row]:
    """Raise before the first row."""
    yield _break()


def _break() -> Row:
    raise SourceBroke("at once")


Making = Callable[[Callable[[], Iterator[Row]]], RecordedSource]
"""Makes a source, synchronous or not, of a function that yields rows."""
