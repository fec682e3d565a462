"""A program's own rows as a table: `raw_asgi.backends.tables`."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from raw_asgi.backends.tables import IterableTable, Row, RowSource

COLUMNS = ("id", "name")
TUPLES: list[Row] = [(1, "a"), (2, "b"), (3, "c")]
MAPPINGS: list[Mapping[str, Any]] = [
    {"id": 1, "name": "a"},
    {"name": "b", "id": 2, "extra": "unused"},
    {"id": 3, "name": "c"},
]


async def _async_tuples() -> AsyncIterator[Row]:
    for row in TUPLES:
        yield row


async def _async_mappings() -> AsyncIterator[Mapping[str, Any]]:
    for row in MAPPINGS:
        yield row


MIXED: list[Row | Mapping[str, Any]] = [TUPLES[0], MAPPINGS[1], MappingProxyType(MAPPINGS[2])]


async def _async_mixed() -> AsyncIterator[Row | Mapping[str, Any]]:
    for row in MIXED:
        yield row


TABLES = {
    "tuples": IterableTable(COLUMNS, TUPLES),
    "lists": IterableTable(COLUMNS, [[1, "a"], [2, "b"], [3, "c"]]),
    "mappings": IterableTable(COLUMNS, MAPPINGS),
    "tuples and mappings": IterableTable(COLUMNS, MIXED),
    "function": IterableTable(COLUMNS, lambda: TUPLES),
    "generator function": IterableTable(COLUMNS, lambda: iter(TUPLES)),
    "async tuples": IterableTable(COLUMNS, _async_tuples),
    "async mappings": IterableTable(COLUMNS, _async_mappings),
    "async tuples and mappings": IterableTable(COLUMNS, _async_mixed),
}


async def _read(source: RowSource) -> list[Row]:
    rows = source.open()
    try:
        if isinstance(rows, AsyncIterator):
            return [row async for row in rows]
        return list(rows)
    finally:
        source.close()


@pytest.mark.anyio
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize(
    ("columns", "limit", "expected"),
    [
        (("id", "name"), None, [(1, "a"), (2, "b"), (3, "c")]),
        (("name", "id"), None, [("a", 1), ("b", 2), ("c", 3)]),
        (("name",), None, [("a",), ("b",), ("c",)]),
        (("id", "name"), 2, [(1, "a"), (2, "b")]),
        (("id",), 1, [(1,)]),
        (("id", "name"), 0, []),
        (("id", "name"), 3, [(1, "a"), (2, "b"), (3, "c")]),
        (("id", "name"), 100, [(1, "a"), (2, "b"), (3, "c")]),
    ],
)
async def test_select(
    table: IterableTable, columns: Sequence[str], limit: int | None, expected: list[Row]
) -> None:
    assert await _read(table.select(columns, limit)) == expected


@pytest.mark.anyio
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
async def test_a_table_can_be_read_again(table: IterableTable) -> None:
    first = await _read(table.select(("id",), None))
    assert await _read(table.select(("id",), None)) == first == [(1,), (2,), (3,)]


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [None, 0, 5])
async def test_empty_table(limit: int | None) -> None:
    assert await _read(IterableTable(COLUMNS, []).select(COLUMNS, limit)) == []


def test_columns() -> None:
    assert IterableTable(["id", "name"], []).columns == ("id", "name")


def test_an_iterator_is_refused() -> None:
    with pytest.raises(TypeError, match="rows can be iterated only once"):
        IterableTable(COLUMNS, iter(TUPLES))


def test_an_async_iterator_is_refused() -> None:
    with pytest.raises(TypeError, match="rows can be iterated only once"):
        IterableTable(COLUMNS, _async_tuples())


def test_selecting_does_no_work() -> None:
    def never() -> Iterator[Row]:
        pytest.fail("the rows were asked for before the table was read")

    IterableTable(COLUMNS, never).select(COLUMNS, None)


def test_no_more_rows_are_taken_than_the_limit() -> None:
    taken: list[int] = []

    def count() -> Iterator[Row]:
        for number in itertools.count():
            taken.append(number)
            yield (number, "")

    source = IterableTable(COLUMNS, count).select(("id",), 2)
    rows = source.open()
    assert isinstance(rows, Iterator)
    assert list(rows) == [(0,), (1,)]
    assert taken == [0, 1]
    source.close()


def test_closing_closes_the_generator() -> None:
    closed: list[str] = []

    def count() -> Iterator[Row]:
        try:
            yield from TUPLES
        finally:
            closed.append("generator")

    source = IterableTable(COLUMNS, count).select(COLUMNS, None)
    rows = source.open()
    assert isinstance(rows, Iterator)
    assert next(rows) == (1, "a")
    assert closed == []
    source.close()
    assert closed == ["generator"]


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [None, 2])
async def test_closing_closes_the_async_generator(limit: int | None) -> None:
    closed: list[str] = []

    async def count() -> AsyncIterator[Row]:
        try:
            for row in TUPLES:
                yield row
        finally:
            closed.append("generator")

    rows = IterableTable(COLUMNS, count).select(COLUMNS, limit).open()
    assert isinstance(rows, AsyncIterator)
    assert await anext(rows) == (1, "a")
    assert closed == []
    await rows.aclose()  # type: ignore[attr-defined]
    assert closed == ["generator"]


@pytest.mark.anyio
async def test_the_limit_closes_the_async_generator() -> None:
    closed: list[str] = []

    async def count() -> AsyncIterator[Row]:
        try:
            for number in itertools.count():
                yield (number, "")
        finally:
            closed.append("generator")

    rows = IterableTable(COLUMNS, count).select(("id",), 2).open()
    assert isinstance(rows, AsyncIterator)
    assert [row async for row in rows] == [(0,), (1,)]
    assert closed == ["generator"]


def test_a_mapping_without_a_column_fails() -> None:
    rows = IterableTable(COLUMNS, [{"id": 1, "name": "a"}, {"id": 2}]).select(COLUMNS, None).open()
    assert isinstance(rows, Iterator)
    assert next(rows) == (1, "a")
    with pytest.raises(KeyError):
        next(rows)


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        IterableTable(("a", "a"), [(1, 2)])
