"""The tables and views of a SQLite file: `raw_asgi.backends.database`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from raw_asgi.backends.database import find_table
from raw_asgi.backends.tables import Row

SCHEMA = """
PRAGMA synchronous = OFF;
CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, note);
INSERT INTO people VALUES (1, 'Ada', NULL), (2, 'Grace', x'00ff'), (3, 'Edsger', 1.5);
CREATE VIEW names AS SELECT name FROM people WHERE id > 1;
CREATE VIEW twice AS SELECT id, id FROM people;
CREATE TABLE "select" ("from" TEXT, "a ""quoted"" name" TEXT, "a,b;--" TEXT);
INSERT INTO "select" VALUES ('f', 'q', 'c');
CREATE TABLE "a b/c'd""e;--" (x);
INSERT INTO "a b/c'd""e;--" VALUES (1);
CREATE TABLE empty (a, b);
CREATE INDEX empty_by_a ON empty (a);
ANALYZE;
"""


@pytest.fixture(params=["plain.db", "odd #1?mode=rw&x %41.db"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    database: Path = tmp_path / request.param
    connection = sqlite3.connect(database)
    connection.executescript(SCHEMA)
    connection.close()
    return database


def _read(path: Path, name: str, columns: Sequence[str], limit: int | None = None) -> list[Row]:
    table = find_table(path, name)
    assert table is not None, f"there is no table {name!r}"
    source = table.select(columns, limit)
    try:
        rows = source.open()
        assert isinstance(rows, Iterator)
        return list(rows)
    finally:
        source.close()


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("people", ("id", "name", "note")),
        ("names", ("name",)),
        ("twice", ("id", "id:1")),
        ("select", ("from", 'a "quoted" name', "a,b;--")),
        ("a b/c'd\"e;--", ("x",)),
        ("empty", ("a", "b")),
    ],
)
def test_columns(path: Path, name: str, columns: tuple[str, ...]) -> None:
    table = find_table(path, name)
    assert table is not None
    assert table.columns == columns


@pytest.mark.parametrize(
    "name",
    [
        "sqlite_master",
        "sqlite_schema",
        "sqlite_sequence",
        "sqlite_stat1",
        "SQLITE_SEQUENCE",
        "empty_by_a",
        "People",
        "people ",
        "",
        "people; DROP TABLE people",
        '"people"',
        "nothing",
    ],
)
def test_no_table(path: Path, name: str) -> None:
    assert find_table(path, name) is None


@pytest.mark.parametrize(
    ("name", "columns", "limit", "expected"),
    [
        (
            "people",
            ("id", "name", "note"),
            None,
            [(1, "Ada", None), (2, "Grace", b"\x00\xff"), (3, "Edsger", 1.5)],
        ),
        ("people", ("name", "id"), 2, [("Ada", 1), ("Grace", 2)]),
        ("people", ("id",), 0, []),
        ("people", ("id",), 100, [(1,), (2,), (3,)]),
        ("names", ("name",), None, [("Grace",), ("Edsger",)]),
        ("twice", ("id:1",), 1, [(1,)]),
        ("select", ("a,b;--", 'a "quoted" name', "from"), None, [("c", "q", "f")]),
        ("a b/c'd\"e;--", ("x",), None, [(1,)]),
        ("empty", ("a", "b"), None, []),
    ],
)
def test_rows(
    path: Path, name: str, columns: tuple[str, ...], limit: int | None, expected: list[Row]
) -> None:
    assert _read(path, name, columns, limit) == expected


def test_a_reading_cannot_write(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE target (x)")
    connection.close()
    table = find_table(path, "target")
    assert table is not None
    source = table.select(("x",), None)
    cursor = source.open()
    assert isinstance(cursor, sqlite3.Cursor)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        cursor.connection.execute("INSERT INTO target VALUES (1)")
    source.close()


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(sqlite3.OperationalError):
        find_table(missing, "people")
    assert not missing.exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_bytes(b"this is no database, and long enough to be seen as none at all" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        find_table(path, "people")


def test_closing_before_opening_does_nothing(path: Path) -> None:
    table = find_table(path, "people")
    assert table is not None
    source = table.select(("id",), None)
    source.interrupt()
    source.close()
