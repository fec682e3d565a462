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

import os
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from asgi_conformance.settings import Settings

# The time of RFC 9110's own examples, as POSIX seconds and in the three forms of section 5.6.7.
EXAMPLE_TIME = 784111777
EXAMPLE_DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
EXAMPLE_DATE_RFC850 = "Sunday, 06-Nov-94 08:49:37 GMT"
EXAMPLE_DATE_ASCTIME = "Sun Nov  6 08:49:37 1994"

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


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file below a subject's directory, and the target that names it."""

    path: Path
    target: str


def place_file(
    directory: Path, content: bytes = b"0123456789", *, name: str = "", suffix: str = ".bin"
) -> PlacedFile:
    """Write a file, last modified at `EXAMPLE_TIME`, with a name of its own unless one is given.

    A name that is given gets a directory of its own.
    """
    unique = uuid.uuid4().hex
    below = f"{unique}/{name}" if name else unique + suffix
    path = directory / below
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (EXAMPLE_TIME, EXAMPLE_TIME))
    return PlacedFile(path, "/files/" + quote(below))


def prepare_settings(directory: Path, *, gzip: bool) -> Settings:
    """Settings with a directory of files, empty, and the database, both below `directory`."""
    settings = Settings(
        files=directory / "files", database=directory / "database.sqlite", gzip=gzip
    )
    settings.files.mkdir()
    create_database(settings.database)
    return settings


def create_database(path: Path) -> None:
    """Write the database to a new file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA)
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", PEOPLE)
        connection.executemany("INSERT INTO nonfinite VALUES (?, ?)", NONFINITE)
        connection.executemany(
            "INSERT INTO wide VALUES (?, ?)", ((number, "x" * 200) for number in range(5000))
        )
