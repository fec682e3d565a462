"""Idling: what becomes of connections on which nothing happens for eight seconds.

That is longer than most servers keep an idle connection by their own settings, five seconds. All
of one server's connections are idle at the same time, so that there is one wait for all checks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from asgi_conformance.answer import Answer
from asgi_conformance.connection import Connection, Hung, Reset
from asgi_conformance.process import ServerProcess
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    beside,
    body,
    note,
    receive_body,
    receive_until,
    start,
    wait,
)

Resume = Callable[[], None]

_REPETITIONS = 3
_POLLED = [wait(), start(), body("late")]
_STREAMED = [
    beside(receive_until("http.disconnect"), note("told")),
    start(),
    body("open", more=True),
    wait(),
    body("late"),
]


@dataclass(frozen=True, slots=True)
class Closing:
    """What the server did of itself: `seconds` until it closed, None where it did not."""

    seconds: float | None
    said: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """An exchange that was silent, and went on: whether until then nothing came, and its end."""

    kept: bool
    answer: Answer
    told_gone: bool


@dataclass(frozen=True, slots=True)
class Idle:
    """What became of everything that was idle; the first three on HTTP/1.1 alone."""

    kept: Sequence[Closing]
    fresh: Sequence[Closing]
    half: Sequence[Closing]
    poll: Silence
    stream: Silence
    upload: Silence


class Watch:
    """Waits once, for all checks of one server."""

    def __init__(self, process: ServerProcess) -> None:
        self.process = process
        self._seen: Idle | None = None

    def look(self, probe: Probe) -> Idle:
        """What became of the idle connections; waits for it where nobody has yet."""
        if self._seen is None:
            self._seen = _wait(probe)
        return self._seen


find_watch = cache(Watch)
"""The watch over a server, the same each time."""


def _wait(probe: Probe) -> Idle:
    # Eight seconds, unless whoever calls the check has less patience.
    seconds = 1.6 * probe.client.deadline
    openers = (_keep, _connect, _begin_head) if probe.http == "1.1" else ()
    idle = [[opener(probe) for _ in range(_REPETITIONS)] for opener in openers]
    silent = [_poll(probe), _stream(probe), _upload(probe)]
    with ThreadPoolExecutor(_REPETITIONS * len(idle) + len(silent)) as threads:
        closings = [[threads.submit(_wait_for_close, c, seconds) for c in each] for each in idle]
        silences = [threads.submit(_be_silent, probe, *each, seconds) for each in silent]
        kept, fresh, half = [[c.result() for c in each] for each in closings] or [[], [], []]
        poll, stream, upload = [each.result() for each in silences]
    return Idle(kept, fresh, half, poll, stream, upload)


def _keep(probe: Probe) -> Connection:
    connection = probe.connect()
    assert probe.request(connection=connection).body == b"done"
    return connection


def _connect(probe: Probe) -> Connection:
    return probe.connect()


def _begin_head(probe: Probe) -> Connection:
    connection = probe.connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
    return connection


def _wait_for_close(connection: Connection, seconds: float) -> Closing:
    began = time.monotonic()
    said = b""
    try:
        while data := connection.receive(max(began + seconds - time.monotonic(), 0.001)):
            said += data
    except Hung:
        return Closing(None, said)
    except Reset:
        pass
    return Closing(time.monotonic() - began, said)


def _poll(probe: Probe) -> tuple[Answer, Resume]:
    answer = probe.request(_POLLED)
    probe.record(answer).wait_for("pause")
    return answer, lambda: probe.record(answer).release(1)


def _stream(probe: Probe) -> tuple[Answer, Resume]:
    answer = probe.request(_STREAMED)
    answer.read_until(b"open")
    return answer, lambda: probe.record(answer).release(1)


def _upload(probe: Probe) -> tuple[Answer, Resume]:
    answer = probe.request([receive_body(), start(), body("late")], "POST", upload=10)
    answer.send_body(b"hello")

    def send_rest() -> None:
        answer.send_body(b"world")
        answer.finish_body()

    return answer, send_rest


def _be_silent(probe: Probe, answer: Answer, resume: Resume, seconds: float) -> Silence:
    kept = answer.is_silent(seconds)
    told_gone = bool(probe.notes(answer))
    if kept:
        resume()
    return Silence(kept, answer.read_all(), told_gone)
