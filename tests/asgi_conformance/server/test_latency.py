"""How long it takes until the one side knows what the other did. Measured, never judged."""

from __future__ import annotations

import time
from collections.abc import Callable

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection
from asgi_conformance.record import Event
from asgi_conformance.server.departure import LISTENING, wait_for_listening
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    Script,
    body,
    repeat,
    sleep,
    start,
    wait,
)

_DISCONNECT = "www.rst, Disconnect - receive event; ASGI does not say how soon"
_FLUSH = "www.rst, Response Body; ASGI does not say how soon"
_REPETITIONS = 5
_PATIENCE = 1.0
_TICKING = [start(), repeat(100, body("tick", more=True), sleep(0.01))]
_HEEDLESS = [start(), body("begun", more=True), wait()]

Leave = Callable[[Answer], object]


def _name_ways(probe: Probe) -> dict[str, Leave]:
    """The ways in which a client leaves, by what the server gets of them."""
    if probe.http == "2":
        return {
            "RST_STREAM": lambda answer: answer.reset(),
            "the connection's RST": lambda answer: Connection.reset(answer.connection),
        }
    return {"FIN": lambda answer: answer.close(), "RST": lambda answer: answer.reset()}


def _time(
    probe: Probe,
    script: Script,
    leave: Leave,
    *,
    ready: Callable[[Answer], object],
    knows: Callable[[Event], bool],
) -> list[float]:
    """Seconds from the client's leaving to the event by which the application knows, of each try.

    Without the event the trying ends, and what there is so far is returned.
    """
    seconds = []
    for _ in range(_REPETITIONS):
        answer = probe.request(script)
        record = probe.record(answer)
        ready(answer)
        left = time.monotonic()
        leave(answer)
        try:
            seconds.append(record.wait_for(knows, timeout=_PATIENCE).time - left)
        except AssertionError:
            break
        finally:
            record.release(1)
    return seconds


@check("disconnect-latency-receive", severity="observe", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_latency_receive(probe: Probe) -> None:
    for way, leave in _name_ways(probe).items():
        seconds = _time(
            probe,
            LISTENING,
            leave,
            ready=lambda answer: wait_for_listening(probe, answer),
            knows=lambda event: event.name == "receive" and event.type == "http.disconnect",
        )
        if seconds:
            probe.measure(f"from {way} to http.disconnect", seconds, "s")
        else:
            probe.observe(f"no http.disconnect within a second after {way}")


@check(
    "disconnect-latency-send",
    severity="observe",
    requirement="DC-03",
    reference=_DISCONNECT,
    slow=True,
)
def test_disconnect_latency_send(probe: Probe) -> None:
    # The application sends every 10 ms, and learns no sooner.
    for way, leave in _name_ways(probe).items():
        seconds = _time(
            probe,
            _TICKING,
            leave,
            ready=lambda answer: answer.read_until(b"tick"),
            knows=lambda event: event.name == "send-failed" and "OSError" in event.kinds,
        )
        if seconds:
            probe.measure(f"from {way} to the OSError of send", seconds, "s")
        else:
            probe.observe(f"send raises no OSError within a second after {way}")


@check(
    "disconnect-latency-cancellation",
    severity="observe",
    requirement="DC-07",
    reference="asgi.rst, Overview; ASGI does not speak of cancelling",
    slow=True,
)
def test_disconnect_latency_cancellation(probe: Probe) -> None:
    for way, leave in _name_ways(probe).items():
        seconds = _time(
            probe,
            _HEEDLESS,
            leave,
            ready=lambda answer: probe.record(answer).wait_for("pause"),
            knows=lambda event: event.name == "end" and event.fields["how"] == "cancelled",
        )
        if seconds:
            probe.measure(f"from {way} to the application's cancellation", seconds, "s")
        else:
            probe.observe(f"the application is not cancelled within a second after {way}")


@check("response-latency-first-byte", severity="observe", requirement="RS-08", reference=_FLUSH)
def test_response_latency_first_byte(probe: Probe) -> None:
    # On a connection that is there, of a request without a body.
    connection = probe.connect()
    assert probe.request(connection=connection).body == b"done"
    seconds = []
    for _ in range(_REPETITIONS):
        asked = time.monotonic()
        answer = probe.request(connection=connection)
        answer.read_until(b"done")
        seconds.append(time.monotonic() - asked)
        answer.read_all()
    probe.measure("from the request to the first byte of content", seconds, "s")


@check("response-latency-piece", severity="observe", requirement="RS-08", reference=_FLUSH)
def test_response_latency_piece(probe: Probe) -> None:
    pieces = [step for number in range(5) for step in (wait(), body(f"<{number}>", more=True))]
    answer = probe.request([start(), body("begun", more=True), *pieces, body()])
    answer.read_until(b"begun")
    seconds = []
    record = probe.record(answer)
    for number in range(_REPETITIONS):
        record.release(1)
        answer.read_until(b"<%d>" % number)
        arrived = time.monotonic()
        seconds.append(arrived - record.wait_for("send-begin", count=3 + number).time)
    probe.measure("from send to the client's having the piece", seconds, "s")


@check(
    "request-latency-application",
    severity="observe",
    requirement="RX-04",
    reference="www.rst, Request - receive event; ASGI does not say how soon",
)
def test_request_latency_application(probe: Probe) -> None:
    connection = probe.connect()
    assert probe.request(connection=connection).body == b"done"
    seconds = []
    for _ in range(_REPETITIONS):
        asked = time.monotonic()
        answer = probe.request(connection=connection).read_all()
        seconds.append(probe.record(answer).wait_for("call").time - asked)
    probe.measure("from the request to the application's call", seconds, "s")
