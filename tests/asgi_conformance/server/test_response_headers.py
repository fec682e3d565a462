"""Header fields of responses: their order, their bytes, and the server's own."""

from __future__ import annotations

import re

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, start

_HEADERS = "www.rst, Response Start: headers"
_PRESERVED = "www.rst, HTTP: preserve headers exactly as they were provided"
_LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT"
_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d GMT"
)


def _get_with(probe: Probe, *fields: tuple[str | bytes, str | bytes]) -> Answer:
    return probe.get([start(200, *fields), body("abc")])


def _select(answer: Answer, prefix: str) -> list[tuple[str, str]]:
    """The fields whose names begin so, in their order."""
    return [field for field in answer.headers if field[0].startswith(prefix)]


@check("response-header-order", requirement="RS-11", reference=_HEADERS)
def test_response_header_order(probe: Probe) -> None:
    fields = [("x-c", "1"), ("x-a", "2"), ("x-d", "3"), ("x-b", "4")]
    assert _select(_get_with(probe, *fields), "x-") == fields


@check("response-header-duplicates", requirement="RS-11", reference=_HEADERS)
def test_response_header_duplicates(probe: Probe) -> None:
    # Fields of one name may be joined to one with commas (RFC 9110 §5.3), in their order.
    answer = _get_with(probe, ("x-b", "1"), ("x-a", "2"), ("x-b", "3"), ("x-b", "1"))
    assert answer.header("x-b") == "1, 3, 1"


@check("response-set-cookie", requirement="RS-18", reference="www.rst, HTTP; RFC 9110 §5.3")
def test_response_set_cookie(probe: Probe) -> None:
    fields = [("set-cookie", "a=1"), ("set-cookie", "b=2; Path=/"), ("set-cookie", "a=3")]
    assert _select(_get_with(probe, *fields), "set-cookie") == fields


@check("response-header-value", requirement="RS-17", reference=_PRESERVED)
def test_response_header_value(probe: Probe) -> None:
    value = 'W/"a:b", (c;  d=\\"e\\") %2F'
    assert _get_with(probe, ("x-one", value)).header("x-one") == value


@check("response-header-tab", requirement="RS-17", reference=f"{_PRESERVED}; RFC 9110 §5.5")
def test_response_header_tab(probe: Probe) -> None:
    assert _get_with(probe, ("x-one", "a\tb")).header("x-one") == "a\tb"


@check("response-header-empty", requirement="RS-17", reference=f"{_PRESERVED}; RFC 9110 §5.5")
def test_response_header_empty(probe: Probe) -> None:
    assert _select(_get_with(probe, ("x-one", "")), "x-one") == [("x-one", "")]


@check(
    "response-header-not-ascii",
    requirement="RS-17",
    reference="www.rst, WSGI encoding differences; RFC 9110 §5.5",
)
def test_response_header_not_ascii(probe: Probe) -> None:
    assert _get_with(probe, ("x-one", b"caf\xc3\xa9 \xff")).header("x-one") == "caf\xc3\xa9 \xff"


@check("response-header-long", requirement="RS-17", reference=f"{_PRESERVED}; RFC 9113 §4.3")
def test_response_header_long(probe: Probe) -> None:
    # Longer than a frame of HTTP/2 may be, unless the client allows it.
    field = ("x-one", {"$repeat": ["0123456789", 2000]})
    value = probe.get([start(200, field), body("abc")]).header("x-one")
    assert value == "0123456789" * 2000, f"of 20000 bytes came {len(value or '')}"


@check(
    "response-content-encoding",
    requirement="RS-23",
    reference="www.rst, Response Start: Content-Encoding, which the application still controls",
)
def test_response_content_encoding(probe: Probe) -> None:
    # `abc` in brotli's format.
    content = b"\x0b\x01\x80abc\x03"
    answer = probe.get([start(200, ("content-encoding", "br")), body(content)])
    assert (answer.header("content-encoding"), answer.body) == ("br", content)


@check("response-date-once", requirement="RS-14", reference="RFC 9110 §5.3, §6.6.1")
def test_response_date_once(probe: Probe) -> None:
    fields = _select(_get_with(probe, ("date", _LONG_AGO)), "date")
    assert len(fields) == 1, f"several dates: {fields}"


@check(
    "response-date-of-application",
    severity="should",
    requirement="RS-14",
    reference=f"{_PRESERVED}; RFC 9110 §6.6.1",
)
def test_response_date_of_application(probe: Probe) -> None:
    fields = _select(_get_with(probe, ("date", _LONG_AGO)), "date")
    assert ("date", _LONG_AGO) in fields


@check("response-server-once", requirement="RS-14", reference="RFC 9110 §5.3, §10.2.4")
def test_response_server_once(probe: Probe) -> None:
    fields = _select(_get_with(probe, ("server", "probe/1.0")), "server")
    assert len(fields) == 1, f"several fields: {fields}"


@check(
    "response-server-of-application",
    severity="should",
    requirement="RS-14",
    reference=f"{_PRESERVED}; RFC 9110 §10.2.4",
)
def test_response_server_of_application(probe: Probe) -> None:
    fields = _select(_get_with(probe, ("server", "probe/1.0")), "server")
    assert ("server", "probe/1.0") in fields


@check("response-date", severity="should", requirement="RS-14", reference="RFC 9110 §6.6.1")
def test_response_date(probe: Probe) -> None:
    # A must of the origin server, which is the server together with its application; that it
    # is the server's part, ASGI does not say.
    date = probe.get().header("date")
    assert date is not None, "no Date"
    assert _DATE.fullmatch(date), f"{date!r} is no IMF-fixdate (RFC 9110 §5.6.7)"
