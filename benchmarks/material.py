"""Material: what the scenarios move, the same on every machine, and what must arrive of it."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import orjson

from benchmarks.demo import DIRECTORY, build_file, write_database, write_text
from benchmarks.generated import COLUMNS, generate

MIB = 1 << 20

ROWS = {"readings": 1_000_000, "readings_quick": 20_000, "readings_check": 2_000}
"""The tables of the database, and how many rows each has."""

FILES = {"large.bin": 1024, "quick.bin": 64, "part.bin": 4, "check.bin": 1}
"""Files of random bytes, and how many MiB each has."""

TEXTS = {"text.txt": 64, "quick.txt": 4}
"""Files of text, and how many MiB each has."""

_BATCH_ROWS = 10_000

Writer = Callable[[Sequence[str], Iterable[Sequence[object]]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Content:
    """What must arrive: how many bytes, and their SHA-256."""

    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """Where the material lies: a directory of files, and a database."""

    files: Path
    database: Path

    def find_file(self, name: str) -> Content:
        """What a file holds."""
        return _remember_file(self.files / name)

    def find_csv(self, table: str) -> Content:
        """A table as CSV, written by the standard library."""
        return _digest_table(self.database, table, _write_csv)

    def find_jsonl(self, table: str) -> Content:
        """A table as JSON Lines, written by orjson, a call for each row."""
        return _digest_table(self.database, table, _write_jsonl)

    def read_csv(self, table: str) -> bytes:
        """The same, itself."""
        return b"".join(_write_table(self.database, table, _write_csv))

    def read_jsonl(self, table: str) -> bytes:
        """The same, itself."""
        return b"".join(_write_table(self.database, table, _write_jsonl))

    def find_generated(self, rows: int) -> Content:
        """The first rows of the generator as CSV."""
        return _digest(_write_csv(COLUMNS, generate(rows)))


def build_material(directory: Path = DIRECTORY / "bench") -> Material:
    """Build what is missing of it below `directory`."""
    material = Material(directory / "files", directory / "bench.db")
    material.files.mkdir(parents=True, exist_ok=True)
    build_file(material.database, lambda path: write_database(path, ROWS))
    for name, size in FILES.items():
        build_file(material.files / name, partial(_write_random, size))
    for name, size in TEXTS.items():
        build_file(material.files / name, partial(_write_lines, size))
    return material


def link_files(material: Material, directory: Path) -> Path:
    """A directory of one server's own with the files in it: what it receives lies there too.

    The files are linked, not copied, so that all share what is in the page cache.
    """
    files = directory / "files"
    files.mkdir(parents=True, exist_ok=True)
    for source in material.files.iterdir():
        target = files / source.name
        if not target.exists():
            target.hardlink_to(source)
    return files


def list_columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """The names of a table's columns."""
    cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - our own names
    return tuple(column[0] for column in cursor.description)


def digest_file(path: Path) -> Content:
    """What a file holds now."""
    with path.open("rb") as file:
        return Content(path.stat().st_size, hashlib.file_digest(file, "sha256").digest())


def _write_lines(size: int, path: Path) -> None:
    write_text(path, size // 4)


def _write_random(size: int, path: Path) -> None:
    seeded = random.Random(size)  # noqa: S311 - the same on every machine
    with path.open("wb") as file:
        for _ in range(size):
            file.write(seeded.randbytes(MIB))
        file.flush()
        # What is not written back yet could not be evicted from the page cache.
        os.fsync(file.fileno())


@cache
def _remember_file(path: Path) -> Content:
    return digest_file(path)


@cache
def _digest_table(database: Path, table: str, write: Writer) -> Content:
    return _digest(_write_table(database, table, write))


def _write_table(database: Path, table: str, write: Writer) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        columns = list_columns(connection, table)
        rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
        yield from write(columns, rows)


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for count, row in enumerate(rows):
        writer.writerow(row)
        if count % _BATCH_ROWS == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n"


def _digest(pieces: Iterator[bytes]) -> Content:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
    return Content(size, digest.digest())
