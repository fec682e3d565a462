"""Tables: named columns, and rows that come from anywhere."""

from __future__ import annotations

import itertools
import logging
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from operator import itemgetter
from typing import Any, Protocol

_logger = logging.getLogger(__name__)

Row = Sequence[Any]
"""The cells of one row, in the order of the columns that were asked for."""

Rows = Iterable[Row | Mapping[str, Any]] | AsyncIterable[Row | Mapping[str, Any]]
"""What a program gives as rows: tuples (or lists) in the order of the columns, or mappings."""


class RowSource(Protocol):
    """One reading of a table: opened once, iterated, closed.

    A source with an attribute `at_hand` that is true never blocks: it may be opened, begun and
    closed in the event loop.
    """

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        """Begin. Called in a worker thread, and so is a synchronous iterator's `next`."""

    def close(self) -> None:
        """Release everything. Called in a worker thread, once, also if `open` failed."""

    def interrupt(self) -> None:
        """Make a `next` that blocks in its thread end soon. Called from the event loop."""


class Table(Protocol):
    """Columns, and as many readings of the rows as are asked for."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns, in order."""

    def select(self, columns: Sequence[str], limit: int | None) -> RowSource:
        """A reading of some columns, of at most `limit` rows. Does no work yet."""


class IterableTable:
    """A table whose rows are a program's own iterable, synchronous or asynchronous.

    `rows` is something that can be iterated again and again, such as a list, or a function
    without parameters that returns an iterable, such as a generator function. A synchronous
    one is called and iterated in worker threads, a batch in each, never in two at once: what
    is bound to its thread must allow that, such as `sqlite3.connect(…, check_same_thread=False)`.
    An asynchronous one is iterated in the event loop. What does not block is `at_hand`: its
    first few rows are read in the event loop too, which spares a small table its thread. That
    goes without saying for lists and tuples.
    Raises TypeError for an iterator, which would be empty for the second client, ValueError
    for a column named twice.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Rows | Callable[[], Rows],
        *,
        at_hand: bool = False,
    ) -> None:
        if isinstance(rows, (Iterator, AsyncIterator)):
            raise TypeError("rows can be iterated only once; pass the function that makes them")
        if len(set(columns)) < len(columns):
            raise ValueError("a column's name stands twice")
        self._columns = tuple(columns)
        self._rows = rows
        self._at_hand = at_hand or isinstance(rows, (list, tuple))

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    def select(self, columns: Sequence[str], limit: int | None) -> RowSource:
        source = _IterableSource(self._columns, self._rows, tuple(columns), limit)
        source.at_hand = self._at_hand
        return source


class _IterableSource:
    def __init__(
        self,
        known: tuple[str, ...],
        rows: Rows | Callable[[], Rows],
        wanted: tuple[str, ...],
        limit: int | None,
    ) -> None:
        self._rows = rows
        self._take_cells = _cells_taker(known, wanted)
        self._whole = wanted == known
        self._limit = limit
        self._iterator: object = None
        self._wanted = [True]
        self.at_hand = False

    def open(self) -> Iterator[Row] | AsyncIterator[Row]:
        rows = self._rows() if callable(self._rows) else self._rows
        if isinstance(rows, AsyncIterable):
            return self._select_async(aiter(rows))
        iterator = self._iterator = iter(rows)
        # Between two rows the thread looks whether anybody still wants the next.
        still_wanted = iter(self._wanted.__len__, 0)
        cells = map(self._take_cells, iterator)
        return itertools.islice(itertools.compress(cells, still_wanted), self._limit)

    def close(self) -> None:
        # Only a generator has `close`; the program's `finally` runs here, in a worker thread.
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()

    def interrupt(self) -> None:
        """Python cannot end a `next` that blocks; the thread closes when it returns."""
        self._wanted.clear()

    async def _select_async(
        self, rows: AsyncIterator[Row | Mapping[str, Any]]
    ) -> AsyncIterator[Row]:
        try:
            whole, take_cells = self._whole, self._take_cells
            left = -1 if self._limit is None else self._limit
            if left == 0:
                return
            async for row in rows:
                # Tuples are what most programs give; a call for each took a tenth of its time.
                yield row if whole and type(row) is tuple else take_cells(row)
                left -= 1
                if left == 0:
                    return
        finally:
            await close_iterator(rows)


async def close_iterator(rows: AsyncIterator[Any]) -> None:
    """Close what can be closed. What that raises is logged: the rows have had their end."""
    aclose = getattr(rows, "aclose", None)
    if aclose is not None:
        try:
            await aclose()
        except Exception:
            _logger.exception("a source of rows failed while it was closed")


def _cells_taker(
    known: tuple[str, ...], wanted: tuple[str, ...]
) -> Callable[[Row | Mapping[str, Any]], Row]:
    """What takes the wanted cells out of a row, tuple or mapping."""
    cells = tuple if known == wanted else _cells_getter([known.index(name) for name in wanted])
    members = _cells_getter(list(wanted))

    def take(row: Row | Mapping[str, Any]) -> Row:
        kind = type(row)
        # Whether anything else is a mapping takes longer to ask.
        if kind is tuple or kind is list:
            return cells(row)
        return members(row) if kind is dict or isinstance(row, Mapping) else cells(row)

    # What most programs give, and a look at its type is all that it takes.
    return (lambda row: row if type(row) is tuple else take(row)) if cells is tuple else take


def _cells_getter(keys: Sequence[int] | Sequence[str]) -> Callable[[Any], Row]:
    if len(keys) == 1:
        get = itemgetter(keys[0])
        return lambda row: (get(row),)
    return itemgetter(*keys)
