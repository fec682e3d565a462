"""The scenario of the events: one channel, many subscribers, one publisher."""

from __future__ import annotations

import itertools
import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import orjson
from isal import isal_zlib

from benchmarks.client import Address, AnswerParser, Mismatch, Sink, connect, make_request
from benchmarks.scenarios import Measurement

_SETUP_SECONDS = 5.0
_GZIP_CONTAINER = 31
_ID = re.compile(rb"^id: ?([0-9]+)\r?$", re.MULTILINE)
_DATA = re.compile(rb"^data: ?(.*?)\r?$", re.MULTILINE)

# A channel's events begin at 1: each measurement has a channel of its own.
_CHANNELS = itertools.count(1)


class Fanout:
    """So many subscribers of a channel, and a publisher who waits for each event's receipt.

    An event that reaches one subscriber is one delivery. Timed from the first event's
    publishing until its time is up or all have arrived everywhere; events are under 1024, so
    that the channel remembers all of them and none may be lost.
    """

    family = "events"
    unit = "events/s"

    def __init__(self, subscribers: int = 50, events: int = 60) -> None:
        self._subscribers = subscribers
        self._data = [f"event {number} {'.' * 80}" for number in range(1, events + 1)]

    def verify(self, address: Address, *, gzip: bool, seconds: float) -> None:
        """Every measurement looks at all that arrives."""
        self.measure(address, gzip=gzip, seconds=seconds)

    def measure(self, address: Address, *, gzip: bool, seconds: float) -> Measurement:
        target = f"/events/benchmark-{next(_CHANNELS)}"
        goal = self._subscribers * len(self._data)
        with ExitStack() as stack, selectors.DefaultSelector() as selector:
            subscribers = [_Subscriber(address, target, gzip) for _ in range(self._subscribers)]
            for subscriber in subscribers:
                stack.enter_context(subscriber.connection)
                subscriber.wait_for_stream()
            publisher = _Publisher(address, target, self._data)
            stack.enter_context(publisher.connection)
            readers: list[_Publisher | _Subscriber] = [publisher, *subscribers]
            for reader in readers:
                selector.register(reader.connection, selectors.EVENT_READ, reader.read)
            start = time.perf_counter()
            publisher.publish_next()
            arrived = 0
            while arrived < goal and (left := start + seconds - time.perf_counter()) > 0:
                for key, _ in selector.select(left):
                    key.data()
                arrived = sum(subscriber.events for subscriber in subscribers)
            took = time.perf_counter() - start
        for subscriber in subscribers:
            subscriber.check(self._data)
        return Measurement(arrived, took, arrived == goal)


class _Subscriber:
    def __init__(self, address: Address, target: str, gzip: bool) -> None:
        self.events = 0
        self._text = bytearray()
        self._parser = AnswerParser(self._open_sink)
        self._buffer = memoryview(bytearray(1 << 16))
        self.connection = connect(address)
        self.connection.sendall(make_request("GET", target, gzip=gzip))

    def wait_for_stream(self) -> None:
        """Until the stream's first bytes: from then on it has every event."""
        self.connection.settimeout(_SETUP_SECONDS)
        while not self._text:
            try:
                self.read()
            except TimeoutError:
                raise Mismatch(f"no event stream within {_SETUP_SECONDS} s") from None
            if self._parser.status not in (0, 200):
                raise Mismatch(f"status {self._parser.status} for an event stream")

    def read(self) -> None:
        try:
            received = self.connection.recv_into(self._buffer)
        except ConnectionError as error:
            raise Mismatch(f"an event stream was reset: {error}") from None
        self._parser.feed(self._buffer[:received])
        if self._parser.ended:
            raise Mismatch("an event stream ended")

    def check(self, data: Sequence[str]) -> None:
        """Raises Mismatch where what arrived is not the events from the first on, in order."""
        # What follows the last blank line is an event that has not arrived whole.
        text = bytes(self._text).replace(b"\r\n", b"\n").rpartition(b"\n\n")[0]
        ids = [int(number) for number in _ID.findall(text)]
        texts = [line.decode() for line in _DATA.findall(text)]
        if ids != list(range(1, len(ids) + 1)) or texts != list(data[: len(ids)]):
            raise Mismatch(f"a subscriber was sent other events than 1 to {len(data)} in order")

    def _open_sink(self, encoded: bool) -> Sink:
        decode: Callable[[bytes | memoryview], bytes] = bytes
        if encoded:
            decode = isal_zlib.decompressobj(_GZIP_CONTAINER).decompress

        def take(piece: bytes | memoryview) -> None:
            # A field's name may lie across two pieces.
            before = len(self._text) - len(b"\ndata") + 1
            self._text += decode(piece)
            self.events += self._text.count(b"\ndata", max(0, before))

        return take


class _Publisher:
    def __init__(self, address: Address, target: str, data: Sequence[str]) -> None:
        bodies = [orjson.dumps({"data": text}) for text in data]
        self._requests = iter(
            f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
            for body in bodies
        )
        self._buffer = memoryview(bytearray(1 << 16))
        self._parser = AnswerParser(_ignore)
        self.connection: socket.socket = connect(address)

    def publish_next(self) -> None:
        """Send the next event, if there is one."""
        request = next(self._requests, None)
        if request is not None:
            self._parser = AnswerParser(_ignore)
            self.connection.sendall(request)

    def read(self) -> None:
        try:
            received = self.connection.recv_into(self._buffer)
        except ConnectionError as error:
            raise Mismatch(f"the publisher was reset: {error}") from None
        self._parser.feed(self._buffer[:received])
        if self._parser.ended:
            if self._parser.status != 202:
                raise Mismatch(f"status {self._parser.status} for a published event")
            self.publish_next()


def _ignore(_: bool) -> Sink:
    return lambda _: None
