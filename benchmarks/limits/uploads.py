"""A socket read to a file, hashed and durable: `PUT /uploads/{name}`, `POST /uploads`."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.limits.serving import Request, respond, serve

_READ_BYTES = 1 << 18
_UNFINISHED = ".unfinished"


def answer(request: Request) -> bytes | None:
    return respond(b"") if request.path == "/" else None


def stream(request: Request, connection: socket.socket) -> None:
    """Receive a file, put it in place, send the receipt."""
    pieces = receive(request, connection)
    name = request.path.removeprefix("/uploads/")
    if request.method == "POST":
        part, pieces = open_form(pieces)
        name = part.partition(b'filename="')[2].partition(b'"')[0].decode()
    connection.sendall(respond(store(name, pieces)))


def receive(request: Request, connection: socket.socket) -> Iterator[bytes | memoryview]:
    """The body in pieces, each to be used before the next is asked for."""
    left = int(request.fields["content-length"]) - len(request.begun)
    yield request.begun
    buffer = memoryview(bytearray(_READ_BYTES))
    while left:
        received = connection.recv_into(buffer[: min(left, _READ_BYTES)])
        if not received:
            raise ConnectionResetError
        left -= received
        yield buffer[:received]


def open_form(
    pieces: Iterator[bytes | memoryview],
) -> tuple[bytes, Iterator[bytes | memoryview]]:
    """The head of a form's only part, and its content: what stands before the last boundary."""
    begun = b""
    while b"\r\n\r\n" not in begun:
        begun += next(pieces)
    head, _, rest = begun.partition(b"\r\n\r\n")
    held = len(b"\r\n" + head.partition(b"\r\n")[0] + b"--\r\n")

    def content() -> Iterator[bytes | memoryview]:
        kept = rest
        for piece in pieces:
            if len(piece) >= held:
                yield kept
                yield piece[:-held]
                kept = bytes(piece[-held:])
            else:
                joined = kept + piece
                yield joined[:-held]
                kept = joined[-held:]
        yield kept[:-held]

    return head, content()


def store(name: str, pieces: Iterator[bytes | memoryview]) -> bytes:
    """Write, hash, sync and rename; returns the receipt."""
    directory = Path(os.environ["MORE_BODY_FILES"])
    digest, size = hashlib.sha256(), 0
    path = directory / (name + _UNFINISHED)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    for piece in pieces:
        digest.update(piece)
        size += os.write(descriptor, piece)
    os.fsync(descriptor)
    os.close(descriptor)
    path.rename(directory / name)
    parent = os.open(directory, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)
    return orjson.dumps({"name": name, "size": size, "sha256": digest.hexdigest()})


if __name__ == "__main__":
    serve(answer, stream)
