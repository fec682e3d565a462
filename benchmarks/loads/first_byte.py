"""First byte: how long until something of a large answer is there, at some connections at once."""

from __future__ import annotations

import select
import socket
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.client import Mismatch, connect, make_request
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.settling import settle

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FirstByte:
    """`GET` at so many connections at once, each left when the first byte of content is there.

    Figures, in seconds: `first`, the median of the connections until the first byte of the
    content, and `slowest` of them; `head`, the median until the first byte of the head.
    """

    path: str
    begins: bytes
    connections: int

    def check(self, target: Target) -> None:
        self.measure(target)

    def measure(self, target: Target) -> Figures:
        request = make_request("GET", target.prefix + self.path, gzip=False)
        with ExitStack() as stack, select.epoll() as epoll:
            starts: dict[int, _Start] = {}
            for _ in range(self.connections):
                connection = stack.enter_context(connect(target.address))
                epoll.register(connection.fileno(), select.EPOLLIN)
                starts[connection.fileno()] = _Start(connection)
            with timing() as clock:
                for start in starts.values():
                    start.sent = time.perf_counter()
                    start.connection.sendall(request)
                waiting = len(starts)
                while waiting:
                    events = epoll.poll(_SECONDS)
                    if not events:
                        raise Mismatch(f"no first byte within {_SECONDS:.0f} s")
                    for descriptor, _ in events:
                        start = starts[descriptor]
                        if start.receive():
                            epoll.unregister(descriptor)
                            start.connection.close()
                            waiting -= 1
        for start in starts.values():
            start.check(self.begins)
        settle(target.pid)
        times = [start.first - start.sent for start in starts.values()]
        return {
            "first": statistics.median(times),
            "slowest": max(times),
            "head": statistics.median(start.head - start.sent for start in starts.values()),
            "busy": clock.busy,
        }


class _Start:
    """The beginning of an answer on one connection, and when its bytes came."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.sent = self.head = self.first = 0.0
        self._received = b""

    def receive(self) -> bool:
        """Take what has come; whether something of the content is there."""
        piece = self.connection.recv(1 << 16)
        now = time.perf_counter()
        if not piece:
            raise Mismatch("broke off before the first byte of content")
        self.head = self.head or now
        self._received += piece
        # After the head, and the line that tells the size of the first chunk.
        self.first = now if self._received.partition(b"\r\n\r\n")[2].partition(b"\r\n")[2] else 0.0
        return bool(self.first)

    def check(self, begins: bytes) -> None:
        head, _, rest = self._received.partition(b"\r\n\r\n")
        if head.split(b" ", 2)[1] != b"200":
            raise Mismatch(f"status {head.split(b' ', 2)[1].decode()}")
        content = rest.partition(b"\r\n")[2][: len(begins)]
        if not begins.startswith(content):
            raise Mismatch("the content begins with something else")
