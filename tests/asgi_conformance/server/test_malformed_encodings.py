"""Requests whose Transfer-Encoding is malformed, or that have a Content-Length beside it."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import (
    CHUNKED,
    POST,
    UPLOADED,
    check_next_not_served,
    check_refused,
    read_refusal,
)

_BOTH = "RFC 9112 §6.1, §6.3, §11.2"
_NOT_FINAL = "RFC 9112 §6.3: must respond with 400 and close"
_UNKNOWN = "RFC 9112 §6.1: should respond with 501"
_HELLO = b"5\r\nhello\r\n0\r\n\r\n"


@check("malformed-encoding-and-length", requirement="SM-04", http="1.1", reference=_BOTH)
def test_malformed_encoding_and_length(probe: Probe) -> None:
    # Refused, or read by its chunks, whatever the length says, in whichever order.
    for head in (CHUNKED + b"Content-Length: 3\r\n", POST + b"Content-Length: 3\r\n"):
        lines = head if head.startswith(CHUNKED) else head + b"Transfer-Encoding: chunked\r\n"
        answer = probe.send_literally(lines, UPLOADED, _HELLO)
        status = read_refusal(answer)
        if probe.record(answer).select("call"):
            received = b"".join(m.get("body", b"") for m in probe.messages(answer))
            assert (status, received) == (200, b"hello")
        else:
            assert status is None or status >= 400, f"the client got {status}"


@check(
    "malformed-encoding-and-length-next",
    requirement="SM-04",
    http="1.1",
    reference="RFC 9112 §6.1: must close",
)
def test_malformed_encoding_and_length_next(probe: Probe) -> None:
    # The connection is closed after the answer, whichever it is.
    check_next_not_served(probe, CHUNKED + b"Content-Length: 15\r\n", _HELLO)


@check(
    "malformed-encoding-http-1-0",
    requirement="SM-04",
    http="1.1",
    reference="RFC 9112 §6.1: must close",
)
def test_malformed_encoding_http_1_0(probe: Probe) -> None:
    # HTTP/1.0 has no such field: the framing is faulty.
    head = b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"
    check_next_not_served(probe, head, _HELLO)


def _check_encoding_refused(probe: Probe, *values: bytes) -> None:
    lines = b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in values)
    check_refused(probe, POST + lines, _HELLO, UPLOADED)


@check("malformed-encoding-not-final", requirement="SM-05", http="1.1", reference=_NOT_FINAL)
def test_malformed_encoding_not_final(probe: Probe) -> None:
    _check_encoding_refused(probe, b"chunked, gzip")


@check("malformed-encoding-not-final-line", requirement="SM-05", http="1.1", reference=_NOT_FINAL)
def test_malformed_encoding_not_final_line(probe: Probe) -> None:
    # Several lines are one list.
    _check_encoding_refused(probe, b"chunked", b"gzip")


@check("malformed-encoding-not-chunked", requirement="SM-05", http="1.1", reference=_NOT_FINAL)
def test_malformed_encoding_not_chunked(probe: Probe) -> None:
    _check_encoding_refused(probe, b"gzip")


@check("malformed-encoding-identity", requirement="SM-05", http="1.1", reference=_NOT_FINAL)
def test_malformed_encoding_identity(probe: Probe) -> None:
    # A coding of RFC 2616 that is no more.
    _check_encoding_refused(probe, b"identity")


@check(
    "malformed-encoding-parameter",
    severity="should",
    requirement="SM-05",
    http="1.1",
    reference="RFC 9112 §7: chunked has no parameters",
)
def test_malformed_encoding_parameter(probe: Probe) -> None:
    _check_encoding_refused(probe, b"chunked;q=1")


@check(
    "malformed-encoding-twice",
    severity="should",
    requirement="SM-05",
    http="1.1",
    reference="RFC 9112 §6.1: must not apply chunked more than once",
)
def test_malformed_encoding_twice(probe: Probe) -> None:
    _check_encoding_refused(probe, b"chunked, chunked")


@check(
    "malformed-encoding-obscured", requirement="SM-05", http="1.1", reference="RFC 9112 §6.3, §11.2"
)
def test_malformed_encoding_obscured(probe: Probe) -> None:
    # What one server takes for chunked, and another does not.
    for value in (b"xchunked", b"\x0bchunked", b'"chunked"', b"chunked\x00"):
        _check_encoding_refused(probe, value)


@check(
    "malformed-encoding-empty",
    severity="should",
    requirement="SM-05",
    http="1.1",
    reference="RFC 9112 §6.3, §11.2",
)
def test_malformed_encoding_empty(probe: Probe) -> None:
    _check_encoding_refused(probe, b"")


@check(
    "malformed-encoding-answer",
    severity="should",
    requirement="SM-05",
    http="1.1",
    reference=_NOT_FINAL,
)
def test_malformed_encoding_answer(probe: Probe) -> None:
    # Or 501, where the coding is none that the server knows.
    probe.hurry()
    for value in (b"chunked, gzip", b"gzip"):
        answer = probe.send_literally(POST + b"Transfer-Encoding: " + value + b"\r\n")
        status = read_refusal(answer)
        assert status in (400, 501), f"{value!r} is answered {status}"


@check("malformed-encoding-next", requirement="SM-05", http="1.1", reference=_NOT_FINAL)
def test_malformed_encoding_next(probe: Probe) -> None:
    check_next_not_served(probe, POST + b"Transfer-Encoding: chunked, gzip\r\n", _HELLO)


@check(
    "malformed-encoding-unknown",
    severity="should",
    requirement="SM-10",
    http="1.1",
    reference=_UNKNOWN,
)
def test_malformed_encoding_unknown(probe: Probe) -> None:
    answer = probe.send_literally(
        POST + b"Transfer-Encoding: unknown, chunked\r\n", UPLOADED, _HELLO
    )
    status = read_refusal(answer)
    assert status == 501, f"the client got {status}"


@check(
    "malformed-encoding-gzip",
    severity="should",
    requirement="SM-10",
    http="1.1",
    reference=_UNKNOWN,
)
def test_malformed_encoding_gzip(probe: Probe) -> None:
    # A coding that there is: refused, or decoded; these five bytes cannot be.
    answer = probe.send_literally(POST + b"Transfer-Encoding: gzip, chunked\r\n", UPLOADED, _HELLO)
    answer.read_all()
    received = b"".join(message.get("body", b"") for message in probe.messages(answer))
    assert received != b"hello", "the application gets the body with the coding still on it"
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
