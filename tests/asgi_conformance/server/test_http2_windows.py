"""Windows and frames of HTTP/2: no more is sent than the client allows."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Step, body, start

_OBEYED = "RFC 9113 §5.2.1, §6.9"


def _zeros(size: int) -> Step:
    return body({"$repeat": ["0", size]})


def _begin(probe: Probe, window: int) -> Http2Exchange:
    """An answer of 10000 bytes, for whose stream that is the window."""
    connection = probe.connect_http2(window=window)
    # Else the server may not have heard of the window yet.
    connection.ping()
    answer = probe.request_http2(connection, [start(), _zeros(10_000)])
    answer.stop_reading()
    assert answer.status == 200
    return answer


def _check_window(answer: Http2Exchange, size: int) -> None:
    """Check that the server sends so many bytes in all, and no more.

    What it has sent before it acknowledges a PING would be taken in with that.
    """
    answer.read_bytes(size)
    answer.connection.ping()
    assert answer.is_silent(0.1), f"{answer.ending}: more than the window ({answer.problem})"
    assert sum(map(len, answer.pieces)) == size


@check("http2-window-obeyed", requirement="H2-18", http="2", reference=_OBEYED, slow=True)
def test_http2_window_obeyed(probe: Probe) -> None:
    answer = _begin(probe, 1000)
    _check_window(answer, 1000)
    answer.open_window(500)
    _check_window(answer, 1500)


@check("http2-window-zero", requirement="H2-18", http="2", reference=_OBEYED, slow=True)
def test_http2_window_zero(probe: Probe) -> None:
    answer = _begin(probe, 0)
    _check_window(answer, 0)
    answer.open_window(10_000)
    assert (len(answer.body), answer.ending) == (10_000, Ending.CLEAN)


@check(
    "http2-window-changed", requirement="H2-18", http="2", reference="RFC 9113 §6.9.2", slow=True
)
def test_http2_window_changed(probe: Probe) -> None:
    # The initial window holds for the streams that there are, too.
    answer = _begin(probe, 1000)
    _check_window(answer, 1000)
    answer.connection.settings(initial_window_size=3000)
    _check_window(answer, 3000)


@check(
    "http2-window-negative", requirement="H2-18", http="2", reference="RFC 9113 §6.9.2", slow=True
)
def test_http2_window_negative(probe: Probe) -> None:
    # 3000 bytes have come when 1000 are what is allowed: 2000 less than nothing are left.
    answer = _begin(probe, 3000)
    _check_window(answer, 3000)
    answer.connection.settings(initial_window_size=1000)
    answer.open_window(2000)
    _check_window(answer, 3000)
    answer.open_window(1)
    _check_window(answer, 3001)


@check("http2-frame-size", requirement="H2-18", http="2", reference="RFC 9113 §4.2")
def test_http2_frame_size(probe: Probe) -> None:
    # The client has not allowed larger frames; one would break the framing off.
    answer = probe.request_http2(probe.connect_http2(), [start(), _zeros(100_000)])
    assert answer.ending is Ending.CLEAN, f"the answer is {answer.ending} {answer.problem}"
    assert len(answer.body) == 100_000
    assert max(map(len, answer.pieces)) <= 16384
