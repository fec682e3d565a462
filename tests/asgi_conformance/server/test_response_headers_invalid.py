"""Header fields that no response may have.

A server may refuse them in any way: by an exception out of `send`, with an error for an answer,
or by breaking off; it may also mend or drop them. What it may not do is to send them.
"""

from __future__ import annotations

from contextlib import suppress

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, start

_SPLITTING = "RFC 9110 §5.5, §2.2; RFC 9113 §8.2.1"
_DANGEROUS = frozenset("\r\n\0")


def _get_with(probe: Probe, name: str, value: str) -> Answer:
    probe.hurry()
    return probe.get([start(200, (name, value)), body("abc")])


def _read_fields(answer: Answer) -> list[tuple[str, str]]:
    """The header fields; none where the answer was broken off, or hangs, before them."""
    assert answer.ending is not Ending.MALFORMED, f"what was sent is not HTTP: {answer.problem}"
    fields: list[tuple[str, str]] = []
    with suppress(AssertionError):
        fields = answer.headers
    return fields


def _check_unbroken(probe: Probe, name: str, value: str) -> None:
    """Check that of a field with a line break, or NUL, none gets to the client."""
    fields = _read_fields(_get_with(probe, name, value))
    assert "x-injected" not in dict(fields), "the value has become another field"
    broken = [field for field in fields if _DANGEROUS & set("".join(field))]
    assert not broken, f"the client got {broken}"


@check(
    "response-header-upper-case",
    severity="observe",
    requirement="RS-12",
    http="1.1",
    reference="www.rst, Response Start: header names must be lowercased",
)
def test_response_header_upper_case(probe: Probe) -> None:
    # A duty of the application; HTTP/1.1 takes names in any case.
    connection = probe.client.connect()
    script = [start(200, ("X-One", "1")), body("abc")]
    answer = probe.request(script, connection=connection)
    if "x-one" not in dict(_read_fields(answer)):
        probe.observe("refused" if _is_refused(answer) else "dropped")
    else:
        as_given = b"\r\nX-One: 1" in connection.received
        probe.observe("sent as it is" if as_given else "sent in lower case")


@check(
    "response-header-upper-case-http2",
    requirement="RS-12",
    http="2",
    reference="RFC 9113 §8.2, §8.2.1",
)
def test_response_header_upper_case_http2(probe: Probe) -> None:
    fields = _read_fields(_get_with(probe, "X-One", "1"))
    assert "X-One" not in dict(fields), "a name with a capital was sent"


@check("response-header-crlf", requirement="RS-13", reference=_SPLITTING)
def test_response_header_crlf(probe: Probe) -> None:
    _check_unbroken(probe, "x-one", "1\r\nx-injected: 2")


@check("response-header-lf", requirement="RS-13", reference=_SPLITTING)
def test_response_header_lf(probe: Probe) -> None:
    _check_unbroken(probe, "x-one", "1\nx-injected: 2")


@check("response-header-cr", requirement="RS-13", reference=_SPLITTING)
def test_response_header_cr(probe: Probe) -> None:
    _check_unbroken(probe, "x-one", "1\rx-injected: 2")


@check("response-header-nul", requirement="RS-13", reference=_SPLITTING)
def test_response_header_nul(probe: Probe) -> None:
    _check_unbroken(probe, "x-one", "1\x002")


@check("response-header-name-crlf", requirement="RS-13", reference="RFC 9110 §5.1, §2.2")
def test_response_header_name_crlf(probe: Probe) -> None:
    _check_unbroken(probe, "x-one: 1\r\nx-injected", "2")


@check("response-header-content-crlf", requirement="RS-13", reference=_SPLITTING)
def test_response_header_content_crlf(probe: Probe) -> None:
    # The whole of another answer, for a cache or the next request on the connection.
    _check_unbroken(probe, "x-one", "1\r\nx-injected: 1\r\ncontent-length: 0\r\n\r\n")


@check(
    "response-header-name",
    severity="should",
    requirement="RS-13",
    reference="RFC 9110 §5.1, §2.2; asgi.rst, Error Handling",
)
def test_response_header_name(probe: Probe) -> None:
    for name in ("x one", "x-one:", "x-one ", ""):
        fields = _read_fields(_get_with(probe, name, "1"))
        assert name not in dict(fields), f"the name {name!r} was sent"


@check(
    "response-header-pseudo",
    severity="should",
    requirement="RS-24",
    reference="www.rst, Response Start: pseudo headers must not be present; RFC 9113 §8.3",
)
def test_response_header_pseudo(probe: Probe) -> None:
    # The duty is the application's; on the wire it makes the response malformed.
    answer = _get_with(probe, ":status", "404")
    fields = _read_fields(answer)
    assert (":status", "404") not in fields, "the application's pseudo-header field was sent"
    if fields:
        assert answer.status != 404, "the application's pseudo-header field was sent"


def _is_refused(answer: Answer) -> bool:
    return answer.ending is not Ending.CLEAN or answer.status >= 500
