"""Requests whose request line is malformed."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import GET, HOST, check_answer, check_refused, read_refusal

_INVALID = "RFC 9112 §2.2: should respond with 400 and close"
_LINE = "RFC 9112 §3, §2.2"
_CONTROL = "RFC 9112 §2.2, RFC 9110 §5.5: invalid, or replaced by a space"


@check(
    "malformed-request-line", severity="should", requirement="SM-01", http="1.1", reference=_LINE
)
def test_malformed_request_line(probe: Probe) -> None:
    check_refused(probe, b"NONSENSE\r\n" + HOST)


@check("malformed-method", severity="should", requirement="SM-01", http="1.1", reference=_LINE)
def test_malformed_method(probe: Probe) -> None:
    # No token.
    check_refused(probe, b"G(E)T / HTTP/1.1\r\n" + HOST)


@check(
    "malformed-target-missing", severity="should", requirement="SM-01", http="1.1", reference=_LINE
)
def test_malformed_target_missing(probe: Probe) -> None:
    check_refused(probe, b"GET HTTP/1.1\r\n" + HOST)


@check(
    "malformed-target-space",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §3.2",
)
def test_malformed_target_space(probe: Probe) -> None:
    check_refused(probe, b"GET /one two HTTP/1.1\r\n" + HOST)


@check(
    "malformed-target-form",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §3.2",
)
def test_malformed_target_form(probe: Probe) -> None:
    # None of the four forms: neither a path nor a URI.
    check_refused(probe, b"GET one HTTP/1.1\r\n" + HOST)


@check(
    "malformed-target-control",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §3.2",
)
def test_malformed_target_control(probe: Probe) -> None:
    check_refused(probe, b"GET /\x01 HTTP/1.1\r\n" + HOST)


@check(
    "malformed-target-above-ascii",
    severity="observe",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §3.2; RFC 3986 §3.3",
)
def test_malformed_target_above_ascii(probe: Probe) -> None:
    # Invalid, and often sent: letters as they are.
    answer = probe.send_literally(b"GET /\xc3\xbc HTTP/1.1\r\n" + HOST)
    if probe.record(answer.read_all()).select("scope"):
        probe.observe(f"taken, with the path {probe.scope(answer)['path']!r}")
    else:
        probe.observe("refused")


@check(
    "malformed-version",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §2.3",
)
def test_malformed_version(probe: Probe) -> None:
    check_refused(probe, b"GET / HTTP/1.x\r\n" + HOST)


@check(
    "malformed-version-letters",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §2.3",
)
def test_malformed_version_letters(probe: Probe) -> None:
    # It is in upper case.
    check_refused(probe, b"GET / http/1.1\r\n" + HOST)


@check(
    "malformed-version-major",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9110 §15.6.6",
)
def test_malformed_version_major(probe: Probe) -> None:
    check_refused(probe, b"GET / HTTP/3.0\r\n" + HOST)


@check("malformed-answer", severity="should", requirement="SM-01", http="1.1", reference=_INVALID)
def test_malformed_answer(probe: Probe) -> None:
    check_answer(probe, 400, b"NONSENSE\r\n" + HOST, GET + b"X-One\r\n")


@check(
    "malformed-empty-line-first",
    severity="should",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §2.2",
)
def test_malformed_empty_line_first(probe: Probe) -> None:
    # Left over from a body before it; a server should ignore one.
    answer = probe.send_literally(b"\r\n" + GET)
    assert (answer.status, answer.body) == (200, b"done")


@check(
    "malformed-line-end",
    severity="observe",
    requirement="SM-01",
    http="1.1",
    reference="RFC 9112 §2.2: may recognise",
)
def test_malformed_line_end(probe: Probe) -> None:
    # LF without CR.
    answer = probe.send_literally(b"GET / HTTP/1.1\nHost: 127.0.0.1\n")
    probe.observe("taken" if read_refusal(answer) == 200 else "refused")


@check("malformed-bare-cr-in-request-line", requirement="SM-08", http="1.1", reference=_CONTROL)
def test_malformed_bare_cr_in_request_line(probe: Probe) -> None:
    check_refused(probe, b"GET /\rone HTTP/1.1\r\n" + HOST)
