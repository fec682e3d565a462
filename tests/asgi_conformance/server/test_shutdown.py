"""What a server does when it is told to stop while requests are open. Measured, never judged.

Servers that have such a setting are given two seconds of grace. Where the text is silent, so is
the suite: it tells how long the end took, and what the application and the client were told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection, Hung, Reset
from asgi_conformance.record import Event, Record
from asgi_conformance.server.http2 import Http2Connection
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    Script,
    body,
    receive,
    receive_body,
    receive_until,
    sleep,
    start,
    wait,
)

_SILENT = "lifespan.rst, Shutdown; ASGI does not say what becomes of open requests"
_GOAWAY = "RFC 9113 §6.8; ASGI does not say what becomes of open requests"
_LIMIT = 8.0
_REPETITIONS = 3
_OPEN = [start(), body("open", more=True)]

StartProbe = Callable[..., Probe]
Open = Callable[[Probe], Answer]


@dataclass(frozen=True, slots=True)
class Stop:
    """What became of one server and its open request. Seconds are from the signal on.

    The exit is polled for, and told up to 50 ms late. `status` is the exit status, None of a
    server that still runs. `told` is what the application was told, and `told_after` when.
    """

    seconds: float
    status: int | None
    told: str
    told_after: float | None
    seen: str


def _open(script: Script) -> Open:
    """Opens a stream, of which the client has the first piece."""

    def begin(probe: Probe) -> Answer:
        answer = probe.request(script)
        answer.read_until(b"open")
        return answer

    return begin


def _stop(probe: Probe, answer: Answer) -> Stop:
    """Tell the server to stop; the client reads on and leaves at the end of its answer."""
    answer.connection.deadline = _LIMIT
    began = time.monotonic()
    probe.process.terminate()
    seen = _describe_end(answer)
    answer.close()
    status = probe.process.wait(max(began + _LIMIT - time.monotonic(), 0.1))
    seconds = time.monotonic() - began
    told, event = _find_word(probe.record(answer))
    return Stop(seconds, status, told, None if event is None else event.time - began, seen)


def _describe_end(answer: Answer) -> str:
    whole = answer.ending is Ending.CLEAN
    return f"a whole {answer.status}" if whole else f"an answer that is {answer.ending}"


def _find_word(record: Record) -> tuple[str, Event | None]:
    """What the application was told first of the end."""
    for event in record.events:
        if event.name == "receive" and event.type == "http.disconnect":
            return "http.disconnect", event
        if event.name == "send-failed":
            return "an error of send", event
        if event.name == "end" and event.fields["how"] == "cancelled":
            return "cancellation", event
    return "nothing", None


def _measure(start_probe: StartProbe, begin: Open) -> None:
    """Stop servers that have a request open, at the same time; report what became of them."""
    probes = [start_probe() for _ in range(_REPETITIONS)]
    answers = [begin(probe) for probe in probes]
    with ThreadPoolExecutor(_REPETITIONS) as threads:
        stops = list(threads.map(_stop, probes, answers))
    first = probes[0]
    _tell_exit(first, [(stop.seconds, stop.status) for stop in stops])
    for told in sorted({stop.told for stop in stops}):
        after = [stop.told_after for stop in stops if stop.told == told and stop.told_after]
        if after:
            first.measure(f"from SIGTERM to {told}", after, "s")
    first.observe(f"the application is told: {_join(stop.told for stop in stops)}")
    first.observe(f"the client gets: {_join(stop.seen for stop in stops)}")


def _tell_exit(probe: Probe, stops: list[tuple[float, int | None]]) -> None:
    exited = [seconds for seconds, status in stops if status is not None]
    if exited:
        probe.measure("from SIGTERM to exit", exited, "s")
    statuses = _join(
        "still running after 8 s" if status is None else f"exit status {status}"
        for _, status in stops
    )
    probe.observe(statuses)


def _join(texts: Iterable[str]) -> str:
    return " or ".join(sorted(set(texts)))


def _wait_for_end(connection: Connection) -> None:
    """Read until the server ends the connection, or says that it will, as clients do."""
    with suppress(Hung, Reset):
        if isinstance(connection, Http2Connection):
            connection.wait_for(lambda: connection.goaway_received is not None, "GOAWAY", _LIMIT)
        else:
            connection.deadline = _LIMIT
            connection.receive_until_closed()


def _stop_idle(probe: Probe, connection: Connection | None) -> tuple[float, int | None]:
    """Tell a server without requests to stop; the seconds until its exit, and its status."""
    began = time.monotonic()
    probe.process.terminate()
    if connection is not None:
        _wait_for_end(connection)
        connection.close()
    status = probe.process.wait(max(began + _LIMIT - time.monotonic(), 0.1))
    return time.monotonic() - began, status


@check(
    "shutdown-open-stream", severity="observe", requirement="SD-01", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_open_stream(start_probe: StartProbe) -> None:
    # The application does not receive, and would go on for ever.
    _measure(start_probe, _open([*_OPEN, wait()]))


@check(
    "shutdown-listening-stream", severity="observe", requirement="SD-02", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_listening_stream(start_probe: StartProbe) -> None:
    # The application ends its stream when it is told that the client is gone.
    listening = [receive(), receive_until("http.disconnect"), body("bye")]
    _measure(start_probe, _open([*_OPEN, *listening]))


@check(
    "shutdown-finishing-stream", severity="observe", requirement="SD-02", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_finishing_stream(start_probe: StartProbe) -> None:
    # Half a second is within every grace, and long enough for the signal to be seen.
    _measure(start_probe, _open([*_OPEN, sleep(0.5), body("bye")]))


@check(
    "shutdown-open-upload", severity="observe", requirement="SD-01", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_open_upload(start_probe: StartProbe) -> None:
    def begin(probe: Probe) -> Answer:
        # Where the whole body is awaited, there is no call, and the application is told nothing.
        answer = probe.request([receive_body(), start(), body()], "POST", upload=10)
        answer.send_body(b"hello")
        probe.record(answer).wait_for_quiet()
        return answer

    _measure(start_probe, begin)


@check(
    "shutdown-idle", severity="observe", requirement="SD-01", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_idle(start_probe: StartProbe) -> None:
    probes = [start_probe() for _ in range(_REPETITIONS)]
    with ThreadPoolExecutor(_REPETITIONS) as threads:
        stops = list(threads.map(_stop_idle, probes, [None] * _REPETITIONS))
    _tell_exit(probes[0], stops)


@check(
    "shutdown-kept-connection", severity="observe", requirement="SD-01", reference=_SILENT,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_kept_connection(start_probe: StartProbe) -> None:
    # An answer is complete, and the connection is kept for the next request.
    probes = [start_probe() for _ in range(_REPETITIONS)]
    connections = [probe.connect() for probe in probes]
    for probe, connection in zip(probes, connections, strict=True):
        assert probe.request(connection=connection).body == b"done"
    with ThreadPoolExecutor(_REPETITIONS) as threads:
        stops = list(threads.map(_stop_idle, probes, connections))
    _tell_exit(probes[0], stops)


@check(
    "shutdown-goaway", severity="observe", requirement="SD-01", http="2", reference=_GOAWAY,
    own=True, slow=True,
)  # fmt: skip
def test_shutdown_goaway(start_probe: StartProbe) -> None:
    probe = start_probe()
    connection = probe.connect()
    assert isinstance(connection, Http2Connection)
    answer = probe.request([*_OPEN, sleep(0.5), body("bye")], connection=connection)
    answer.read_until(b"open")
    probe.process.terminate()
    answer.read_all()
    _wait_for_end(connection)
    probe.observe("GOAWAY is sent" if connection.goaway_received else "no GOAWAY is sent")
