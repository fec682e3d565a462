"""The client's own ceiling: what the other limits make is made once, then sent from memory.

An upload is stored the first time; after that it is only received.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path

import orjson

from benchmarks.limits import files, rows, uploads
from benchmarks.limits.serving import Request, respond, send_chunks, serve

_answers: dict[tuple[str, str], bytes] = {}
_contents: dict[tuple[str, bool], list[bytes]] = {}
_receipts: dict[tuple[str, str], bytes] = {}


def answer(request: Request) -> bytes | None:
    """What is small: the same bytes as the limits' own."""
    if request.method == "HEAD":
        return respond(b"")
    if request.method != "GET":
        return None
    key = (request.target, request.fields.get("range", ""))
    if key not in _answers:
        limit = files if request.path.startswith("/files/") else rows
        whole = limit.answer(request)
        if whole is None:
            return None
        _answers[key] = whole
    return _answers[key]


def stream(request: Request, connection: socket.socket) -> None:
    """What is large."""
    if request.method != "GET":
        connection.sendall(respond(_take_upload(request, connection)))
        return
    gzip = request.fields.get("accept-encoding") == "gzip"
    if request.path.startswith("/files/") and not gzip:
        # Nothing is faster than what the page cache gives: that is memory, too.
        files.stream(request, connection)
        return
    key = (request.target, gzip)
    if key not in _contents:
        _contents[key] = list(_make(request, gzip))
    send_chunks(connection, _contents[key], "Content-Encoding: gzip\r\n" * gzip)


def _make(request: Request, gzip: bool) -> Iterable[bytes]:
    is_file = request.path.startswith("/files/")
    chunks = files.read_file(request.path) if is_file else rows.make_chunks(request)
    return rows.compress(chunks) if gzip else chunks


def _take_upload(request: Request, connection: socket.socket) -> bytes:
    key = (request.method, request.fields["content-length"])
    pieces = uploads.receive(request, connection)
    if key not in _receipts:
        if request.method == "POST":
            _, pieces = uploads.open_form(pieces)
        _receipts[key] = uploads.store("upload.bin", pieces)
        return _receipts[key]
    for _ in pieces:
        pass
    path = Path(os.environ["MORE_BODY_FILES"]) / "upload.bin"
    path.touch()
    os.truncate(path, orjson.loads(_receipts[key])["size"])
    return _receipts[key]


if __name__ == "__main__":
    serve(answer, stream)
