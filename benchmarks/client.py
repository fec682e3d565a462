"""The client: one request on a connection of its own, its answer read as fast as it comes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

import httptools

Address = tuple[str, int]

# Takes a body's next bytes. They are valid during the call alone: the buffer is used again.
Sink = Callable[[bytes | memoryview], object]

# Makes the sink of an answer, once its head is there; is told whether the body is gzip.
OpenSink = Callable[[bool], Sink]

_BUFFER = bytearray(1 << 20)


class Mismatch(Exception):
    """What arrived is not what had to arrive; one line that says how."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What arrived of an answer.

    `size` counts the body's bytes as they were sent, without the framing. `ended` says that
    the body came to the end that its framing tells; else the time was up, since all other
    ends are raised.
    """

    status: int
    gzip: bool
    size: int
    ended: bool


class AnswerParser:
    """Feeds on a connection's bytes and gives the body's to a sink. RFC 9112 §6."""

    def __init__(self, open_sink: OpenSink) -> None:
        self.status = 0
        self.size = 0
        self.ended = False
        self.fields: dict[bytes, bytes] = {}
        self._open_sink = open_sink
        self._sink: Sink = _drop
        self._parser = httptools.HttpResponseParser(self)

    @property
    def gzip(self) -> bool:
        return self.fields.get(b"content-encoding") == b"gzip"

    @property
    def length(self) -> int | None:
        """Content-Length, once the head is there; None without it."""
        length = self.fields.get(b"content-length")
        return int(length) if self.status and length is not None else None

    def feed(self, data: memoryview) -> None:
        """Take what a connection gave; nothing means its end.

        Raises Mismatch where that is not HTTP, or ends before its end.
        """
        if data:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserError as error:
                raise Mismatch(f"the answer is not HTTP/1.1: {error}") from None
        elif self.status and not {b"content-length", b"transfer-encoding"} & self.fields.keys():
            self.ended = True  # the end of the connection is the body's
        elif not self.ended:
            raise Mismatch(f"the answer broke off after {self.size} bytes of body")

    def take(self, body: memoryview) -> None:
        """Take bytes that are known to be the body's."""
        self.size += len(body)
        self._sink(body)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields[name.lower()] = value

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self._sink = self._open_sink(self.gzip)

    def on_body(self, body: bytes) -> None:
        self.size += len(body)
        self._sink(body)

    def on_message_complete(self) -> None:
        self.ended = True


def _drop(_: bytes | memoryview) -> None:
    """The sink of an answer whose head is not there yet: no body comes before it."""


def make_request(
    method: str, target: str, *, gzip: bool, fields: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """The head of an HTTP/1.1 request after which the connection closes."""
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Accept-Encoding: {'gzip' if gzip else 'identity'}",
        *(f"{name}: {value}" for name, value in fields),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def connect(address: Address) -> socket.socket:
    """A connection whose small messages leave at once."""
    connection = socket.create_connection(address, 5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answer(connection: socket.socket, deadline: float, open_sink: OpenSink) -> Answer:
    """Read one answer until it ends or `time.perf_counter()` is at the deadline.

    Raises Mismatch where it breaks off or is not HTTP.
    """
    parser = AnswerParser(open_sink)
    buffer = memoryview(_BUFFER)
    while not parser.ended:
        left = deadline - time.perf_counter()
        if left <= 0:
            break
        connection.settimeout(left)
        try:
            received = connection.recv_into(buffer)
        except TimeoutError:
            break
        except ConnectionError as error:
            raise Mismatch(f"reset after {parser.size} bytes of body: {error}") from None
        if received and parser.length is not None:
            # The framing is known: what a parser would copy is only counted.
            parser.take(buffer[:received])
            parser.ended = parser.size >= parser.length
        else:
            parser.feed(buffer[:received])
    return Answer(parser.status, parser.gzip, parser.size, parser.ended)
