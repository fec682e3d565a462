"""Requests: many answers, over some connections that are kept."""

from __future__ import annotations

import select
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.client import Mismatch, connect
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.recording import Extent, take_apart

_READ_BYTES = 1 << 18
_IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request of the mix, and the content that must arrive with the status."""

    path: str
    content: bytes
    fields: tuple[tuple[str, str], ...] = ()
    status: int = 200

    def encode(self, prefix: str) -> bytes:
        lines = [f"GET {prefix}{self.path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in self.fields]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


@dataclass(frozen=True)
class Requests:
    """So many requests of a mix, each connection sending its next when it has its answer.

    Figures: `rate`, answers a second; `throughput`, bytes of content a second; `p50` and `p99`
    of an answer's time in seconds; `busy`, of the client.
    """

    mix: Callable[[], Sequence[Request]]
    total: int
    connections: int
    check_total: int = 64

    def check(self, target: Target) -> None:
        self._run(target, self.check_total)

    def measure(self, target: Target) -> Figures:
        return self._run(target, self.total)

    def _run(self, target: Target, total: int) -> Figures:
        mix = self.mix()
        encoded = [request.encode(target.prefix) for request in mix]
        left = iter(range(total))
        with ExitStack() as stack, select.epoll() as epoll:
            stack.callback(epoll.close)
            exchanges: dict[int, _Exchange] = {}
            for _ in range(min(self.connections, total)):
                connection = stack.enter_context(connect(target.address))
                connection.setblocking(False)
                exchanges[connection.fileno()] = _Exchange(connection, encoded, left)
                epoll.register(connection.fileno(), select.EPOLLIN)
            with timing() as clock:
                _exchange_all(epoll, exchanges)
        size = 0
        for exchange in exchanges.values():
            for number, _, pieces in exchange.answers:
                size += _compare(b"".join(pieces), mix[number % len(mix)])
        times = sorted(took for exchange in exchanges.values() for _, took, _ in exchange.answers)
        return {
            "rate": total / clock.seconds,
            "throughput": size / clock.seconds,
            "p50": statistics.median(times),
            "p99": times[len(times) * 99 // 100],
            "busy": clock.busy,
        }


def _exchange_all(epoll: select.epoll, exchanges: dict[int, _Exchange]) -> None:
    busy = sum(exchange.send_next() for exchange in exchanges.values())
    while busy:
        events = epoll.poll(_IDLE_SECONDS)
        if not events:
            raise Mismatch(f"nothing came for {_IDLE_SECONDS:.0f} s")
        for descriptor, _ in events:
            exchange = exchanges[descriptor]
            if exchange.receive():
                busy -= not exchange.send_next()


class _Exchange:
    """One connection: its answers with their numbers and times, in seconds."""

    def __init__(
        self, connection: socket.socket, encoded: Sequence[bytes], left: Iterator[int]
    ) -> None:
        self.answers: list[tuple[int, float, list[bytes]]] = []
        self._connection = connection
        self._encoded = encoded
        self._left = left
        self._number = 0
        self._sent = 0.0
        self._pieces: list[bytes] = []
        self._size = 0
        self._extent = Extent()
        self._known = False

    def send_next(self) -> bool:
        """Send the next request, if one is left."""
        number = next(self._left, None)
        if number is None:
            return False
        self._number = number
        self._pieces, self._size = [], 0
        self._extent, self._known = Extent(), False
        self._sent = time.perf_counter()
        self._connection.send(self._encoded[number % len(self._encoded)])
        return True

    def receive(self) -> bool:
        """Take what has come; whether the answer is whole."""
        try:
            piece = self._connection.recv(_READ_BYTES)
        except ConnectionError as error:
            raise Mismatch(f"reset after {self._size} bytes: {error}") from None
        if not piece:
            raise Mismatch(f"broke off after {self._size} bytes")
        self._pieces.append(piece)
        self._size += len(piece)
        if not self._known:
            self._known = self._extent.read_head(b"".join(self._pieces))
        # A last chunk may come in two pieces.
        tail = piece if len(piece) > 7 else b"".join(self._pieces[-8:])
        if not (self._known and self._extent.ends(self._size, tail)):
            return False
        self.answers.append((self._number, time.perf_counter() - self._sent, self._pieces))
        return True


def _compare(answer: bytes, request: Request) -> int:
    """The size of the content. Raises Mismatch where it is another than was asked for."""
    content = bytearray()
    body = take_apart(memoryview(answer), keep=content)
    if body.status != request.status:
        raise Mismatch(f"status {body.status} for {request.path}")
    if content != request.content:
        raise Mismatch(f"other content than expected for {request.path}")
    return len(content)
