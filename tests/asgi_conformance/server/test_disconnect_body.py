"""How the application is told that the client is gone while bytes of the client are unread.

Whoever stops reading a connection, to slow its client down, does not see by reading that it was
closed.
"""

from __future__ import annotations

import uuid

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.server.departure import LISTENING, check_told, wait_for_listening
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    HEADER,
    Script,
    body,
    receive,
    repeat,
    sleep,
    start,
    wait,
    write,
)
from asgi_conformance.server.streaming import require_streaming

_DISCONNECT = "www.rst, Disconnect - receive event"
_CLOSED = "asgi.rst, Applications: return once ... the connection has been closed"
# An application that wants none of the body and answers for a second, twenty times a second.
_TICKING = repeat(20, body("tick", more=True), sleep(0.05))
_UPLOAD_BYTES = 64 * 1024 * 1024
_SENT_BYTES = 8 * 1024 * 1024


def _stall(probe: Probe, script: Script) -> Answer:
    """An upload that its application does not receive, sent as far as the server takes it."""
    require_streaming(probe)
    answer = probe.request(script, "POST", upload=_UPLOAD_BYTES)
    answer.send_until_full(bytes(_SENT_BYTES))
    probe.record(answer).wait_for("pause")
    return answer


@check("disconnect-with-unread-body", requirement="DC-06", reference=_DISCONNECT, slow=True)
def test_disconnect_with_unread_body(probe: Probe) -> None:
    answer = _stall(probe, [wait(), *LISTENING])
    answer.reset()
    probe.record(answer).release(1)
    check_told(probe, answer)


@check("disconnect-with-unread-body-close", requirement="DC-06", reference=_DISCONNECT, slow=True)
def test_disconnect_with_unread_body_close(probe: Probe) -> None:
    # On HTTP/1.1 the end comes after some megabytes, which are the application's if it wants.
    answer = _stall(probe, [wait(), *LISTENING])
    answer.close()
    probe.record(answer).release(1)
    check_told(probe, answer)


@check("disconnect-with-partly-read-body", requirement="DC-06", reference=_DISCONNECT, slow=True)
def test_disconnect_with_partly_read_body(probe: Probe) -> None:
    answer = _stall(probe, [receive(), wait(), *LISTENING])
    answer.reset()
    probe.record(answer).release(1)
    check_told(probe, answer)


@check("disconnect-with-whole-body-unread", requirement="DC-06", reference=_DISCONNECT)
def test_disconnect_with_whole_body_unread(probe: Probe) -> None:
    # The body is whole, and is to be had or not; after it there is the disconnect.
    answer = probe.request([wait(), *LISTENING], "POST", body=b"hello")
    record = probe.record(answer)
    record.wait_for("pause")
    answer.reset()
    record.release(1)
    check_told(probe, answer)


@check("disconnect-with-unread-body-sending", requirement="DC-09", reference=_CLOSED, slow=True)
def test_disconnect_with_unread_body_sending(probe: Probe) -> None:
    answer = _stall(probe, [start(), body("begun", more=True), wait(), _TICKING])
    answer.reset()
    record = probe.record(answer)
    record.release(1)
    try:
        record.wait_for_end()
    except AssertionError:
        raise AssertionError("the client is gone, and send waits") from None


@check(
    "disconnect-with-unread-body-unasked",
    severity="observe",
    requirement="DC-06",
    reference="www.rst; ASGI does not say",
    slow=True,
)
def test_disconnect_with_unread_body_unasked(probe: Probe) -> None:
    answer = _stall(probe, [start(), body("begun", more=True), wait(), _TICKING])
    answer.reset()
    record = probe.record(answer)
    record.release(1)
    try:
        outcome = record.wait_for_end()
    except AssertionError:
        probe.observe("send waits")
        return
    if outcome.how == "cancelled":
        probe.observe("the application is cancelled")
    elif record.select("send-failed"):
        probe.observe("send raises an error")
    else:
        probe.observe("the application is not told unless it receives")


def _pipeline(probe: Probe) -> Answer:
    """Two requests in the same bytes: who has read the one has read the other."""
    request_id = str(uuid.uuid4())
    probe.recorder.request(request_id)
    data = (
        f"GET /first HTTP/1.1\r\nHost: a\r\n{HEADER}: {write(LISTENING)}\r\n"
        f"asgi-conformance-id: {request_id}\r\n\r\n"
        "GET /second HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    answer = probe.client.send(data.encode(), request_id=request_id)
    wait_for_listening(probe, answer)
    return answer


@check(
    "disconnect-with-pipelined-request",
    severity="should",
    requirement="DC-08",
    http="1.1",
    reference=_DISCONNECT,
)
def test_disconnect_with_pipelined_request(probe: Probe) -> None:
    answer = _pipeline(probe)
    answer.reset()
    check_told(probe, answer)


@check(
    "disconnect-with-pipelined-request-close",
    severity="should",
    requirement="DC-08",
    http="1.1",
    reference=_DISCONNECT,
)
def test_disconnect_with_pipelined_request_close(probe: Probe) -> None:
    answer = _pipeline(probe)
    answer.close()
    check_told(probe, answer)
