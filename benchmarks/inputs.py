"""Inputs: the file and the table that are served, and what must arrive of them."""

from __future__ import annotations

import csv
import io
import mmap
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import orjson

Content = bytes | mmap.mmap

LEAST_FILE_BYTES = 1 << 20

# Enough to last a tenth of a second, few enough that the slowest comes to the end in its time.
MOST_ROWS = 50_000


class InputError(Exception):
    """What was given to compare with cannot be used; one line that says why."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file below the directory that is served. `target` is its request target."""

    directory: Path
    name: str
    target: str
    content: Content


@dataclass(frozen=True, slots=True)
class InputTable:
    """The first rows of a table, and their bytes as CSV and as JSON Lines."""

    database: Path
    name: str
    rows: int
    csv_target: str
    csv: bytes
    jsonl_target: str
    jsonl: bytes


def choose_file(directory: Path) -> InputFile:
    """The largest regular file below a directory that `/files` serves.

    Raises InputError where there is no directory, or in it no such file of 1 MiB or more.
    """
    if not directory.is_dir():
        raise InputError(f"{str(directory)!r} is not a directory")
    sizes = {path: path.stat().st_size for path in _served_files(directory)}
    largest = max(sizes, key=sizes.__getitem__, default=None)
    if largest is None or sizes[largest] < LEAST_FILE_BYTES:
        raise InputError(f"{str(directory)!r} holds no file of 1 MiB or more")
    name = largest.relative_to(directory).as_posix()
    with largest.open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return InputFile(directory.resolve(), name, "/files/" + quote(name), content)


def choose_table(database: Path) -> InputTable:
    """The table of a SQLite file with the most rows; of it, the first 50,000.

    The bytes are made by the standard library's csv and by orjson, by none of the code that is
    compared. Raises InputError where the file is missing, is no database, or holds no rows.
    """
    if not database.is_file():
        raise InputError(f"there is no file {str(database)!r}")
    uri = f"file:{quote(str(database))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            name = _find_largest_table(connection)
            if name is None:
                raise InputError(f"{str(database)!r} holds no table with rows")
            sql = f"SELECT * FROM {_quote_name(name)} LIMIT ?"  # noqa: S608 - from the schema
            cursor = connection.execute(sql, (MOST_ROWS,))
            columns = [column[0] for column in cursor.description]
            rows = [[_plain(cell) for cell in row] for row in cursor]
    except sqlite3.Error as error:
        raise InputError(f"{str(database)!r}: {error}") from None
    query = f"{quote(name, safe='')}?limit={MOST_ROWS}"
    return InputTable(
        database=database.resolve(),
        name=name,
        rows=len(rows),
        csv_target=f"/csv/{query}",
        csv=_write_csv(columns, rows),
        jsonl_target=f"/jsonl/{query}",
        jsonl=b"".join(orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n" for row in rows),
    )


def _served_files(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _served_files(path)
        elif path.is_file():
            yield path


def _find_largest_table(connection: sqlite3.Connection) -> str | None:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    counts: dict[str, int] = {}
    for (name,) in tables:
        # The applications have a table `numbers` of their own; a slash does not fit a segment.
        if name.lower().startswith("sqlite_") or name == "numbers" or "/" in name:
            continue
        sql = f"SELECT count(*) FROM {_quote_name(name)}"  # noqa: S608 - from the schema
        (counts[name],) = connection.execute(sql).fetchone()
    largest = max(counts, key=counts.__getitem__, default=None)
    return largest if largest is not None and counts[largest] else None


def _quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plain(cell: object) -> object:
    return b64encode(cell).decode() if isinstance(cell, bytes) else cell


def _write_csv(columns: list[str], rows: list[list[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
