"""Ping: how long a small request takes beside exports, downloads and an upload."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from benchmarks.client import Mismatch, connect
from benchmarks.loads.background import run_background
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.settling import settle

_TIMEOUT = 60.0

PATH = "/events/clock?count=1&last_event_id=1"
"""What is asked for: the clock that has ended, whose answer is an empty 204."""


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping each `interval` seconds for `seconds`, while four exports, four downloads and one
    upload run.

    Figures: `p50`, `p99`, `max` in seconds, from when a ping was to be sent, so that one that
    waits for the one before it has waited, too (those that nobody could send in the time count
    with the time until its end); `moved`, bytes a second of the others; `idle`, the median
    without them; `busy`, of the pinging process.
    """

    csv_path: str
    file_path: str
    seconds: float
    interval: float = 0.01

    def check(self, target: Target) -> None:
        with connect(target.address) as connection:
            _ping(connection, target.prefix)

    def measure(self, target: Target) -> Figures:
        with connect(target.address) as connection:
            connection.settimeout(_TIMEOUT)
            idle = self._ping_all(connection, target.prefix, self.seconds / 4)
            with run_background(target, self.csv_path, self.file_path) as background:
                with timing() as clock:
                    late = self._ping_all(connection, target.prefix, self.seconds)
                moved = background.stop()
        settle(target.pid)
        return {
            "p50": late[len(late) // 2],
            "p99": late[len(late) * 99 // 100],
            "max": late[-1],
            "moved": moved / clock.seconds,
            "idle": idle[len(idle) // 2],
            "busy": clock.busy,
        }

    def _ping_all(self, connection: socket.socket, prefix: str, seconds: float) -> list[float]:
        begun = time.perf_counter()
        late: list[float] = []
        for number in range(int(seconds / self.interval)):
            due = begun + number * self.interval
            if (ahead := due - time.perf_counter()) > 0:
                time.sleep(ahead)
            elif -ahead > seconds:
                # The time is up, and far over: what is left would have waited at least so long.
                late.append(-ahead)
                continue
            _ping(connection, prefix)
            late.append(time.perf_counter() - due)
        return sorted(late)


def _ping(connection: socket.socket, prefix: str) -> None:
    connection.sendall(f"GET {prefix}{PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        try:
            piece = connection.recv(4096)
        except TimeoutError:
            raise Mismatch(f"a ping had no answer within {_TIMEOUT:.0f} s") from None
        if not piece:
            raise Mismatch("the connection of the pings was closed")
        answer += piece
    if not answer.startswith(b"HTTP/1.1 204"):
        raise Mismatch(f"a ping was answered by {answer[:40]!r}")
