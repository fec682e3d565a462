"""The extension HTTP Trailers: fields after the body, for clients that ask for them."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.client import Headers
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_raises
from asgi_conformance.server.script import (
    Script,
    Step,
    Value,
    body,
    catching,
    leave,
    receive_until,
    send,
    start,
    wait,
)

_NAME = "http.response.trailers"
_TRAILERS = "extensions.rst, HTTP Trailers"
_AWAITED = "www.rst, Response Start: trailers"
_INVALID = f"{_TRAILERS}; asgi.rst, Error Handling"
_START = start(200, ("trailer", "x-sum, x-two"), trailers=True)


def _send_trailers(*fields: tuple[Value, Value], **more: Value) -> Step:
    return send({"type": _NAME, "headers": [list(field) for field in fields], **more})


_SUM = _send_trailers(("x-sum", "1"))


def _ask_for_trailers(probe: Probe, te: str = "trailers") -> Headers:
    """The fields of a request that asks for them (RFC 9110 §10.1.4)."""
    return [("te", te), ("connection", "te")] if probe.http == "1.1" else [("te", te)]


def _get(probe: Probe, script: Script, te: str = "trailers") -> Answer:
    """The whole answer to a client that asks for trailers; it must be a good one."""
    probe.require(_NAME)
    answer = probe.get(script, headers=_ask_for_trailers(probe, te))
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)
    return answer


@check("trailers-sent", severity="should", requirement="EX-03", reference=_TRAILERS)
def test_trailers_sent(probe: Probe) -> None:
    answer = _get(probe, [_START, body("abc"), _SUM])
    assert answer.trailers == [("x-sum", "1")]
    assert answer.header("trailer") == "x-sum, x-two"


@check("trailers-sent-after-pieces", severity="should", requirement="EX-03", reference=_TRAILERS)
def test_trailers_sent_after_pieces(probe: Probe) -> None:
    answer = _get(probe, [_START, body("ab", more=True), body("c", more=True), body(), _SUM])
    assert answer.trailers == [("x-sum", "1")]


@check(
    "trailers-asked-for-in-list",
    severity="should",
    requirement="EX-03",
    http="1.1",
    reference=f"{_TRAILERS}; RFC 9110 §10.1.4",
)
def test_trailers_asked_for_in_list(probe: Probe) -> None:
    # The TE of HTTP/2 holds nothing else (RFC 9113 §8.2.2).
    te = "deflate;q=0.5, Trailers"
    assert _get(probe, [_START, body("abc"), _SUM], te).trailers == [("x-sum", "1")]


@check("trailers-in-order", severity="should", requirement="EX-26", reference=_TRAILERS)
def test_trailers_in_order(probe: Probe) -> None:
    fields = [("x-two", "2"), ("x-sum", "1"), ("x-two", "a, b")]
    answer = _get(probe, [_START, body("abc"), _send_trailers(*fields)])
    assert answer.trailers == fields


@check("trailers-empty", severity="should", requirement="EX-26", reference=_TRAILERS)
def test_trailers_empty(probe: Probe) -> None:
    assert _get(probe, [_START, body("abc"), _send_trailers()]).trailers == []


@check("trailers-not-sent-unasked", requirement="EX-03", reference=_TRAILERS)
def test_trailers_not_sent_unasked(probe: Probe) -> None:
    probe.require(_NAME)
    answer = probe.get([_START, body("abc"), _SUM])
    assert answer.trailers == [], "the client has not asked for them"


@check("trailers-complete-unasked", requirement="EX-03", reference=_TRAILERS)
def test_trailers_complete_unasked(probe: Probe) -> None:
    # For the application it is all the same: it cannot know who asks.
    probe.require(_NAME)
    answer = probe.request([_START, body("abc"), _SUM])
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)
    assert probe.record(answer).wait_for_end().how == "returned"


@check("trailers-awaited", requirement="EX-05", reference=_AWAITED, slow=True)
def test_trailers_awaited(probe: Probe) -> None:
    # After the last body the answer is not complete before the trailers have come.
    probe.require(_NAME)
    script = [_START, body("abc"), wait(), _SUM]
    answer = probe.request(script, headers=_ask_for_trailers(probe))
    assert answer.read_until(b"abc") == b"abc"
    record = probe.record(answer)
    record.wait_for("pause")
    assert answer.is_silent(0.2), "the answer ends without its trailers"
    record.release(1)
    assert answer.ending is Ending.CLEAN
    assert answer.trailers == [("x-sum", "1")]


@check("trailers-awaited-last-body-sent", requirement="RS-08", reference=_AWAITED)
def test_trailers_awaited_last_body_sent(probe: Probe) -> None:
    # To wait for the trailers is no reason to keep the body back.
    probe.require(_NAME)
    script = [_START, body("abc"), wait(), _SUM]
    answer = probe.request(script, headers=_ask_for_trailers(probe))
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)


@check("trailers-missing", severity="should", requirement="EX-05", reference=_AWAITED)
def test_trailers_missing(probe: Probe) -> None:
    # More was to come.
    probe.require(_NAME)
    answer = probe.request([_START, body("abc"), leave()], headers=_ask_for_trailers(probe))
    assert answer.ending is not Ending.HUNG, "no end"
    assert answer.ending is not Ending.CLEAN, "the answer ends as if it were complete"


@check("trailers-more", requirement="EX-14", reference=_TRAILERS)
def test_trailers_more(probe: Probe) -> None:
    two = _send_trailers(("x-two", "2"))
    answer = _get(
        probe, [_START, body("abc"), _send_trailers(("x-sum", "1"), more_trailers=True), two]
    )
    assert answer.trailers == [("x-sum", "1"), ("x-two", "2")]


@check("trailers-end-response", requirement="EX-14", reference=_TRAILERS)
def test_trailers_end_response(probe: Probe) -> None:
    # Without more_trailers nothing more is to come.
    late = [catching(_send_trailers(("x-two", "2"))), catching(body("def"))]
    answer = _get(probe, [_START, body("abc"), _SUM, *late, receive_until("http.disconnect")])
    assert probe.record(answer).wait_for_end().how == "returned"
    assert answer.trailers == [("x-sum", "1")]
    after = probe.request(connection=answer.connection)
    assert (after.ending, after.status, after.body) == (Ending.CLEAN, 200, b"done")


@check("trailers-head", severity="should", requirement="EX-05", reference="RFC 9110 §9.3.2")
def test_trailers_head(probe: Probe) -> None:
    probe.require(_NAME)
    answer = probe.request(
        [_START, body("abc"), _SUM], "HEAD", headers=_ask_for_trailers(probe)
    ).read_all()
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)


@check("trailers-with-length", severity="should", requirement="EX-05", reference="RFC 9112 §7.1.2")
def test_trailers_with_length(probe: Probe) -> None:
    # On HTTP/1.1 only chunks have room for trailers: they, or the length, are left out.
    first = start(200, ("content-length", "3"), trailers=True)
    answer = _get(probe, [first, body("abc"), _SUM])
    after = probe.request(connection=answer.connection)
    assert (after.ending, after.status, after.body) == (Ending.CLEAN, 200, b"done")


@check("trailers-line-break", requirement="EX-26", reference="RFC 9110 §5.5; RFC 9113 §8.2.1")
def test_trailers_line_break(probe: Probe) -> None:
    # Refused in whatever way, or mended.
    probe.require(_NAME)
    invalid = catching(_send_trailers(("x-sum", "1\r\nx-injected: 2")))
    answer = probe.get([_START, body("abc"), invalid], headers=_ask_for_trailers(probe))
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    broken = [field for field in answer.trailers if {"\r", "\n"} & set("".join(field))]
    assert not broken, f"the client got {broken}"
    assert "x-injected" not in dict(answer.trailers), "the value has become another field"


@check(
    "trailers-pseudo",
    severity="should",
    requirement="EX-26",
    reference=f"{_TRAILERS}; RFC 9113 §8.1",
)
def test_trailers_pseudo(probe: Probe) -> None:
    probe.require(_NAME)
    invalid = catching(_send_trailers((":status", "404")))
    answer = probe.get([_START, body("abc"), invalid], headers=_ask_for_trailers(probe))
    assert (":status", "404") not in answer.trailers, "it was sent"
    assert answer.status == 200


@check("trailers-text", severity="should", requirement="EX-26", reference=_INVALID)
def test_trailers_text(probe: Probe) -> None:
    probe.require(_NAME)
    invalid = _send_trailers(("x-sum", {"$str": "1"}))
    check_raises(probe, invalid, [_START, body("abc")], headers=_ask_for_trailers(probe))


@check("trailers-mid-response", severity="should", requirement="EX-21", reference=_INVALID)
def test_trailers_mid_response(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, _SUM, [_START, body("abc", more=True)])


@check("trailers-first", severity="should", requirement="EX-21", reference=_INVALID)
def test_trailers_first(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, _SUM)


@check("trailers-not-announced", severity="observe", requirement="EX-05", reference=_AWAITED)
def test_trailers_not_announced(probe: Probe) -> None:
    # Without `trailers` in the start, the last body is the end: what follows is ignored.
    probe.require(_NAME)
    script = [start(), body("abc"), catching(_SUM)]
    answer = probe.get(script, headers=_ask_for_trailers(probe))
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)
    probe.observe("sent" if answer.trailers else "not sent")


@check("trailers-not-offered", severity="should", requirement="EX-20", reference=_INVALID)
def test_trailers_not_offered(probe: Probe) -> None:
    if probe.offers(_NAME):
        pytest.skip(f"the server offers {_NAME}")
    check_raises(probe, _SUM, [start(), body("abc", more=True)])
