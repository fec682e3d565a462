"""The extension Early Hints: 103 with links, before the answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_raises, describe_last_send
from asgi_conformance.server.script import Script, Step, body, catching, send, start

_NAME = "http.response.early_hint"
_HINTS = "extensions.rst, Early Hints"
_INVALID = f"{_HINTS}; asgi.rst, Error Handling"
_STYLE = "</style.css>; rel=preload; as=style"
_SCRIPT = "</script.js>; rel=preload; as=script"


def _hint(*links: str) -> Step:
    return send({"type": _NAME, "links": [{"$bytes": link} for link in links]})


def _get_taken(probe: Probe, script: Script) -> Answer:
    """Get the answer of a script that sends hints; check that `send` takes all its messages."""
    probe.require(_NAME)
    answer = probe.get(script)
    record = probe.record(answer)
    record.wait_for_end()
    failed = record.select("send-failed")
    assert not failed, f"send() raises {failed[0].fields['error']}"
    return answer


def _read_links(answer: Answer) -> Sequence[str]:
    """The links of all 103 answers, in order."""
    assert answer.status == 200
    return [
        link.strip()
        for status, fields in zip(answer.informational, answer.informational_headers, strict=True)
        for name, value in fields
        if status == 103 and name == "link"
        for link in value.split(",")
    ]


@check("early-hint-accepted", requirement="EX-02", reference=_HINTS)
def test_early_hint_accepted(probe: Probe) -> None:
    answer = _get_taken(probe, [start(200, ("x-one", "1")), _hint(_STYLE), body("abc")])
    assert (answer.status, answer.header("x-one")) == (200, "1")
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check("early-hint-between-bodies", requirement="EX-02", reference=_HINTS)
def test_early_hint_between_bodies(probe: Probe) -> None:
    # Too late to be of use, or to be sent; but no mistake, and no harm to the answer.
    script = [start(), body("abc", more=True), _hint(_STYLE), body("def")]
    answer = _get_taken(probe, script)
    assert (answer.status, answer.body, answer.ending) == (200, b"abcdef", Ending.CLEAN)


@check("early-hint-twice", requirement="EX-02", reference=_HINTS)
def test_early_hint_twice(probe: Probe) -> None:
    answer = _get_taken(probe, [start(), _hint(_STYLE), _hint(_SCRIPT), body("abc")])
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)


def _get_hinted(probe: Probe, *hints: Step) -> Answer:
    """The answer of a script that sends hints after the start.

    Of a server that refuses them there, which is for other checks to say, those before it.
    """
    probe.require(_NAME)
    caught = [catching(hint) for hint in hints]
    answer = probe.get([start(), *caught, body("abc")])
    if probe.record(answer).select("send-failed"):
        answer = probe.get([*caught, start(), body("abc")])
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)
    if not answer.informational and not probe.record(answer).select("send-failed"):
        pytest.skip("the server ignores early hints, as it may")
    return answer


@check("early-hint-sent", severity="should", requirement="EX-11", reference=f"{_HINTS}; RFC 8297")
def test_early_hint_sent(probe: Probe) -> None:
    assert _read_links(_get_hinted(probe, _hint(_STYLE))) == [_STYLE]


@check("early-hint-links", severity="should", requirement="EX-11", reference=f"{_HINTS}; RFC 8297")
def test_early_hint_links(probe: Probe) -> None:
    assert _read_links(_get_hinted(probe, _hint(_STYLE, _SCRIPT))) == [_STYLE, _SCRIPT]


@check("early-hint-twice-sent", severity="should", requirement="EX-11", reference=_HINTS)
def test_early_hint_twice_sent(probe: Probe) -> None:
    answer = _get_hinted(probe, _hint(_STYLE), _hint(_SCRIPT))
    assert answer.informational == [103, 103]
    assert _read_links(answer) == [_STYLE, _SCRIPT]


@check(
    "early-hint-before-start",
    severity="observe",
    requirement="EX-02",
    reference=f"{_HINTS}: after the Response Start",
)
def test_early_hint_before_start(probe: Probe) -> None:
    probe.require(_NAME)
    answer = probe.get([catching(_hint(_STYLE)), start(), body("abc")])
    if probe.record(answer).select("send-failed"):
        probe.observe("send() raises")
    else:
        probe.observe("103 is sent" if 103 in answer.informational else "ignored")


@check("early-hint-line-break", requirement="EX-23", reference="RFC 9110 §5.5; RFC 9113 §8.2.1")
def test_early_hint_line_break(probe: Probe) -> None:
    # Refused in whatever way, or mended; before the start, too, where some servers take them.
    probe.require(_NAME)
    hint = catching(_hint("</>\r\nx-injected: 1"))
    answer = probe.get([hint, start(), hint, body("abc")])
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    fields = [field for head in answer.informational_headers for field in head]
    broken = [field for field in fields if {"\r", "\n"} & set("".join(field))]
    assert not broken, f"the client got {broken}"
    assert "x-injected" not in dict(fields), "the value has become another field"


@check("early-hint-http-1-0", requirement="EX-02", http="1.1", reference="RFC 9110 §15.2")
def test_early_hint_http_1_0(probe: Probe) -> None:
    # A client of HTTP/1.0 knows no 1xx.
    probe.require(_NAME)
    hint = catching(_hint(_STYLE))
    answer = probe.send_literally(b"GET / HTTP/1.0\r\n", [hint, start(), hint, body("abc")])
    assert answer.read_all().informational == []
    assert (answer.status, answer.body) == (200, b"abc")


@check("early-hint-without-links", severity="should", requirement="EX-23", reference=_INVALID)
def test_early_hint_without_links(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME}), [start()])


@check("early-hint-links-text", severity="should", requirement="EX-23", reference=_INVALID)
def test_early_hint_links_text(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME, "links": [_STYLE]}), [start()])


@check("early-hint-late", severity="observe", requirement="EX-02", reference=_HINTS)
def test_early_hint_late(probe: Probe) -> None:
    probe.require(_NAME)
    answer = probe.get([start(), body("abc"), catching(_hint(_STYLE))])
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)
    probe.observe(describe_last_send(probe, answer))


@check("early-hint-not-offered", severity="should", requirement="EX-19", reference=_INVALID)
def test_early_hint_not_offered(probe: Probe) -> None:
    if probe.offers(_NAME):
        pytest.skip(f"the server offers {_NAME}")
    check_raises(probe, _hint(_STYLE), [start()])
