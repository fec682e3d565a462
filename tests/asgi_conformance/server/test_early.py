"""Answers that are given before the request's body has come (RFC 9112 §9.3, §9.6).

The server reads the rest of the body or closes the connection; and it closes so that the client
can read the answer, though it is still sending.
"""

from __future__ import annotations

import uuid
from contextlib import suppress

import pytest

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection, Hung, Reset
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, body, receive, start, wait
from asgi_conformance.server.streaming import require_streaming

_PERSISTENCE = "RFC 9112 §9.3: read the entire request message body or close the connection"
_TEARDOWN = "RFC 9112 §9.6: close in stages"
_ANNOUNCE = "RFC 9112 §9.6: a sender SHOULD send the close connection option"
_REFUSAL = [start(413, ("content-length", "9")), body("too large")]
_UPLOAD_BYTES = 8 * 1024 * 1024
_CAP = 64 * 1024 * 1024
_PIECE = bytes(65536)


def _refuse(probe: Probe, connection: Connection, script: Script = _REFUSAL) -> Answer:
    """An upload that is refused when the client has sent 64 KiB of 8 MiB; it waits now."""
    require_streaming(probe)
    answer = probe.request(script, "POST", upload=_UPLOAD_BYTES, connection=connection)
    answer.send_body(_PIECE)
    return answer


def _check_refused(answer: Answer) -> None:
    assert answer.ending is Ending.CLEAN, f"the client cannot read the answer: {answer.ending}"
    assert (answer.status, answer.body) == (413, b"too large")


def _follow(probe: Probe, answer: Answer, rest: bytes) -> Answer | None:
    """Send the rest of a body, and a request after it: its answer, None where there is none.

    Fails where the server neither takes all of that nor closes the connection.
    """
    connection = answer.connection
    connection.send(rest)  # raises `Hung` where it is neither read nor refused
    following = probe.request(connection=connection)
    if connection.cut or following.read_all().ending in (Ending.TRUNCATED, Ending.RESET):
        return None
    assert following.ending is not Ending.HUNG, "the rest is neither read nor refused"
    return following


@check(
    "early-response-readable", severity="should", requirement="ER-02", http="1.1",
    reference=_TEARDOWN,
)  # fmt: skip
def test_early_response_readable(probe: Probe) -> None:
    _check_refused(_refuse(probe, probe.connect()))


@check(
    "early-response-readable-chunked", severity="should", requirement="ER-02", http="1.1",
    reference=_TEARDOWN,
)  # fmt: skip
def test_early_response_readable_chunked(probe: Probe) -> None:
    require_streaming(probe)
    answer = probe.request(_REFUSAL, "POST", upload="chunked")
    answer.send_body(_PIECE)
    _check_refused(answer)


@check(
    "early-response-after-a-part", severity="should", requirement="ER-02", http="1.1",
    reference=_TEARDOWN,
)  # fmt: skip
def test_early_response_after_a_part(probe: Probe) -> None:
    # As where a limit is found to be passed while the body comes.
    require_streaming(probe)
    answer = probe.request([receive(), *_REFUSAL], "POST", upload="chunked")
    answer.send_body(_PIECE)
    _check_refused(answer)


@check(
    "early-response-while-uploading", severity="should", requirement="ER-01", http="1.1",
    reference=_TEARDOWN, slow=True,
)  # fmt: skip
def test_early_response_while_uploading(probe: Probe) -> None:
    # A client that looks for the answer only when it can send no more.
    require_streaming(probe)
    answer = probe.request(_REFUSAL, "POST", upload=_UPLOAD_BYTES)
    answer.send_until_full(bytes(_UPLOAD_BYTES))
    _check_refused(answer)


@check(
    "early-response-large-while-uploading", severity="should", requirement="ER-01", http="1.1",
    reference=_TEARDOWN, slow=True,
)  # fmt: skip
def test_early_response_large_while_uploading(probe: Probe) -> None:
    # As much as the server's system takes at once, and the client's does not: whoever then
    # closes with bytes of the client's unread takes back what is on its way (RFC 9112 §9.6).
    require_streaming(probe)
    script = [start(413, ("content-length", "131072")), body({"$repeat": ["x", 131072]})]
    answer = probe.request(script, "POST", upload=_UPLOAD_BYTES, receive_buffer=16384)
    answer.send_until_full(bytes(_UPLOAD_BYTES))
    assert answer.status == 413
    assert len(answer.body) == 131072, f"{len(answer.body)} bytes of 131072: {answer.ending}"


@check(
    "early-response-connection", requirement="ER-02", http="1.1", reference=_PERSISTENCE, slow=True
)
def test_early_response_connection(probe: Probe) -> None:
    answer = _refuse(probe, probe.connect()).read_all()
    following = _follow(probe, answer, bytes(_UPLOAD_BYTES - len(_PIECE)))
    if following is not None:
        assert (following.status, following.body) == (200, b"done"), "the body is taken for more"


def _check_rest_is_no_request(probe: Probe, answer: Answer, rest: bytes, hidden: str) -> None:
    """Check that what is left of a body, with a request written in it, stays a body."""
    record = probe.recorder.request(hidden)
    answer.read_all()
    with suppress(AssertionError):  # that the connection then hangs is for another check
        _follow(probe, answer, rest)
    assert not record.select("call"), "the rest of the body is taken for a request"


def _hide_request() -> tuple[bytes, str]:
    """The bytes of a request, and its id."""
    hidden = str(uuid.uuid4())
    return (
        f"GET /hidden HTTP/1.1\r\nHost: a\r\nasgi-conformance-id: {hidden}\r\n\r\n".encode(),
        hidden,
    )


@check("early-response-rest-of-length", requirement="ER-02", http="1.1", reference=_PERSISTENCE)
def test_early_response_rest_of_length(probe: Probe) -> None:
    require_streaming(probe)
    rest, hidden = _hide_request()
    answer = probe.request(_REFUSAL, "POST", upload=len(rest))
    _check_rest_is_no_request(probe, answer, rest, hidden)


@check("early-response-rest-in-chunks", requirement="ER-02", http="1.1", reference=_PERSISTENCE)
def test_early_response_rest_in_chunks(probe: Probe) -> None:
    require_streaming(probe)
    content, hidden = _hide_request()
    # The size is sent with the head, so that the server has it when the answer is complete.
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
    answer = probe.send_literally(head, _REFUSAL, b"%x\r\n" % len(content))
    _check_rest_is_no_request(probe, answer, content + b"\r\n0\r\n\r\n", hidden)


@check(
    "early-response-close-announced", severity="should", requirement="ER-02", http="1.1",
    reference=_ANNOUNCE, slow=True,
)  # fmt: skip
def test_early_response_close_announced(probe: Probe) -> None:
    # The application stays after its last word: to a server in which threads race, that it has
    # left may otherwise be known before the answer goes out, or not.
    connection = probe.connect()
    answer = _refuse(probe, connection, [*_REFUSAL, wait()]).read_all()
    probe.record(answer).release(1)
    if _follow(probe, answer, bytes(_UPLOAD_BYTES - len(_PIECE))) is not None:
        pytest.skip("not applicable: the rest is read, and the connection stays")
    options = [option.strip().lower() for option in (answer.header("connection") or "").split(",")]
    assert "close" in options, "the connection is closed, and the answer does not say so"


@check(
    "early-response-rest-taken", severity="observe", requirement="ER-01", http="1.1",
    reference=f"{_PERSISTENCE}; how much is not said", slow=True,
)  # fmt: skip
def test_early_response_rest_taken(probe: Probe) -> None:
    require_streaming(probe)
    taken, cut = [], []
    for _ in range(3):
        answer = probe.request(_REFUSAL, "POST", upload=_CAP).read_all()
        taken.append(answer.send_until_full(bytes(_CAP)))
        cut.append(answer.cut)
        answer.reset()
    probe.measure("bytes taken of a body after the answer", taken, "bytes")
    if min(taken) == _CAP:
        probe.observe("64 MiB are read to the end")
    else:
        probe.observe("the connection is closed" if all(cut) else "the rest is left unread")


@check(
    "early-response-connection-after", severity="observe", requirement="ER-02", http="1.1",
    reference=_PERSISTENCE, slow=True,
)  # fmt: skip
def test_early_response_connection_after(probe: Probe) -> None:
    # The client sends nothing more: whether it is waited for.
    answer = _refuse(probe, probe.connect()).read_all()
    try:
        assert not answer.connection.receive(timeout=0.3), "more than the answer comes"
    except Hung:
        probe.observe("the connection stays open for the rest")
    except Reset:
        probe.observe("the connection is reset at once")
    else:
        probe.observe("the connection is closed at once")
