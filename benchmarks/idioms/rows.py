"""Rows as tutorials read and format them: one at a time."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from typing import Any

from benchmarks.generated import COLUMNS, generate, generate_async


def read_rows(table: str, limit: int | None = None) -> Iterator[Sequence[Any]]:
    """A table's columns, then its rows."""
    if table.startswith("generated"):
        yield COLUMNS
        yield from generate(limit or 0)
        return
    database = os.environ["MORE_BODY_DATABASE"]
    with closing(sqlite3.connect(database, check_same_thread=False)) as connection:
        cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own client's
        yield [column[0] for column in cursor.description]
        yield from cursor


async def read_rows_async(table: str, limit: int | None = None) -> AsyncIterator[Sequence[Any]]:
    """The same, from an asynchronous generator."""
    if table.startswith("generated"):
        yield COLUMNS
        async for row in generate_async(limit or 0):
            yield row
        return
    for each in read_rows(table):
        yield each


def format_csv(row: Sequence[Any]) -> str:
    """A row as CSV."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(row)
    return line.getvalue()


def format_number(i: int) -> str:
    """A row of `numbers` as JSON."""
    return f'{{"id":{i},"name":"item_{i}","value":{i * 1.5}}}\n'


def read_objects(table: str) -> Iterator[dict[str, Any]]:
    """A table's rows as objects."""
    rows = read_rows(table)
    columns = next(rows)
    for row in rows:
        yield dict(zip(columns, row, strict=True))
