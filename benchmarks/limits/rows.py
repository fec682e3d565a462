"""Rows formatted and written by blocking code: `/csv/{table}`, `/jsonl/{table}`.

CSV by the standard library's writer, a thousand rows a call. JSON by SQLite itself, which makes
each line; the rows of a generator by orjson, all at once.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from isal import isal_zlib

from benchmarks.generated import COLUMNS, generate
from benchmarks.idioms.rows import format_number
from benchmarks.limits.serving import Request, respond, send_chunks, serve
from benchmarks.material import list_columns

_BATCH = 1000
_GZIP_CONTAINER = 31


def answer(request: Request) -> bytes | None:
    """Ten rows are no stream."""
    if request.path.endswith("/numbers"):
        return respond("".join(map(format_number, range(int(request.query["rows"])))).encode())
    return respond(b"") if request.path == "/" else None


def stream(request: Request, connection: socket.socket) -> None:
    """Stream a table, compressed where that is asked for."""
    chunks = make_chunks(request)
    if request.fields.get("accept-encoding") == "gzip":
        send_chunks(connection, compress(chunks), "Content-Encoding: gzip\r\n")
    else:
        send_chunks(connection, chunks)


def make_chunks(request: Request) -> Iterator[bytes]:
    """The bytes of a table, a thousand rows at a time."""
    _, family, table = request.path.split("/")
    if table.startswith("generated"):
        yield from write_csv(COLUMNS, generate(int(request.query["limit"])))
        return
    database = os.environ["MORE_BODY_DATABASE"]
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        columns = list_columns(connection, table)
        if family == "csv":
            found = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own client's
            yield from write_csv(columns, found)
            return
        members = ",".join(f"'{name}',{name}" for name in columns)
        sql = f"SELECT json_object({members}) FROM {table}"  # noqa: S608 - our own client's
        cursor = connection.execute(sql)
        while rows := cursor.fetchmany(_BATCH):
            yield "\n".join([line for (line,) in rows]).encode() + b"\n"


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Rows as CSV, with a header."""
    batch: list[Sequence[object]] = [columns]
    rows = iter(rows)
    while batch:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(batch)
        yield text.getvalue().encode()
        batch = list(itertools.islice(rows, _BATCH))


def compress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same as gzip."""
    level = isal_zlib.ISAL_DEFAULT_COMPRESSION
    compressor = isal_zlib.compressobj(level, isal_zlib.DEFLATED, _GZIP_CONTAINER)
    for chunk in chunks:
        yield compressor.compress(chunk)
    yield compressor.flush()


if __name__ == "__main__":
    serve(answer, stream)
