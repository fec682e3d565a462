"""Rows as a program of one's own would make them, from Python generators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from raw_asgi.backends.tables import IterableTable, Table

COLUMNS = ("id", "name", "value")

_ALL = 1 << 62


def generate(rows: int = _ALL) -> Iterator[tuple[int, str, float]]:
    """So many rows."""
    for number in range(rows):
        yield number, f"item {number}", number * 1.5


async def generate_async(rows: int = _ALL) -> AsyncIterator[tuple[int, str, float]]:
    """So many rows; like many an asynchronous generator it never waits."""
    for number in range(rows):
        yield number, f"item {number}", number * 1.5


TABLES: dict[str, Table] = {
    "generated-sync": IterableTable(COLUMNS, generate),
    "generated-async": IterableTable(COLUMNS, generate_async),
}
"""The generators as tables of the three applications."""
