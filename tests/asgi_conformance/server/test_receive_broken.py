"""What `receive` gives of a request whose body breaks off, or is malformed."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.client import Upload, eventually
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, note, receive_body, start, wait
from asgi_conformance.server.streaming import require_streaming

_DISCONNECT = "www.rst, Request - receive event; Disconnect - receive event"
_UPLOADED = [receive_body(), note("told"), start(), body("done")]


def _begin(probe: Probe, upload: Upload) -> Answer:
    """An upload of which the application has got the first five bytes."""
    require_streaming(probe)
    answer = probe.request(_UPLOADED, "POST", upload=upload)
    answer.send_body(b"hello")
    assert eventually(lambda: probe.content(answer) == b"hello"), "what has come is held back"
    return answer


def _check_not_completed(probe: Probe, answer: Answer) -> None:
    """Check that the application learns that no more will come, and is never told of an end.

    It learns it by http.disconnect; by cancellation, too, of which the text says nothing.
    """
    record = probe.record(answer)
    # The note comes after the message of which it tells, which the recorder saw before.
    record.wait_for(lambda event: event.name in ("note", "end"))
    messages = probe.messages(answer)
    completed = [m for m in messages if m["type"] == "http.request" and not m.get("more_body")]
    assert not completed, "a body that broke off is told to be complete"
    cancelled = record.ended is not None and record.ended.how == "cancelled"
    assert cancelled or {"type": "http.disconnect"} in messages[-1:], f"told {messages}"


@check("request-broken-reset", requirement="RX-07", reference=_DISCONNECT)
def test_request_broken_reset(probe: Probe) -> None:
    answer = _begin(probe, 10)
    answer.reset()
    _check_not_completed(probe, answer)


@check("request-broken-closed", requirement="RX-07", reference=_DISCONNECT)
def test_request_broken_closed(probe: Probe) -> None:
    answer = _begin(probe, 10)
    answer.close()
    _check_not_completed(probe, answer)


@check("request-broken-half-closed", requirement="RX-07", http="1.1", reference=_DISCONNECT)
def test_request_broken_half_closed(probe: Probe) -> None:
    # Of a body with a length, whoever sends FIN before its end can send no more of it.
    answer = _begin(probe, 10)
    answer.connection.half_close()
    _check_not_completed(probe, answer)


@check("request-broken-unread", requirement="RX-07", reference=_DISCONNECT)
def test_request_broken_unread(probe: Probe) -> None:
    require_streaming(probe)
    # What the client has sent is still to be had, or lost with it; but it is not complete.
    answer = probe.request([wait(), *_UPLOADED], "POST", upload=10)
    answer.send_body(b"hello")
    record = probe.record(answer)
    record.wait_for("pause")
    answer.reset()
    record.release(1)
    _check_not_completed(probe, answer)


@check("request-broken-of-unknown-length", requirement="RX-07", http="2", reference=_DISCONNECT)
def test_request_broken_of_unknown_length(probe: Probe) -> None:
    answer = _begin(probe, "chunked")
    answer.reset()
    _check_not_completed(probe, answer)


@check("request-broken-chunked", requirement="RX-08", http="1.1", reference=_DISCONNECT)
def test_request_broken_chunked(probe: Probe) -> None:
    answer = _begin(probe, "chunked")
    answer.close()
    _check_not_completed(probe, answer)


@check("request-broken-in-chunk", requirement="RX-08", http="1.1", reference=_DISCONNECT)
def test_request_broken_in_chunk(probe: Probe) -> None:
    require_streaming(probe)
    answer = probe.request(_UPLOADED, "POST", upload="chunked")
    answer.connection.send(b"ff\r\nhello")
    probe.record(answer).wait_for("call")
    answer.close()
    _check_not_completed(probe, answer)


@check("request-broken-last-chunk", requirement="RX-08", http="1.1", reference="RFC 9112 §7.1, §8")
def test_request_broken_last_chunk(probe: Probe) -> None:
    # The last chunk is there, but not the empty line after it.
    answer = _begin(probe, "chunked")
    answer.connection.send(b"0\r\n")
    answer.close()
    _check_not_completed(probe, answer)


@check("request-chunk-malformed", requirement="RX-08", http="1.1", reference="RFC 9112 §7.1")
def test_request_chunk_malformed(probe: Probe) -> None:
    answer = _begin(probe, "chunked")
    answer.connection.send(b"xyz\r\nworld\r\n0\r\n\r\n")
    _check_not_completed(probe, answer)


@check("request-chunk-too-long", requirement="RX-08", http="1.1", reference="RFC 9112 §7.1")
def test_request_chunk_too_long(probe: Probe) -> None:
    # A chunk that does not end where its size says.
    answer = _begin(probe, "chunked")
    answer.connection.send(b"2\r\nworld\r\n0\r\n\r\n")
    _check_not_completed(probe, answer)


@check(
    "request-chunk-malformed-answer",
    severity="should",
    requirement="RX-08",
    http="1.1",
    reference="RFC 9112 §7.1, §2.2",
)
def test_request_chunk_malformed_answer(probe: Probe) -> None:
    answer = _begin(probe, "chunked")
    answer.connection.send(b"xyz\r\nworld\r\n0\r\n\r\n")
    assert answer.ending is not Ending.HUNG, "the connection stays open, with nothing to come"
    answered = probe.record(answer).select("send-begin")
    assert not answered or answer.status >= 400, f"answered {answer.status}"
