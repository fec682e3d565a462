"""Files by `sendfile`, ranges by `pread`, compressed by isal as they are read: `/files/{name}`."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from benchmarks.limits.rows import compress
from benchmarks.limits.serving import Request, respond, send_chunks, serve

_READ_BYTES = 1 << 18

_descriptors: dict[str, int] = {}


def answer(request: Request) -> bytes | None:
    """A range; each file is opened once."""
    if request.path == "/":
        return respond(b"")
    if "range" not in request.fields:
        return None
    descriptor = open_once(request.path)
    first, _, last = request.fields["range"].removeprefix("bytes=").partition("-")
    body = os.pread(descriptor, int(last) - int(first) + 1, int(first))
    size = os.fstat(descriptor).st_size
    return respond(body, "206 Partial Content", f"Content-Range: bytes {first}-{last}/{size}\r\n")


def stream(request: Request, connection: socket.socket) -> None:
    """A whole file."""
    if request.fields.get("accept-encoding") == "gzip":
        pieces = compress(read_file(request.path))
        send_chunks(connection, pieces, "Content-Encoding: gzip\r\n")
        return
    descriptor = os.open(_find(request.path), os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        offset = 0
        while offset < size:
            offset += os.sendfile(connection.fileno(), descriptor, offset, size - offset)
    finally:
        os.close(descriptor)


def read_file(path: str) -> Iterator[bytes]:
    """What a file holds, in pieces."""
    with _find(path).open("rb", buffering=0) as file:
        while piece := file.read(_READ_BYTES):
            yield piece


def open_once(path: str) -> int:
    """The descriptor of a file, which stays open."""
    if path not in _descriptors:
        _descriptors[path] = os.open(_find(path), os.O_RDONLY)
    return _descriptors[path]


def _find(path: str) -> Path:
    return Path(os.environ["MORE_BODY_FILES"]) / path.removeprefix("/files/")


if __name__ == "__main__":
    serve(answer, stream)
