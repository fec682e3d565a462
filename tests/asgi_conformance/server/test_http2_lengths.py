"""Requests of HTTP/2 whose DATA does not add up to their content-length."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import UPLOADED

_LENGTH = "RFC 9113 §8.1.1: must be treated as a stream error"


def _begin(probe: Probe, length: int) -> Http2Exchange:
    return probe.request_http2(probe.connect_http2(), UPLOADED, "POST", upload=length)


def _check_mismatch(answer: Http2Exchange) -> None:
    """Check that the client is refused: by a reset, the connection's end, or an error."""
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 400, f"the client got a whole {answer.status}"


def _check_never_complete(probe: Probe, answer: Http2Exchange) -> None:
    """Check that the application was never told that the body is all there."""
    _check_mismatch(answer)
    complete = [m for m in probe.messages(answer) if m["type"] == "http.request"]
    assert all(m.get("more_body") for m in complete), "the body is told to be complete"


def _send_short(probe: Probe) -> Http2Exchange:
    answer = _begin(probe, 10)
    answer.send_body(b"hello")
    answer.finish_body()
    return answer


def _send_long(probe: Probe) -> Http2Exchange:
    answer = _begin(probe, 3)
    answer.send_body(b"hello")
    answer.finish_body()
    return answer


def _send_nothing(probe: Probe) -> Http2Exchange:
    """A request whose head is its end, and yet has a length."""
    fields = [(":method", "POST"), (":scheme", "http"), (":authority", "127.0.0.1")]
    fields += [(":path", "/"), ("content-length", "5")]
    return probe.send_fields(probe.connect_http2(), fields, UPLOADED)


@check("http2-length-short-refused", requirement="H2-04", http="2", reference=_LENGTH)
def test_http2_length_short_refused(probe: Probe) -> None:
    _check_mismatch(_send_short(probe))


@check("http2-length-short-never-complete", requirement="H2-04", http="2", reference=_LENGTH)
def test_http2_length_short_never_complete(probe: Probe) -> None:
    _check_never_complete(probe, _send_short(probe))


@check("http2-length-long-refused", requirement="H2-04", http="2", reference=_LENGTH)
def test_http2_length_long_refused(probe: Probe) -> None:
    _check_mismatch(_send_long(probe))


@check("http2-length-long-never-complete", requirement="H2-04", http="2", reference=_LENGTH)
def test_http2_length_long_never_complete(probe: Probe) -> None:
    _check_never_complete(probe, _send_long(probe))


@check("http2-length-without-data-refused", requirement="H2-04", http="2", reference=_LENGTH)
def test_http2_length_without_data_refused(probe: Probe) -> None:
    _check_mismatch(_send_nothing(probe))


@check(
    "http2-length-spares-others",
    severity="observe",
    requirement="H2-04",
    http="2",
    reference="RFC 9113 §8.1.1; §5.4.1: may treat a stream error as a connection error",
)
def test_http2_length_spares_others(probe: Probe) -> None:
    answer = _send_short(probe)
    _check_mismatch(answer)
    after = probe.request_http2(answer.connection)
    goes_on = after.ending is Ending.CLEAN
    probe.observe("the connection goes on" if goes_on else "the connection is ended")
