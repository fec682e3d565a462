"""Responses: what their messages make of the content, its length and its end."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, repeat, send, start, wait

_BODY = "www.rst, Response Body"
_LENGTH = "www.rst, Response Start; RFC 9110 §8.6"


@check("response-unknown-length", requirement="RS-20", reference=f"{_BODY}: concatenated")
def test_response_unknown_length(probe: Probe) -> None:
    answer = probe.get([start(), body("abc", more=True), body("def")])
    assert (answer.status, answer.body, answer.ending) == (200, b"abcdef", Ending.CLEAN)


@check(
    "response-self-delimited",
    severity="should",
    requirement="RS-01",
    http="1.1",
    reference="RFC 9112 §6.3: length-delimited or encoded whenever possible",
)
def test_response_self_delimited(probe: Probe) -> None:
    answer = probe.get([start(), body("abc", more=True), body("def")])
    framing = (answer.header("transfer-encoding"), answer.header("content-length"))
    assert framing in [("chunked", None), (None, "6")], f"framed by {framing}"


@check(
    "response-unknown-length-framing",
    severity="observe",
    requirement="RS-19",
    http="1.1",
    reference="www.rst, HTTP Connection Scope: may be chunked as the server sees fit",
)
def test_response_unknown_length_framing(probe: Probe) -> None:
    for name, pieces in (("one", [body("abc")]), ("two", [body("abc", more=True), body("def")])):
        answer = probe.get([start(), *pieces])
        chunked = answer.header("transfer-encoding") == "chunked"
        counted = "content-length" if answer.header("content-length") else "the connection's end"
        probe.observe(f"{name} of more_body: {'chunked' if chunked else counted}")


@check("response-many-pieces", requirement="RS-20", reference=f"{_BODY}: concatenated")
def test_response_many_pieces(probe: Probe) -> None:
    script = [start(), repeat(1000, body("0123456789", more=True)), body("end")]
    answer = probe.get(script)
    assert answer.body == b"0123456789" * 1000 + b"end"
    assert answer.ending is Ending.CLEAN


@check("response-content-length", requirement="RS-02", reference=_LENGTH)
def test_response_content_length(probe: Probe) -> None:
    answer = probe.get([start(200, ("content-length", "3")), body("abc")])
    assert answer.header("content-length") == "3"
    assert answer.header("transfer-encoding") is None
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-content-length-pieces", requirement="RS-02", reference=_LENGTH)
def test_response_content_length_pieces(probe: Probe) -> None:
    pieces = [body("abc", more=True), body("def", more=True), body()]
    answer = probe.get([start(200, ("content-length", "6")), *pieces])
    assert answer.header("content-length") == "6"
    assert answer.header("transfer-encoding") is None
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("response-content-length-zero", requirement="RS-02", reference=_LENGTH)
def test_response_content_length_zero(probe: Probe) -> None:
    answer = probe.get([start(200, ("content-length", "0")), body()])
    assert answer.header("content-length") == "0"
    assert answer.header("transfer-encoding") is None
    assert (answer.body, answer.ending) == (b"", Ending.CLEAN)


@check("response-complete", requirement="RS-28", reference=f"{_BODY}: more_body")
def test_response_complete(probe: Probe) -> None:
    # The client has the end while the application still waits.
    last = {"type": "http.response.body", "body": "def", "more_body": False}
    answer = probe.request([start(), body("abc", more=True), send(last), wait()])
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("response-complete-by-default", requirement="RS-05", reference=f"{_BODY}: more_body")
def test_response_complete_by_default(probe: Probe) -> None:
    answer = probe.request([start(), body("abc"), wait()])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-complete-with-length", requirement="RS-05", reference=f"{_BODY}: more_body")
def test_response_complete_with_length(probe: Probe) -> None:
    answer = probe.request([start(200, ("content-length", "3")), body("abc"), wait()])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-body-missing", requirement="RS-06", reference=f"{_BODY}: body")
def test_response_body_missing(probe: Probe) -> None:
    answer = probe.get([start(), send({"type": "http.response.body"})])
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)


@check("response-body-missing-between", requirement="RS-06", reference=f"{_BODY}: body")
def test_response_body_missing_between(probe: Probe) -> None:
    nothing = send({"type": "http.response.body", "more_body": True})
    answer = probe.get([start(), body("abc", more=True), nothing, body("def")])
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("response-empty-first-piece", requirement="RS-07", reference=f"{_BODY}; RFC 9112 §7.1")
def test_response_empty_first_piece(probe: Probe) -> None:
    # On HTTP/1.1 a chunk of no bytes would end the response.
    answer = probe.get([start(), body("", more=True), body("abc", more=True), body()])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-empty-piece", requirement="RS-07", reference=f"{_BODY}; RFC 9112 §7.1")
def test_response_empty_piece(probe: Probe) -> None:
    script = [start(), body("abc", more=True), body("", more=True), body("def")]
    answer = probe.get(script)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("response-empty-last-piece", requirement="RS-07", reference=f"{_BODY}; RFC 9112 §7.1")
def test_response_empty_last_piece(probe: Probe) -> None:
    answer = probe.get([start(), body("abc", more=True), body()])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-empty-whole", requirement="RS-07", reference=f"{_BODY}; RFC 9112 §7.1")
def test_response_empty_whole(probe: Probe) -> None:
    answer = probe.get([start(), body("", more=True), body()])
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)
