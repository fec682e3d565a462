"""Memory: how far a process grows while a family's bytes go through it.

The subject is started anew for each measurement, and asked for a little of the same before.
Linux alone: `VmHWM` and `clear_refs` of proc(5).
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.client import Mismatch, connect, make_request
from benchmarks.loads.load import Figures, Target
from benchmarks.loads.settling import find_processes
from benchmarks.loads.subscribers import subscribe
from benchmarks.loads.upload import encode_frame
from benchmarks.material import MIB

_GIB = 1 << 30
_PIECE_BYTES = 1 << 18
_SLOW_BYTES = 4 * MIB  # a second, of a slow reader or writer

Pace = Literal["fast", "slow"]


@dataclass(frozen=True, slots=True)
class Streaming:
    """1 GiB through one request, or as much of it as goes through in `seconds`.

    `path` is what is downloaded; None is an upload. A slow client takes or gives 4 MiB a
    second. Figures: `growth`, bytes by which the process's peak is above what it held before;
    `moved`, bytes.
    """

    path: str | None
    pace: Pace
    seconds: float

    def check(self, target: Target) -> None:
        self._move(target, 4 * MIB, 1.0)

    def measure(self, target: Target) -> Figures:
        held = reset_peak(target.pid)
        moved = self._move(target, _GIB, self.seconds)
        return {"growth": max(0, read_peak(target.pid) - held), "moved": moved}

    def _move(self, target: Target, size: int, seconds: float) -> int:
        with connect(target.address) as connection:
            connection.settimeout(60)
            if self.path is not None:
                connection.sendall(make_request("GET", target.prefix + self.path, gzip=False))
                return self._pump(_read(connection), size, seconds)
            before, _ = encode_frame("put", target.prefix, size)
            connection.sendall(before)
            return self._pump(_write(connection), size, seconds)

    def _pump(self, step: Callable[[int], int], size: int, seconds: float) -> int:
        moved, begun = 0, time.monotonic()
        while moved < size and (passed := time.monotonic() - begun) < seconds:
            if self.pace == "slow" and moved > passed * _SLOW_BYTES:
                time.sleep(0.005)
                continue
            went = step(min(_PIECE_BYTES, size - moved))
            if not went:
                break
            moved += went
        return moved


def _read(connection: socket.socket) -> Callable[[int], int]:
    buffer = memoryview(bytearray(_PIECE_BYTES))
    status = connection.recv(12)
    if not status.endswith(b" 200"):
        raise Mismatch(f"{status!r} for a download")
    return lambda size: connection.recv_into(buffer[:size])


def _write(connection: socket.socket) -> Callable[[int], int]:
    piece = memoryview(bytes(_PIECE_BYTES))
    return lambda size: connection.send(piece[:size])


@dataclass(frozen=True, slots=True)
class Publishing:
    """1 GiB of deliveries to 64 subscribers, or as much as goes in `seconds`.

    The slow ones read nothing at all while the events are published. Figures as of Streaming;
    what is `moved` to slow subscribers is what was published for them.
    """

    pace: Pace
    seconds: float
    subscribers: int = 64

    def check(self, target: Target) -> None:
        with subscribe(target, 4) as audience:
            audience.publish(["check " + "." * 1000] * 9 + ["last check"], None)

    def measure(self, target: Target) -> Figures:
        with subscribe(target, self.subscribers) as audience:
            held = reset_peak(target.pid)
            moved, begun = 0, time.monotonic()
            while moved < _GIB and time.monotonic() - begun < self.seconds:
                data = [f"event {moved} {number} {'.' * 1000}" for number in range(64)]
                if self.pace == "slow":
                    audience.publish_unread(data)
                else:
                    audience.publish(data, None)
                    audience.forget()
                moved += sum(map(len, data)) * self.subscribers
            return {"growth": max(0, read_peak(target.pid) - held), "moved": moved}


@dataclass(frozen=True, slots=True)
class Holding:
    """Subscribers that nothing is sent to. Figure: `each`, bytes that one of them costs.

    With a `path`, what is asked for in place of an event channel, of an application that only
    holds its connections open.
    """

    subscribers: int
    path: str = "/events/held"

    def check(self, target: Target) -> None:
        self._hold(target, 20)

    def measure(self, target: Target) -> Figures:
        # What the first connections cost once and for all is not the subscribers'.
        before = self._hold(target, 20)
        return {"each": (self._hold(target, self.subscribers) - before) / self.subscribers}

    def _hold(self, target: Target, count: int) -> int:
        """What the process holds while there are so many."""
        request = make_request("GET", target.prefix + self.path, gzip=False)
        with ExitStack() as stack:
            connections = [stack.enter_context(connect(target.address)) for _ in range(count)]
            for connection in connections:
                connection.settimeout(60)
                connection.sendall(request)
            for connection in connections:
                received = b""
                while not received.partition(b"\r\n\r\n")[2]:
                    piece = connection.recv(4096)
                    if not piece:
                        raise Mismatch("a stream ended")
                    received += piece
            return _read_status(target.pid, "VmRSS")


def reset_peak(pid: int) -> int:
    """Begin to look for the peak anew; returns what the processes hold now, in bytes."""
    for process in find_processes(pid):
        Path(f"/proc/{process}/clear_refs").write_text("5")
    return _read_status(pid, "VmRSS")


def read_peak(pid: int) -> int:
    """The most that the processes have held since, in bytes."""
    return _read_status(pid, "VmHWM")


def _read_status(pid: int, name: str) -> int:
    total = 0
    for process in find_processes(pid):
        found = re.search(rf"{name}:\s+([0-9]+) kB", Path(f"/proc/{process}/status").read_text())
        total += int(found[1]) * 1024 if found else 0
    return total
