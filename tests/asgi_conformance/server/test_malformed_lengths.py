"""Requests whose Content-Length is malformed: where does the body end?"""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import (
    POST,
    UPLOADED,
    check_answer,
    check_never_complete,
    check_next_not_served,
    check_refused,
    read_refusal,
)

_LENGTH = "RFC 9112 §6.3: must respond with 400 and close"
_FIVE = b"Content-Length: 5\r\n"


def _check_length_refused(probe: Probe, value: bytes) -> None:
    check_refused(probe, POST + b"Content-Length: " + value + b"\r\n", b"hello", UPLOADED)


@check("malformed-length-differing", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_differing(probe: Probe) -> None:
    check_refused(probe, POST + _FIVE + b"Content-Length: 6\r\n", b"hello!", UPLOADED)


@check("malformed-length-list", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_list(probe: Probe) -> None:
    _check_length_refused(probe, b"5, 6")


@check("malformed-length-text", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_text(probe: Probe) -> None:
    _check_length_refused(probe, b"five")


@check("malformed-length-empty", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_empty(probe: Probe) -> None:
    _check_length_refused(probe, b"")


@check("malformed-length-negative", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_negative(probe: Probe) -> None:
    _check_length_refused(probe, b"-5")


@check("malformed-length-plus", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_plus(probe: Probe) -> None:
    # What int() of Python takes, and RFC 9110 §8.6 does not: digits, and nothing else.
    _check_length_refused(probe, b"+5")


@check("malformed-length-underscore", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_underscore(probe: Probe) -> None:
    _check_length_refused(probe, b"0_5")


@check("malformed-length-hexadecimal", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_hexadecimal(probe: Probe) -> None:
    _check_length_refused(probe, b"0x5")


@check("malformed-length-fraction", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_fraction(probe: Probe) -> None:
    _check_length_refused(probe, b"5.0")


@check("malformed-length-two-words", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_two_words(probe: Probe) -> None:
    _check_length_refused(probe, b"5 5")


@check(
    "malformed-length-overflow",
    requirement="SM-03",
    http="1.1",
    reference="RFC 9110 §8.6: must anticipate",
)
def test_malformed_length_overflow(probe: Probe) -> None:
    # 2 to the power of 64, and 5 more; refused, or a body of which most is to come.
    head = POST + b"Content-Length: 18446744073709551621\r\n"
    check_never_complete(probe, b"hello", head)


@check(
    "malformed-length-repeated",
    requirement="SM-03",
    http="1.1",
    reference="RFC 9110 §8.6: must reject, or replace",
)
def test_malformed_length_repeated(probe: Probe) -> None:
    # The same twice; for a server that is lenient it is one.
    for lines in (_FIVE + _FIVE, b"Content-Length: 5, 5\r\n"):
        answer = probe.send_literally(POST + lines, UPLOADED, b"hello")
        status = read_refusal(answer)
        if probe.record(answer).select("call"):
            received = b"".join(m.get("body", b"") for m in probe.messages(answer))
            assert (status, received) == (200, b"hello")
        else:
            assert status is None or status >= 400, f"the client got {status}"


@check(
    "malformed-length-answer", severity="should", requirement="SM-03", http="1.1", reference=_LENGTH
)
def test_malformed_length_answer(probe: Probe) -> None:
    two = POST + _FIVE + b"Content-Length: 6\r\n"
    check_answer(probe, 400, two, POST + b"Content-Length: five\r\n")


@check("malformed-length-next", requirement="SM-03", http="1.1", reference=_LENGTH)
def test_malformed_length_next(probe: Probe) -> None:
    check_next_not_served(probe, POST + b"Content-Length: 0\r\nContent-Length: 5\r\n", b"")
    check_next_not_served(probe, POST + b"Content-Length: zero\r\n", b"")
