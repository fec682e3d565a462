"""The least of an HTTP server: heads are read by one `epoll`, streams are written by threads."""

from __future__ import annotations

import select
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """A request's head, and what came of its body with it."""

    method: str
    target: str
    path: str
    query: dict[str, str]
    fields: dict[str, str]
    begun: bytes


Answer = Callable[[Request], bytes | None]
"""A whole answer, head and all, of what is at hand; None where it is to be streamed."""

Stream = Callable[[Request, socket.socket], None]
"""Writes an answer, in a thread of its own, after which the connection is closed."""


def serve(answer: Answer, stream: Stream) -> None:
    """Serve on the socket whose descriptor is the first argument, until ended."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN)
    connections: dict[int, socket.socket] = {}
    while True:
        for descriptor, _ in epoll.poll():
            if descriptor == listener.fileno():
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[connection.fileno()] = connection
                epoll.register(connection.fileno(), select.EPOLLIN)
                continue
            connection = connections[descriptor]
            request = _read_request(connection)
            whole = request and answer(request)
            if whole:
                connection.sendall(whole)
                continue
            epoll.unregister(descriptor)
            del connections[descriptor]
            if request is None:
                connection.close()
            else:
                threading.Thread(target=_stream, args=(stream, request, connection)).start()


def respond(body: bytes, status: str = "200 OK", fields: str = "") -> bytes:
    """A whole answer."""
    head = f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def send_chunks(connection: socket.socket, chunks: Iterable[bytes], fields: str = "") -> None:
    """Send an answer of unknown length, a chunk for each piece (RFC 9112 §7.1)."""
    connection.sendall(f"HTTP/1.1 200 OK\r\n{fields}Transfer-Encoding: chunked\r\n\r\n".encode())
    for chunk in chunks:
        if chunk:
            connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    connection.sendall(b"0\r\n\r\n")


def _read_request(connection: socket.socket) -> Request | None:
    try:
        received = connection.recv(_HEAD_BYTES)
        while received and b"\r\n\r\n" not in received:
            received += connection.recv(_HEAD_BYTES)
    except ConnectionError:
        return None
    if not received:
        return None
    head, _, begun = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    method, target, _ = first.split(" ")
    split = urlsplit(target)
    fields = dict(line.lower().split(": ", 1) for line in lines)
    return Request(method, target, split.path, dict(parse_qsl(split.query)), fields, begun)


def _stream(stream: Stream, request: Request, connection: socket.socket) -> None:
    # A client that goes away has what it wanted.
    with connection, suppress(ConnectionError):
        stream(request, connection)
