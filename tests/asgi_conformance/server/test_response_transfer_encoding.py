"""An application's `Transfer-Encoding`, which is the server's to choose and must be ignored."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, start

_IGNORED = "www.rst, Response Start: the server must ignore Transfer-Encoding"


def _check_framing(probe: Probe, answer: Answer) -> None:
    """Check that what the application said of the coding is not on the wire."""
    assert answer.status == 200
    # HTTP/1.1 has the server's own coding there, or none; HTTP/2 none (RFC 9113 §8.2.2).
    allowed = ("chunked", None) if probe.http == "1.1" else (None,)
    coding = answer.header("transfer-encoding")
    assert coding in allowed, f"Transfer-Encoding: {coding}"


@check("response-transfer-encoding", requirement="RS-03", reference=_IGNORED)
def test_response_transfer_encoding(probe: Probe) -> None:
    answer = probe.get([start(200, ("transfer-encoding", "chunked")), body("abc")])
    _check_framing(probe, answer)
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("response-transfer-encoding-content", requirement="RS-03", reference=_IGNORED)
def test_response_transfer_encoding_content(probe: Probe) -> None:
    # An application that does the chunking itself: with its header ignored, this is content.
    chunks = "3\r\nabc\r\n0\r\n\r\n"
    answer = probe.get([start(200, ("transfer-encoding", "chunked")), body(chunks)])
    assert (answer.body, answer.ending) == (b"3\r\nabc\r\n0\r\n\r\n", Ending.CLEAN)


@check("response-transfer-encoding-repeated", requirement="RS-03", reference=_IGNORED)
def test_response_transfer_encoding_repeated(probe: Probe) -> None:
    fields = [("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]
    answer = probe.get([start(200, *fields), body("abc", more=True), body("def")])
    _check_framing(probe, answer)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("response-transfer-encoding-other", requirement="RS-03", reference=_IGNORED)
def test_response_transfer_encoding_other(probe: Probe) -> None:
    # Were it passed on, the client would take `abc` for gzip.
    answer = probe.get([start(200, ("transfer-encoding", "gzip")), body("abc")])
    _check_framing(probe, answer)
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check(
    "response-transfer-encoding-and-length",
    requirement="RS-04",
    reference=f"{_IGNORED}; RFC 9112 §6.2",
)
def test_response_transfer_encoding_and_length(probe: Probe) -> None:
    fields = [("transfer-encoding", "gzip"), ("content-length", "3")]
    answer = probe.get([start(200, *fields), body("abc")])
    assert (answer.status, answer.header("transfer-encoding")) == (200, None)
    assert answer.header("content-length") == "3"
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check(
    "response-transfer-encoding-chunked-and-length",
    requirement="RS-04",
    reference=f"{_IGNORED}; RFC 9112 §6.2",
)
def test_response_transfer_encoding_chunked_and_length(probe: Probe) -> None:
    fields = [("content-length", "6"), ("transfer-encoding", "chunked")]
    answer = probe.get([start(200, *fields), body("abc", more=True), body("def")])
    assert (answer.status, answer.header("transfer-encoding")) == (200, None)
    assert answer.header("content-length") == "6"
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
