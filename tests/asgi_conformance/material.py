"""Material: the files and the tables that the suite's checks expect, byte for byte.

The database's tables:

* `people`: `id`, `name`, `score`, `photo`, `note`; see `PEOPLE`.
* `people_names`: a view of `people`: `id`, `name`.
* `empty`: `id`, `name`; no rows.
* `broken_text`: `id`, `text`: three good rows, then a text that is not UTF-8.
* `nonfinite`: `id`, `value`: 1.5, infinity, minus infinity, NULL.
* `odd "name" ü`: `a b`, `c"d`, `é`: one row, 1, 2, 3.
* `wide`: `id`, `text`: 5000 rows, each text 200 times `x`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

PEOPLE: tuple[tuple[int, str | None, float | None, bytes | None, str | None], ...] = (
    (1, "Ada", 1.5, b"\x00\x01\xff", "plain"),
    (2, 'Grace "Amazing"', -0.1, b"", 'comma, and quote "'),
    (3, "Zoë 雪", 1e22, None, "line\r\nbreak"),
    (4, None, None, None, None),
    (5, "", 0.0, b"abc", "=1+1"),
    (6, "lf", 1e-07, None, "a\nb"),
    (7, "formulas", 3.0, None, "@SUM(A1)"),
    (8, "numbers", 100.0, None, "-5"),
    (9, "tab", 2.25, None, "\tx"),
)

NONFINITE: tuple[tuple[int, float | None], ...] = (
    (1, 1.5),
    (2, float("inf")),
    (3, float("-inf")),
    (4, None),
)

_SCHEMA = """
CREATE TABLE people (id INTEGER, name TEXT, score REAL, photo BLOB, note TEXT);
CREATE VIEW people_names AS SELECT id, name FROM people;
CREATE TABLE empty (id INTEGER, name TEXT);
CREATE TABLE broken_text (id INTEGER, text TEXT);
INSERT INTO broken_text VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO broken_text VALUES (4, CAST(x'ff' AS TEXT));
CREATE TABLE nonfinite (id INTEGER, value REAL);
CREATE TABLE "odd ""name"" ü" ("a b" INTEGER, "c""d" INTEGER, "é" INTEGER);
INSERT INTO "odd ""name"" ü" VALUES (1, 2, 3);
CREATE TABLE wide (id INTEGER, text TEXT);
"""


def create_database(path: Path) -> None:
    """Write the database to a new file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA)
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", PEOPLE)
        connection.executemany("INSERT INTO nonfinite VALUES (?, ?)", NONFINITE)
        connection.executemany(
            "INSERT INTO wide VALUES (?, ?)", ((number, "x" * 200) for number in range(5000))
        )
