"""Connections of HTTP/1.1: how long they last, and several requests on one."""

from __future__ import annotations

import uuid

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection, Hung
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, body, receive_body, start, wait

_CLOSE = "RFC 9112 §9.6"
_PERSISTENCE = "RFC 9112 §9.3"
_PIPELINING = "RFC 9112 §9.3.2"
_PIECES = (body("abc", more=True), body("def"))
_CLOSING = ("connection", "close")


def _check_reuse(probe: Probe, script: Script, upload: bytes | None = None) -> None:
    """Check that after this the connection serves another request."""
    connection = probe.client.connect()
    method = "GET" if upload is None else "POST"
    first = probe.request(script, method, body=upload, connection=connection)
    assert (first.status, first.ending) == (200, Ending.CLEAN)
    assert (first.header("connection") or "").lower() != "close", "the server closes"
    second = probe.request(connection=connection)
    assert (second.ending, second.status, second.body) == (Ending.CLEAN, 200, b"done")


def _check_closed(connection: Connection) -> None:
    """Check that the server closes, and sends nothing before that."""
    try:
        rest = connection.receive_until_closed()
    except Hung:
        raise AssertionError("the server keeps the connection open") from None
    assert rest == b"", f"after the answer came {rest!r}"


@check("framing-close", requirement="FR-08", http="1.1", reference=_CLOSE)
def test_framing_close(probe: Probe) -> None:
    # What an application asks for by its header; without it the client would go on.
    probe.hurry()
    connection = probe.client.connect()
    answer = probe.request([start(200, _CLOSING), *_PIECES], connection=connection)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    assert (answer.header("connection") or "").lower() == "close"
    _check_closed(connection)


@check("framing-close-length", requirement="FR-08", http="1.1", reference=_CLOSE)
def test_framing_close_length(probe: Probe) -> None:
    probe.hurry()
    connection = probe.client.connect()
    script = [start(200, _CLOSING, ("content-length", "6")), *_PIECES]
    answer = probe.request(script, connection=connection)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    assert (answer.header("connection") or "").lower() == "close"
    _check_closed(connection)


@check("framing-close-asked", requirement="FR-08", http="1.1", reference=_CLOSE)
def test_framing_close_asked(probe: Probe) -> None:
    probe.hurry()
    connection = probe.client.connect()
    answer = probe.request([start(), *_PIECES], headers=[_CLOSING], connection=connection)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    _check_closed(connection)


@check(
    "framing-close-announced",
    severity="should",
    requirement="FR-08",
    http="1.1",
    reference=_CLOSE,
)
def test_framing_close_announced(probe: Probe) -> None:
    answer = probe.get([start(), *_PIECES], headers=[_CLOSING])
    assert (answer.header("connection") or "").lower() == "close"


@check("framing-reuse", severity="should", requirement="FR-09", http="1.1", reference=_PERSISTENCE)
def test_framing_reuse(probe: Probe) -> None:
    _check_reuse(probe, [start(), *_PIECES])


@check(
    "framing-reuse-length",
    severity="should",
    requirement="FR-09",
    http="1.1",
    reference=_PERSISTENCE,
)
def test_framing_reuse_length(probe: Probe) -> None:
    _check_reuse(probe, [start(200, ("content-length", "6")), *_PIECES])


@check(
    "framing-reuse-upload",
    severity="should",
    requirement="FR-09",
    http="1.1",
    reference=_PERSISTENCE,
)
def test_framing_reuse_upload(probe: Probe) -> None:
    _check_reuse(probe, [receive_body(), start(), *_PIECES], b"hello")


@check("framing-unread-upload", requirement="ER-02", http="1.1", reference=_PERSISTENCE)
def test_framing_unread_upload(probe: Probe) -> None:
    # Of an upload that the application does not ask for, nothing may be taken for a request:
    # it is read, or the connection closed.
    unread = str(uuid.uuid4())
    within = f"GET /unread HTTP/1.1\r\nHost: x\r\nasgi-conformance-id: {unread}\r\n\r\n"
    connection = probe.client.connect()
    first = probe.request(method="POST", body=within.encode(), connection=connection)
    assert first.body == b"done"
    second = probe.request(connection=connection)
    if second.ending is Ending.CLEAN:
        assert (second.status, second.body) == (200, b"done")
    assert not probe.recorder.request(unread).select("call"), "content was run as a request"


@check("framing-pipelined", requirement="FR-10", http="1.1", reference=_PIPELINING)
def test_framing_pipelined(probe: Probe) -> None:
    connection = probe.client.connect()
    answers = [
        probe.request([start(), body(name)], connection=connection) for name in ("1", "2", "3")
    ]
    assert [answer.body for answer in answers] == [b"1", b"2", b"3"]


@check("framing-pipelined-order", requirement="FR-10", http="1.1", reference=_PIPELINING)
def test_framing_pipelined_order(probe: Probe) -> None:
    # The second could be answered long before the first is.
    connection = probe.client.connect()
    first = probe.request([wait(), start(), *_PIECES], connection=connection)
    second = probe.request(connection=connection)
    probe.record(first).wait_for("pause")
    assert first.is_silent(0.1), "something is answered before the first"
    probe.record(first).release(1)
    assert (first.body, second.body) == (b"abcdef", b"done")


@check("framing-pipelined-upload", requirement="FR-10", http="1.1", reference=_PIPELINING)
def test_framing_pipelined_upload(probe: Probe) -> None:
    connection = probe.client.connect()
    script = [receive_body(), start(), *_PIECES]
    first = probe.request(script, "POST", body=b"hello", connection=connection)
    second = probe.request(script, "POST", body=[b"wor", b"ld"], connection=connection)
    third = probe.request(connection=connection)
    assert [answer.body for answer in (first, second, third)] == [b"abcdef", b"abcdef", b"done"]
    bodies = [message["body"] for message in probe.messages(first)]
    assert b"".join(bodies) == b"hello"


@check("framing-pipelined-closing", requirement="FR-10", http="1.1", reference=_CLOSE)
def test_framing_pipelined_closing(probe: Probe) -> None:
    # Who asks for the connection to be closed has made the last request on it. One that follows
    # is the client's mistake: whether it costs it the answer to the first is not said.
    probe.hurry()
    connection = probe.client.connect()
    first = probe.request([wait(), start(), *_PIECES], headers=[_CLOSING], connection=connection)
    second = probe.request(connection=connection)
    probe.record(first).wait_for("pause")
    probe.record(first).release(1)
    first.read_all()
    assert second.ending is not Ending.CLEAN, "a request after the last one was answered"
    assert not probe.record(second).select("call"), "a request after the last one was run"
