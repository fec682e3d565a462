"""Subscribers: many connections on one event channel, read by one `epoll`, and a publisher."""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from benchmarks.client import AnswerParser, Mismatch, Sink, connect, make_request
from benchmarks.loads.load import Target

_READ_BYTES = 1 << 16
_SECONDS = 60.0

# Each measurement has a channel of its own, whose events begin at 1.
_channels = itertools.count(1)


@dataclass(slots=True)
class Subscriber:
    """A connection, and what came on it: pieces, each with the time when it was received."""

    connection: socket.socket
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    seen: bytes = b""

    def arrivals(self) -> list[tuple[float, str]]:
        """The events' data in their order, each with the time when the last of it came.

        Raises Mismatch for what is no event stream.
        """
        found: list[tuple[float, str]] = []
        text = bytearray()

        def open_sink(_: bool) -> Sink:
            return text.extend

        parser = AnswerParser(open_sink)
        for when, piece in self.pieces:
            parser.feed(memoryview(piece))
            if b"\n" not in piece:
                continue
            # An event ends with a blank line, whichever of the line ends the server writes.
            whole, end, rest = bytes(text).replace(b"\r\n", b"\n").rpartition(b"\n\n")
            if end:
                text[:] = rest
                # An empty field is some servers' way to say something else beside it.
                found += [
                    (when, line[5:].strip().decode())
                    for line in whole.split(b"\n")
                    if line.startswith(b"data:") and line[5:].strip()
                ]
        if parser.status != 200:
            raise Mismatch(f"status {parser.status} for an event stream")
        return found


class Audience:
    """So many subscribers of a channel, whose streams have begun, and a publisher."""

    def __init__(self, target: Target, path: str, subscribers: list[Subscriber]) -> None:
        self._subscribers = {each.connection.fileno(): each for each in subscribers}
        self._epoll = select.epoll()
        for descriptor in self._subscribers:
            self._epoll.register(descriptor, select.EPOLLIN)
        self._publisher = connect(target.address)
        self._epoll.register(self._publisher.fileno(), select.EPOLLIN)
        self._path = target.prefix + path
        self._answer = b""

    @property
    def subscribers(self) -> Sequence[Subscriber]:
        return list(self._subscribers.values())

    def close(self) -> None:
        self._epoll.close()
        self._publisher.close()

    def wait_for_streams(self) -> None:
        """Until the streams' first bytes: from then on each has every event."""
        waiting = set(self._subscribers)
        while waiting:
            for descriptor, _ in self._poll(_SECONDS):
                piece = self._read(self._subscribers[descriptor])
                # The first of the content, after the head and the size of its chunk.
                if piece.partition(b"\r\n\r\n")[2] or b"HTTP/1.1" not in piece:
                    waiting.discard(descriptor)

    def publish(self, data: Sequence[str], rate: float | None) -> list[float]:
        """Publish so many events and read until all of them are everywhere.

        By `rate`, so many a second, or each when the one before has its receipt. Returns the
        times when they were published, or were to be.
        """
        times: list[float] = []
        begun = time.perf_counter()
        last = data[-1].encode()
        for each in self._subscribers.values():
            each.seen = b""
        waiting, ready = len(self._subscribers), True
        while waiting:
            now = time.perf_counter()
            due = begun + len(times) / rate if rate else now
            if ready and len(times) < len(data) and now >= due:
                self._post(data[len(times)])
                times.append(due)
                ready = False
            wanted = ready and len(times) < len(data)
            for descriptor, _ in self._poll(max(0.0, due - now) if wanted else _SECONDS, wanted):
                if descriptor == self._publisher.fileno():
                    ready = self._take_receipt()
                    continue
                each = self._subscribers[descriptor]
                piece = self._read(each)
                # The end of an event may come by itself.
                if last in each.seen + piece:
                    waiting -= 1
                    each.seen = b""
                else:
                    each.seen = piece[-len(last) :]
        return times

    def publish_unread(self, data: Sequence[str]) -> None:
        """Publish so many events, each when the one before has its receipt; read nothing."""
        self._publisher.settimeout(_SECONDS)
        for text in data:
            self._post(text)
            while not self._take_receipt():
                pass

    def forget(self) -> None:
        """Drop what the subscribers were sent so far."""
        for each in self._subscribers.values():
            each.pieces.clear()

    def _poll(self, seconds: float, may_be_silent: bool = False) -> list[tuple[int, int]]:
        events = self._epoll.poll(seconds)
        if not events and not may_be_silent:
            raise Mismatch(f"no event for {_SECONDS:.0f} s")
        return events

    def _read(self, subscriber: Subscriber) -> bytes:
        try:
            piece = subscriber.connection.recv(_READ_BYTES)
        except ConnectionError as error:
            raise Mismatch(f"an event stream was reset: {error}") from None
        if not piece:
            raise Mismatch("an event stream ended")
        subscriber.pieces.append((time.perf_counter(), piece))
        return piece

    def _post(self, data: str) -> None:
        body = orjson.dumps({"data": data})
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._publisher.sendall(head.encode() + body)

    def _take_receipt(self) -> bool:
        piece = self._publisher.recv(_READ_BYTES)
        self._answer += piece
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not piece or (end and b" 202 " not in head[:16]):
            raise Mismatch(f"no receipt for an event, but {head[:40]!r}")
        whole = bool(end) and body.rstrip().endswith(b"}")
        if whole:
            self._answer = b""
        return whole


@contextmanager
def subscribe(target: Target, count: int) -> Iterator[Audience]:
    """So many subscribers of a new channel. Raises Mismatch."""
    path = f"/events/benchmark-{next(_channels)}"
    request = make_request("GET", target.prefix + path, gzip=False)
    subscribers: list[Subscriber] = []
    audience: Audience | None = None
    try:
        for _ in range(count):
            subscribers.append(Subscriber(connect(target.address)))
            subscribers[-1].connection.sendall(request)
        audience = Audience(target, path, subscribers)
        audience.wait_for_streams()
        yield audience
    finally:
        if audience is not None:
            audience.close()
        for each in subscribers:
            each.connection.close()
