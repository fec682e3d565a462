"""The tables and views of a SQLite file, opened read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from raw_asgi.backends.tables import Row, RowSource

# Of SQLite's virtual machine, between two looks at whether the query is still wanted: a
# millisecond or less.
_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table or view of a SQLite file."""

    path: Path
    name: str
    columns: tuple[str, ...]

    def select(self, columns: Sequence[str], limit: int | None) -> RowSource:
        """A reading of some columns, in the order in which SQLite finds the rows."""
        names = ", ".join(_quote_identifier(name) for name in columns)
        # -1 is SQLite's own word for no limit. The names were found in the schema.
        sql = f"SELECT {names} FROM {_quote_identifier(self.name)} LIMIT ?"  # noqa: S608 (known names)
        return _Query(self.path, sql, -1 if limit is None else limit)


def find_table(path: Path, name: str) -> DatabaseTable | None:
    """Look a table or view up by its exact name; None where there is none. Blocks.

    SQLite's own tables (`sqlite_…`) are no tables. Raises sqlite3.Error where the file is
    no database.
    """
    connection = _connect(path)
    try:
        known = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?", (name,)
        ).fetchone()
        if known is None or name.lower().startswith("sqlite_"):
            return None
        sql = f"SELECT * FROM {_quote_identifier(name)} LIMIT 0"  # noqa: S608 (known name)
        description = connection.execute(sql).description
        return DatabaseTable(path, name, tuple(column[0] for column in description))
    finally:
        connection.close()


class _Query:
    def __init__(self, path: Path, sql: str, limit: int) -> None:
        self._path = path
        self._sql = sql
        self._limit = limit
        self._connection: sqlite3.Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._interrupted = False

    def open(self) -> Iterator[Row]:
        self._connection = _connect(self._path)
        # `interrupt` ends only what runs already, and a query may begin just after it.
        self._connection.set_progress_handler(lambda: self._interrupted, _STEPS)
        self._cursor = self._connection.execute(self._sql, (self._limit,))
        return self._cursor

    def close(self) -> None:
        # The cursor first: until its statement is gone, SQLite keeps the file open.
        if self._cursor is not None:
            self._cursor.close()
        if self._connection is not None:
            self._connection.close()

    def interrupt(self) -> None:
        self._interrupted = True
        if self._connection is not None:
            self._connection.interrupt()


def _connect(path: Path) -> sqlite3.Connection:
    # A reading hops between worker threads, one at a time.
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)


def _quote_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
