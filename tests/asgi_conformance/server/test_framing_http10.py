"""Answers to clients of HTTP/1.0, which know of no chunks."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Hung
from asgi_conformance.exchange import Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import HEADER, Script, body, fail, start, wait, write

_REQUEST = b"GET / HTTP/1.0\r\nHost: localhost\r\n"
_KEEP_ALIVE = _REQUEST + b"Connection: keep-alive\r\n"
_PIECES = (body("abc", more=True), body("def"))
_KNOWN: Script = [start(200, ("content-length", "6")), *_PIECES]
_UNKNOWN: Script = [start(), *_PIECES]


def _request_again(first: Exchange) -> Exchange:
    """The answer to another request on the same connection."""
    script = f"{HEADER}: {write(_KNOWN)}\r\n\r\n"
    first.connection.send(_KEEP_ALIVE + script.encode())
    return Exchange(first.connection, "GET", None)


@check("framing-http10-not-chunked", requirement="FR-06", http="1.1", reference="RFC 9112 §6.1")
def test_framing_http10_not_chunked(probe: Probe) -> None:
    answer = probe.send_literally(_REQUEST, _UNKNOWN)
    assert answer.header("transfer-encoding") is None
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check(
    "framing-http10-keep-alive-not-chunked",
    requirement="FR-06",
    http="1.1",
    reference="RFC 9112 §6.1, §6.3",
)
def test_framing_http10_keep_alive_not_chunked(probe: Probe) -> None:
    # Without a length the end of the connection is the end of the content.
    answer = probe.send_literally(_KEEP_ALIVE, _UNKNOWN)
    assert answer.header("transfer-encoding") is None
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)


@check("framing-http10-pieces", requirement="FR-06", http="1.1", reference="www.rst, Response Body")
def test_framing_http10_pieces(probe: Probe) -> None:
    answer = probe.send_literally(_REQUEST, [start(), body("abc", more=True), wait(), body("def")])
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)
    assert answer.body == b"abcdef"


@check("framing-http10-closes", requirement="FR-06", http="1.1", reference="RFC 9112 §9.3")
def test_framing_http10_closes(probe: Probe) -> None:
    probe.hurry()
    answer = probe.send_literally(_REQUEST, _KNOWN)
    assert (answer.header("content-length"), answer.body) == ("6", b"abcdef")
    try:
        assert answer.excess == b""
    except Hung:
        raise AssertionError("the server keeps the connection open") from None


@check(
    "framing-http10-keep-alive",
    severity="observe",
    requirement="FR-07",
    http="1.1",
    reference="RFC 9112 §9.3, Appendix C.2.2",
)
def test_framing_http10_keep_alive(probe: Probe) -> None:
    first = probe.send_literally(_KEEP_ALIVE, _KNOWN)
    assert first.body == b"abcdef"
    announced = (first.header("connection") or "").lower() == "keep-alive"
    kept = "kept" if _request_again(first).ending is Ending.CLEAN else "not kept"
    probe.observe(f"the connection is {kept}, and that is{'' if announced else ' not'} announced")


@check(
    "framing-http10-keep-alive-kept",
    severity="should",
    requirement="FR-11",
    http="1.1",
    reference="RFC 9112 §9.3: the recipient wishes to honor keep-alive",
)
def test_framing_http10_keep_alive_kept(probe: Probe) -> None:
    first = probe.send_literally(_KEEP_ALIVE, _KNOWN)
    assert first.body == b"abcdef"
    if (first.header("connection") or "").lower() != "keep-alive":
        pytest.skip("the server does not announce that it keeps the connection")
    second = _request_again(first)
    assert (second.ending, second.body) == (Ending.CLEAN, b"abcdef")


@check(
    "ending-failure-http10",
    severity="observe",
    requirement="TR-03",
    http="1.1",
    reference="asgi.rst, Error Handling; RFC 9112 §8",
)
def test_ending_failure_http10(probe: Probe) -> None:
    # Content that ends with the connection is broken off by a reset alone.
    script = [start(), body("abc", more=True), wait(), fail()]
    answer = probe.send_literally(_REQUEST, script)
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)
    probe.observe(
        {
            Ending.RESET: "the connection is reset",
            Ending.CLEAN: "what came looks whole",
            Ending.HUNG: "the connection stays open",
        }.get(answer.ending, "broken off")
    )
