"""The demo set: a table and a file, the same on every machine, built once."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(".data")

ROWS = 1_000_000

_BLOCK_BYTES = 4 << 20
_BLOCKS = 64

# NULLs and cells that CSV has to quote are among the rows, as they are in life.
_SCHEMA = """
CREATE TABLE {name} (
    id INTEGER PRIMARY KEY, station TEXT, at TEXT, celsius REAL, humidity INTEGER, note TEXT
);
INSERT INTO {name}
WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted WHERE i < {rows})
SELECT
    i,
    printf('station-%03d', i * 7919 % 500),
    strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + i * 60, 'unixepoch'),
    (i * 7919 % 6000 - 2000) / 100.0,
    CASE WHEN i % 10 THEN i * 31 % 101 END,
    CASE i % 50 WHEN 0 THEN 'sensor "B", recalibrated' ELSE 'ok' END
FROM counted;
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """The paths of the demo set: the directory for `/files`, and the database."""

    files: Path
    database: Path


def build_demo(directory: Path = DIRECTORY) -> Demo:
    """Build what is missing of the demo set below `directory`.

    `demo.db` has the table `readings` of 1,000,000 rows. `files/demo.txt` is 256 MiB of lines
    as of a server's log; gzip makes about a third of it, since each line holds digits that are
    random (from a fixed seed). The 4 MiB that are repeated lie far outside gzip's window of
    32 KiB, so that the repetition does not help it.
    """
    demo = Demo(directory / "files", directory / "demo.db")
    demo.files.mkdir(parents=True, exist_ok=True)
    build_file(demo.database, lambda path: write_database(path, {"readings": ROWS}))
    build_file(demo.files / "demo.txt", lambda path: write_text(path, _BLOCKS))
    return demo


def build_file(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written unless it is there: beside its place, so that what is there is whole."""
    if path.exists():
        return
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    write(unfinished)
    unfinished.rename(path)


def write_database(path: Path, tables: Mapping[str, int]) -> None:
    """Write a database of tables of readings: their names, and how many rows each has."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # what is not renamed is not used
        for name, rows in tables.items():
            connection.executescript(_SCHEMA.format(name=name, rows=rows))


def write_text(path: Path, blocks: int) -> None:
    """Write lines as of a server's log: so many times the same 4 MiB."""
    seeded = random.Random(0)  # noqa: S311 - the same on every machine
    lines = bytearray()
    second = 0
    while len(lines) < _BLOCK_BYTES:
        second += seeded.randrange(3)
        lines += (
            f"2026-01-{second // 86400 % 28 + 1:02}T{second // 3600 % 24:02}"
            f":{second // 60 % 60:02}:{second % 60:02}Z GET /items/{seeded.randrange(100_000)}"
            f" 200 {seeded.randrange(1_000_000)} bytes id={seeded.getrandbits(64):016x}\n"
        ).encode()
    with path.open("wb") as file:
        for _ in range(blocks):
            file.write(memoryview(lines)[:_BLOCK_BYTES])
