"""Malformed requests of HTTP/2, which are errors of their stream (RFC 9113 §8.1.1)."""

from __future__ import annotations

from asgi_conformance.answer import Ending, Fields
from asgi_conformance.checks import check
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, receive_body, start

_NAMES = "RFC 9113 §8.2.1"
_CONNECTION = "RFC 9113 §8.2.2"
_PSEUDO = "RFC 9113 §8.3"
_REQUEST = "RFC 9113 §8.3.1"

_METHOD = (":method", "GET")
_SCHEME = (":scheme", "http")
_AUTHORITY = (":authority", "127.0.0.1")
_PATH = (":path", "/")
_ALL = (_METHOD, _SCHEME, _AUTHORITY, _PATH)


def _check_refused(probe: Probe, fields: Fields) -> None:
    """Check that a request with these fields is refused.

    By a reset of the stream, the end of the connection, or, before that, an error for an answer.
    """
    # Beside a good one, which shows that it is not all that is refused.
    connection = probe.connect_http2()
    assert probe.send_fields(connection, _ALL).body == b"done"
    _check_error(probe.send_fields(connection, fields))


def _check_error(answer: Http2Exchange) -> None:
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
    if answer.ending is Ending.CLEAN:
        assert 400 <= answer.status <= 499, f"the client got a whole {answer.status}"


@check("http2-malformed-upper-case", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_upper_case(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("X-One", "1")])


@check("http2-malformed-name-space", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_name_space(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x one", "1")])


@check("http2-malformed-name-colon", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_name_colon(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x:one", "1")])


@check("http2-malformed-name-line-break", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_name_line_break(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x-one: 1\r\nx-two", "2")])


@check(
    "http2-malformed-name-empty", severity="should", requirement="H2-20", http="2", reference=_NAMES
)
def test_http2_malformed_name_empty(probe: Probe) -> None:
    # No field has such a name (RFC 9110 §5.1); the text on HTTP/2 leaves it out.
    _check_refused(probe, [*_ALL, ("", "1")])


@check("http2-malformed-value-cr", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_value_cr(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x-one", "1\rx-two: 2")])


@check("http2-malformed-value-lf", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_value_lf(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x-one", "1\nx-two: 2")])


@check("http2-malformed-value-nul", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_value_nul(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x-one", "1\x002")])


@check("http2-malformed-value-space", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_value_space(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("x-one", " 1")])


@check("http2-malformed-path-line-break", requirement="H2-20", http="2", reference=_NAMES)
def test_http2_malformed_path_line_break(probe: Probe) -> None:
    _check_refused(probe, [_METHOD, _SCHEME, _AUTHORITY, (":path", "/ HTTP/1.1\r\nx-two: 2")])


@check("http2-malformed-connection", requirement="H2-20", http="2", reference=_CONNECTION)
def test_http2_malformed_connection(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("connection", "keep-alive")])


@check("http2-malformed-transfer-encoding", requirement="H2-20", http="2", reference=_CONNECTION)
def test_http2_malformed_transfer_encoding(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("transfer-encoding", "chunked")])


@check("http2-malformed-te", requirement="H2-20", http="2", reference=_CONNECTION)
def test_http2_malformed_te(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, ("te", "gzip")])


@check("http2-malformed-method-missing", requirement="H2-20", http="2", reference=_REQUEST)
def test_http2_malformed_method_missing(probe: Probe) -> None:
    _check_refused(probe, [_SCHEME, _AUTHORITY, _PATH])


@check("http2-malformed-scheme-missing", requirement="H2-20", http="2", reference=_REQUEST)
def test_http2_malformed_scheme_missing(probe: Probe) -> None:
    _check_refused(probe, [_METHOD, _AUTHORITY, _PATH])


@check("http2-malformed-path-missing", requirement="H2-20", http="2", reference=_REQUEST)
def test_http2_malformed_path_missing(probe: Probe) -> None:
    _check_refused(probe, [_METHOD, _SCHEME, _AUTHORITY])


@check("http2-malformed-path-empty", requirement="H2-20", http="2", reference=_REQUEST)
def test_http2_malformed_path_empty(probe: Probe) -> None:
    _check_refused(probe, [_METHOD, _SCHEME, _AUTHORITY, (":path", "")])


@check("http2-malformed-path-twice", requirement="H2-20", http="2", reference=_PSEUDO)
def test_http2_malformed_path_twice(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, (":path", "/two")])


@check("http2-malformed-pseudo-late", requirement="H2-20", http="2", reference=_PSEUDO)
def test_http2_malformed_pseudo_late(probe: Probe) -> None:
    _check_refused(probe, [_METHOD, _SCHEME, _AUTHORITY, ("x-one", "1"), _PATH])


@check("http2-malformed-pseudo-unknown", requirement="H2-20", http="2", reference=_PSEUDO)
def test_http2_malformed_pseudo_unknown(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, (":one", "1")])


@check("http2-malformed-pseudo-of-response", requirement="H2-20", http="2", reference=_PSEUDO)
def test_http2_malformed_pseudo_of_response(probe: Probe) -> None:
    _check_refused(probe, [*_ALL, (":status", "200")])


@check(
    "http2-malformed-host-other",
    severity="should",
    requirement="H2-20",
    http="2",
    reference=_REQUEST,
)
def test_http2_malformed_host_other(probe: Probe) -> None:
    # A host that is another one than :authority.
    _check_refused(probe, [*_ALL, ("host", "example.org")])


@check("http2-malformed-trailers-pseudo", requirement="H2-20", http="2", reference="RFC 9113 §8.1")
def test_http2_malformed_trailers_pseudo(probe: Probe) -> None:
    script = [receive_body(), start(), body("done")]
    answer = probe.request_http2(probe.connect_http2(), script, "POST", upload="chunked")
    answer.send_body(b"hello")
    answer.send_trailers([(":path", "/two")])
    _check_error(answer)


@check(
    "http2-malformed-spares-others",
    severity="observe",
    requirement="H2-20",
    http="2",
    reference="RFC 9113 §8.1.1; §5.4.1: may treat a stream error as a connection error",
)
def test_http2_malformed_spares_others(probe: Probe) -> None:
    connection = probe.connect_http2()
    _check_error(probe.send_fields(connection, [*_ALL, ("connection", "keep-alive")]))
    after = probe.request_http2(connection)
    goes_on = after.ending is Ending.CLEAN
    probe.observe("the connection goes on" if goes_on else "the connection is ended")
