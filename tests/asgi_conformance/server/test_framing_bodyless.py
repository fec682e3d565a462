"""Answers that have no content, whatever the application sends: to HEAD, 204 and 304."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, Step, body, start

_HEAD = "RFC 9110 §9.3.2; RFC 9112 §6.3"
_NO_CONTENT = "RFC 9110 §15.3.5; RFC 9112 §6.3"
_NOT_MODIFIED = "RFC 9110 §15.4.5; RFC 9112 §6.3"
_PIECES = (body("abc", more=True), body("def"))


def _request(probe: Probe, script: Script, method: str = "GET") -> tuple[Answer, bytes]:
    """The answer, and all bytes after its head: on HTTP/1.1, until the connection is closed."""
    probe.hurry()
    fields = [("Connection", "close")] if probe.http == "1.1" else []
    answer = probe.request(script, method, headers=fields)
    content = answer.body
    if isinstance(answer, Exchange) and answer.ending is Ending.CLEAN:
        content += answer.excess
    return answer, content


def _check_without_content(probe: Probe, status: int, *pieces: Step) -> None:
    """Check that none of what the application sends follows the head.

    To refuse content where there can be none is as well.
    """
    answer, content = _request(probe, [start(status), *pieces])
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    if answer.ending is Ending.CLEAN and answer.status == status:
        assert content == b""


def _check_next(probe: Probe, script: Script, method: str = "GET") -> None:
    """Check that after this answer the connection serves another request.

    A server that closes it, and says so, is right as well.
    """
    connection = probe.connect()
    first = probe.request(script, method, connection=connection)
    assert first.ending is Ending.CLEAN
    if first.header("connection") == "close":
        return
    second = probe.request(connection=connection)
    assert (second.ending, second.status, second.body) == (Ending.CLEAN, 200, b"done")


@check("framing-head", requirement="FR-01", reference=_HEAD)
def test_framing_head(probe: Probe) -> None:
    answer, content = _request(probe, [start(200, ("x-one", "1")), *_PIECES], "HEAD")
    assert (answer.status, answer.header("x-one")) == (200, "1")
    assert (content, answer.ending) == (b"", Ending.CLEAN)


@check("framing-head-length", requirement="FR-01", reference=f"{_HEAD}, §8.6")
def test_framing_head_length(probe: Probe) -> None:
    answer, content = _request(probe, [start(200, ("content-length", "6")), *_PIECES], "HEAD")
    assert answer.header("content-length") == "6"
    assert (content, answer.ending) == (b"", Ending.CLEAN)


@check("framing-head-length-alone", requirement="FR-01", reference=f"{_HEAD}, §8.6")
def test_framing_head_length_alone(probe: Probe) -> None:
    # An application that knows of HEAD says GET's length and sends no content: a whole answer.
    answer, content = _request(probe, [start(200, ("content-length", "6")), body()], "HEAD")
    assert (answer.status, answer.header("content-length")) == (200, "6")
    assert (content, answer.ending) == (b"", Ending.CLEAN)
    outcome = probe.record(answer).wait_for_end()
    assert outcome.how == "returned", f"the application {outcome.how}: {outcome.error}"


@check("framing-head-connection", requirement="FR-01", reference=_HEAD)
def test_framing_head_connection(probe: Probe) -> None:
    _check_next(probe, [start(200, ("content-length", "6")), *_PIECES], "HEAD")


@check("framing-head-next", requirement="FR-02", http="1.1", reference=_HEAD)
def test_framing_head_next(probe: Probe) -> None:
    _check_next(probe, [start(), body("abcdef")], "HEAD")


@check("framing-head-next-length", requirement="FR-02", http="1.1", reference=_HEAD)
def test_framing_head_next_length(probe: Probe) -> None:
    _check_next(probe, [start(200, ("content-length", "6")), body()], "HEAD")


@check("framing-204", requirement="FR-03", reference=_NO_CONTENT)
def test_framing_204(probe: Probe) -> None:
    _check_without_content(probe, 204, body("abcdef"))


@check("framing-204-pieces", requirement="FR-03", reference=_NO_CONTENT)
def test_framing_204_pieces(probe: Probe) -> None:
    _check_without_content(probe, 204, *_PIECES)


@check("framing-204-fields", requirement="FR-03", reference="RFC 9112 §6.1; RFC 9110 §8.6")
def test_framing_204_fields(probe: Probe) -> None:
    answer, _ = _request(probe, [start(204), body()])
    assert (answer.status, answer.ending) == (204, Ending.CLEAN)
    assert answer.header("transfer-encoding") is None
    assert answer.header("content-length") is None


@check("framing-204-next", requirement="FR-03", http="1.1", reference=_NO_CONTENT)
def test_framing_204_next(probe: Probe) -> None:
    _check_next(probe, [start(204), body()])


@check("framing-304", requirement="FR-04", reference=_NOT_MODIFIED)
def test_framing_304(probe: Probe) -> None:
    _check_without_content(probe, 304, body("abcdef"))


@check("framing-304-pieces", requirement="FR-04", reference=_NOT_MODIFIED)
def test_framing_304_pieces(probe: Probe) -> None:
    _check_without_content(probe, 304, *_PIECES)


@check("framing-304-length", requirement="FR-04", reference=f"{_NOT_MODIFIED}; RFC 9110 §8.6")
def test_framing_304_length(probe: Probe) -> None:
    # The length is that of the 200: it may be there, and no content is missing.
    answer, content = _request(probe, [start(304, ("content-length", "6")), body()])
    assert answer.status == 304
    assert (content, answer.ending) == (b"", Ending.CLEAN)
    outcome = probe.record(answer).wait_for_end()
    assert outcome.how == "returned", f"the application {outcome.how}: {outcome.error}"


@check("framing-304-next", requirement="FR-04", http="1.1", reference=_NOT_MODIFIED)
def test_framing_304_next(probe: Probe) -> None:
    _check_next(probe, [start(304, ("etag", '"a"')), body()])


@check("framing-204-length", requirement="FR-05", reference=_NO_CONTENT)
def test_framing_204_length(probe: Probe) -> None:
    answer, content = _request(probe, [start(204, ("content-length", "0")), body()])
    assert answer.status == 204
    assert (content, answer.ending) == (b"", Ending.CLEAN)


@check(
    "framing-204-length-dropped",
    severity="should",
    requirement="FR-05",
    reference="RFC 9110 §8.6: must not send Content-Length with 204",
)
def test_framing_204_length_dropped(probe: Probe) -> None:
    # A must not of the server together with its application; ASGI lets either see to it.
    answer, _ = _request(probe, [start(204, ("content-length", "0")), body()])
    assert answer.header("content-length") is None
