"""Fields in HTTP/2: those of a response that may not be sent, those of a request as they come."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, start

_CONNECTION = "RFC 9113 §8.2.2"
_NAMES = "RFC 9113 §8.2.1; www.rst, Response Start: header names must be lowercased"


def _get_with(probe: Probe, name: str, value: str) -> Answer:
    return probe.get([start(200, (name, value), ("x-one", "1")), body("abc")])


def _read_names(answer: Answer) -> list[str]:
    """The names of the response's fields; none where there is no response."""
    if answer.ending is not Ending.CLEAN:
        assert answer.ending is not Ending.HUNG, "no answer, and no end"
        return []
    return [name for name, _ in answer.headers]


def _check_unsent(probe: Probe, name: str, value: str) -> None:
    """Check that a field does not get to the client; refused or dropped is all the same."""
    names = _read_names(_get_with(probe, name, value))
    assert name not in names, f"{name} was sent"


@check("http2-connection-field", requirement="H2-06", http="2", reference=_CONNECTION)
def test_http2_connection_field(probe: Probe) -> None:
    _check_unsent(probe, "connection", "close")


@check("http2-keep-alive-field", requirement="H2-06", http="2", reference=_CONNECTION)
def test_http2_keep_alive_field(probe: Probe) -> None:
    _check_unsent(probe, "keep-alive", "timeout=5")


@check("http2-proxy-connection-field", requirement="H2-06", http="2", reference=_CONNECTION)
def test_http2_proxy_connection_field(probe: Probe) -> None:
    _check_unsent(probe, "proxy-connection", "keep-alive")


@check("http2-upgrade-field", requirement="H2-06", http="2", reference=_CONNECTION)
def test_http2_upgrade_field(probe: Probe) -> None:
    _check_unsent(probe, "upgrade", "websocket")


@check("http2-transfer-encoding-field", requirement="H2-06", http="2", reference=_CONNECTION)
def test_http2_transfer_encoding_field(probe: Probe) -> None:
    _check_unsent(probe, "transfer-encoding", "chunked")


@check(
    "http2-connection-field-survived",
    severity="observe",
    requirement="H2-06",
    http="2",
    reference=f"{_CONNECTION}; ASGI does not say",
)
def test_http2_connection_field_survived(probe: Probe) -> None:
    # What an application that was made for HTTP/1.1 sends.
    answer = _get_with(probe, "connection", "keep-alive")
    whole = answer.ending is Ending.CLEAN and (answer.status, answer.body) == (200, b"abc")
    probe.observe("the response is sent" if whole else "the response is refused")


@check(
    "http2-header-upper-case",
    severity="observe",
    requirement="H2-13",
    http="2",
    reference=_NAMES,
)
def test_http2_header_upper_case(probe: Probe) -> None:
    # That it is not sent as it is, response-header-upper-case-http2 demands.
    answer = _get_with(probe, "X-Two", "2")
    if answer.ending is not Ending.CLEAN or answer.status != 200:
        probe.observe("refused")
    elif answer.header("x-two") == "2":
        probe.observe("sent in lower case")
    else:
        probe.observe("sent as it is" if "X-Two" in _read_names(answer) else "dropped")


@check(
    "http2-cookie-crumbs",
    severity="observe",
    requirement="H2-12",
    http="2",
    reference="RFC 9113 §8.2.3; www.rst, HTTP",
)
def test_http2_cookie_crumbs(probe: Probe) -> None:
    answer = probe.get(headers=[("cookie", "a=1"), ("x-one", "1"), ("cookie", "b=2")])
    assert answer.status == 200
    cookies = [value for name, value in probe.scope(answer)["headers"] if name == b"cookie"]
    if cookies == [b"a=1; b=2"]:
        probe.observe("joined")
    else:
        probe.observe("apart" if cookies == [b"a=1", b"b=2"] else "lost or changed")
