"""Requests with malformed lines in their fields."""

from __future__ import annotations

import re

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import GET, HOST, check_answer, check_refused, read_refusal

_FIELD = "RFC 9112 §5, §2.2"
_HOST = "RFC 9112 §3.2: must respond with 400"
_COLON = "RFC 9112 §5.1: must respond with 400"
_FOLD = "RFC 9112 §5.2: must reject, or replace by spaces"
_CONTROL = "RFC 9112 §2.2, RFC 9110 §5.5: invalid, or replaced by a space"


@check(
    "malformed-field-without-colon",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference=_FIELD,
)
def test_malformed_field_without_colon(probe: Probe) -> None:
    check_refused(probe, GET + b"X-One\r\n")


@check("malformed-field-name", severity="should", requirement="SM-01", http="1.1", reference=_FIELD)
def test_malformed_field_name(probe: Probe) -> None:
    # No token.
    for name in (b"X One", b"X(One)", b"X\x01One", b'"X"'):
        check_refused(probe, GET + name + b": 1\r\n")


@check(
    "malformed-field-name-empty",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference=_FIELD,
)
def test_malformed_field_name_empty(probe: Probe) -> None:
    check_refused(probe, GET + b": 1\r\n")


@check(
    "malformed-head-large",
    severity="observe",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9110 §5.4; RFC 6585 §5",
)
def test_malformed_head_large(probe: Probe) -> None:
    probe.hurry()
    answer = probe.client.send(GET + b"X-One: " + b"1" * 1024 * 1024 + b"\r\n\r\n").read_all()
    if answer.ending is Ending.CLEAN:
        probe.observe(f"a field of 1 MiB: {answer.status}")
    else:
        probe.observe("a field of 1 MiB: the connection is closed")


@check("malformed-host-missing", requirement="SM-02", http="1.1", reference=_HOST)
def test_malformed_host_missing(probe: Probe) -> None:
    check_refused(probe, b"GET / HTTP/1.1\r\n")


@check("malformed-host-twice", requirement="SM-02", http="1.1", reference=_HOST)
def test_malformed_host_twice(probe: Probe) -> None:
    check_refused(probe, GET + b"Host: example.org\r\n")


@check("malformed-host-twice-the-same", requirement="SM-02", http="1.1", reference=_HOST)
def test_malformed_host_twice_the_same(probe: Probe) -> None:
    check_refused(probe, GET + HOST)


@check("malformed-host-value", severity="should", requirement="SM-02", http="1.1", reference=_HOST)
def test_malformed_host_value(probe: Probe) -> None:
    # No host has a space or a slash in it. Few servers look, which is why this is no must.
    for host in (b"one two", b"one/two", b"one@two"):
        check_refused(probe, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n")


@check(
    "malformed-host-http-1-0",
    severity="should",
    requirement="SM-02",
    http="1.1",
    reference="RFC 9112 §3.2, §3.3",
)
def test_malformed_host_http_1_0(probe: Probe) -> None:
    # Not malformed: a request of HTTP/1.0 needs none.
    answer = probe.send_literally(b"GET / HTTP/1.0\r\n")
    assert (answer.status, answer.body) == (200, b"done")


@check("malformed-host-answer", severity="should", requirement="SM-02", http="1.1", reference=_HOST)
def test_malformed_host_answer(probe: Probe) -> None:
    check_answer(probe, 400, b"GET / HTTP/1.1\r\n", GET + b"Host: example.org\r\n")


@check("malformed-space-before-colon", requirement="SM-06", http="1.1", reference=_COLON)
def test_malformed_space_before_colon(probe: Probe) -> None:
    check_refused(probe, GET + b"X-One : 1\r\n")


@check("malformed-tab-before-colon", requirement="SM-06", http="1.1", reference=_COLON)
def test_malformed_tab_before_colon(probe: Probe) -> None:
    check_refused(probe, GET + b"X-One\t: 1\r\n")


@check(
    "malformed-space-before-colon-answer",
    severity="should",
    requirement="SM-06",
    http="1.1",
    reference=_COLON,
)
def test_malformed_space_before_colon_answer(probe: Probe) -> None:
    check_answer(probe, 400, GET + b"X-One : 1\r\n", GET + b"Content-Length : 0\r\n")


def _check_mended(probe: Probe, line: bytes, pattern: bytes) -> None:
    """Check that a request with this line, of X-One, is refused, or that its value is mended."""
    probe.hurry()
    answer = probe.send_literally(GET + line)
    status = read_refusal(answer)
    if probe.record(answer).select("scope"):
        values = [value for name, value in probe.scope(answer)["headers"] if name == b"x-one"]
        assert len(values) == 1, f"X-One is {values}"
        assert re.fullmatch(pattern, values[0]), f"X-One is {values[0]!r}"
    else:
        assert status is None or status >= 400, f"the client got {status}"


@check("malformed-folded-line", requirement="SM-07", http="1.1", reference=_FOLD)
def test_malformed_folded_line(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\r\n 2\r\n", b"1 +2")


@check("malformed-folded-line-tab", requirement="SM-07", http="1.1", reference=_FOLD)
def test_malformed_folded_line_tab(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\r\n\t2\r\n", b"1 +2")


@check("malformed-folded-line-looks-like-field", requirement="SM-07", http="1.1", reference=_FOLD)
def test_malformed_folded_line_looks_like_field(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\r\n Content-Length: 5\r\n", b"1 +Content-Length: 5")


@check(
    "malformed-folded-first-line",
    requirement="SM-07",
    http="1.1",
    reference="RFC 9112 §2.2: must reject, or consume",
)
def test_malformed_folded_first_line(probe: Probe) -> None:
    # There is nothing before it that it could go on; a server that ignores it may go on itself.
    probe.hurry()
    answer = probe.send_literally(b"GET / HTTP/1.1\r\n X-One: 1\r\n" + HOST)
    status = read_refusal(answer)
    if probe.record(answer).select("scope"):
        names = [name for name, _ in probe.scope(answer)["headers"]]
        assert b"x-one" not in names, "the line is taken for a field"
        assert b" x-one" not in names, "the line is taken for a field"
    else:
        assert status is None or status >= 400, f"the client got {status}"


@check("malformed-bare-cr", requirement="SM-08", http="1.1", reference=_CONTROL)
def test_malformed_bare_cr(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\r2\r\n", b"1 2")


@check("malformed-bare-cr-looks-like-field", requirement="SM-08", http="1.1", reference=_CONTROL)
def test_malformed_bare_cr_looks_like_field(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\rContent-Length: 5\r\n", b"1 Content-Length: 5")


@check("malformed-nul", requirement="SM-08", http="1.1", reference=_CONTROL)
def test_malformed_nul(probe: Probe) -> None:
    _check_mended(probe, b"X-One: 1\x002\r\n", b"1 2")


@check(
    "malformed-control",
    severity="observe",
    requirement="SM-08",
    http="1.1",
    reference="RFC 9110 §5.5: may retain",
)
def test_malformed_control(probe: Probe) -> None:
    # Of other control characters a recipient may let some pass.
    answer = probe.send_literally(GET + b"X-One: 1\x012\r\n")
    if probe.record(answer.read_all()).select("scope"):
        values = [value for name, value in probe.scope(answer)["headers"] if name == b"x-one"]
        probe.observe("retained" if values == [b"1\x012"] else "changed")
    else:
        probe.observe("refused")
