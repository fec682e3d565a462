"""Requests of HTTP/2: their frames, their length, and answers that come before their end."""

from __future__ import annotations

from collections.abc import Callable

from hyperframe.frame import DataFrame, Frame

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.client import Upload
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, receive_body, start, wait

_FRAMES = "RFC 9113 §4.1, §5.5"
_EARLY = "RFC 9113 §8.1"
_UPLOADED = (receive_body(), start(), body("done"))
_REFUSED = (start(413), body("no"))


def _upload(probe: Probe, upload: Upload = "chunked") -> Http2Exchange:
    """An upload of which the probe receives all, then answers."""
    return probe.request_http2(probe.connect_http2(), _UPLOADED, "POST", upload=upload)


def _check_received(probe: Probe, answer: Http2Exchange, content: bytes) -> None:
    """Check that the application got this body, and the client its answer."""
    assert (answer.body, answer.ending) == (b"done", Ending.CLEAN), f"{answer.problem}"
    messages = probe.messages(answer)
    assert b"".join(message.get("body", b"") for message in messages) == content
    assert messages[-1].get("more_body", False) is False


@check("http2-ping-answered", requirement="H2-19", http="2", reference="RFC 9113 §6.7")
def test_http2_ping_answered(probe: Probe) -> None:
    probe.connect_http2().ping()


@check("http2-settings-acknowledged", requirement="H2-19", http="2", reference="RFC 9113 §6.5.3")
def test_http2_settings_acknowledged(probe: Probe) -> None:
    probe.connect_http2().settings(max_frame_size=32768)


@check("http2-frame-unknown", requirement="H2-19", http="2", reference=_FRAMES)
def test_http2_frame_unknown(probe: Probe) -> None:
    # Of a type that no standard has, on the connection and in the middle of a stream.
    answer = _upload(probe)
    answer.send_body(b"hello")
    for stream_id in (0, answer.stream_id):
        answer.connection.send(b"\x00\x00\x04\xfa\x00" + stream_id.to_bytes(4, "big") + b"abcd")
    answer.send_body(b" world")
    answer.finish_body()
    _check_received(probe, answer, b"hello world")


@check("http2-setting-unknown", requirement="H2-19", http="2", reference="RFC 9113 §6.5.2")
def test_http2_setting_unknown(probe: Probe) -> None:
    connection = probe.connect_http2()
    connection.send(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\xfa\xfa\x00\x00\x00\x01")
    # Its acknowledgement is one more than h2 has asked for.
    answer = probe.request_http2(connection)
    assert (answer.body, answer.ending) == (b"done", Ending.CLEAN), f"{answer.problem}"


@check("http2-data-padded", requirement="H2-19", http="2", reference="RFC 9113 §6.1")
def test_http2_data_padded(probe: Probe) -> None:
    answer = _upload(probe, 5)
    frame = DataFrame(answer.stream_id, b"hello", pad_length=10, flags=["PADDED"])
    _send(answer, frame)
    answer.finish_body()
    _check_received(probe, answer, b"hello")


@check("http2-data-empty", requirement="H2-19", http="2", reference="RFC 9113 §6.1")
def test_http2_data_empty(probe: Probe) -> None:
    # A frame without content ends nothing, unless it says so.
    answer = _upload(probe)
    answer.send_body(b"hello")
    _send(answer, DataFrame(answer.stream_id, b""))
    answer.send_body(b" world")
    answer.finish_body()
    _check_received(probe, answer, b"hello world")


def _send(answer: Http2Exchange, frame: Frame) -> None:
    """Send a frame that h2 would not; it counts no window."""
    answer.connection.send(frame.serialize())


@check("http2-continuation", requirement="H2-19", http="2", reference="RFC 9113 §6.10")
def test_http2_continuation(probe: Probe) -> None:
    # Fields of 24 KB, of which 16 KB go into the first frame. HPACK has Z for 8 bits.
    names = [f"x-{n}" for n in range(6)]
    fields = [(name, "Z" * 4000) for name in names]
    answer = probe.request_http2(probe.connect_http2(), headers=fields)
    assert (answer.status, answer.body) == (200, b"done")
    received = probe.scope(answer)["headers"]
    assert [v for n, v in received if n.startswith(b"x-")] == [b"Z" * 4000] * 6


@check("http2-request-trailers", requirement="H2-19", http="2", reference="RFC 9113 §8.1")
def test_http2_request_trailers(probe: Probe) -> None:
    # ASGI has no place for them; they are the end of the body nevertheless.
    answer = _upload(probe)
    answer.send_body(b"hello")
    answer.send_trailers([("x-sum", "1")])
    _check_received(probe, answer, b"hello")


@check("http2-early-response-delivered", requirement="H2-03", http="2", reference=_EARLY)
def test_http2_early_response_delivered(probe: Probe) -> None:
    # Before the request has ended, of which the application wants nothing.
    answer = probe.request_http2(probe.connect_http2(), _REFUSED, "POST", upload=1_000_000)
    answer.send_body(bytes(1000))
    assert (answer.status, answer.body, answer.ending) == (413, b"no", Ending.CLEAN)


@check(
    "http2-early-response-connection-survives",
    requirement="H2-03",
    http="2",
    reference=_EARLY,
    own=True,
    slow=True,
)
def test_http2_early_response_connection_survives(
    start_probe: Callable[..., Probe],
) -> None:
    probe = start_probe()
    # What was on its way when the answer was made comes after it, also after a reset. There are
    # servers that it ends, which is why this has one of its own.
    connection = probe.connect_http2()
    answer = probe.request_http2(connection, _REFUSED, "POST", upload=1_000_000)
    assert (answer.status, answer.body, answer.ending) == (413, b"no", Ending.CLEAN)
    for _ in range(3):
        _send(answer, DataFrame(answer.stream_id, bytes(1000)))
    connection.ping()
    after = probe.request_http2(connection)
    assert (after.body, after.ending) == (b"done", Ending.CLEAN), f"{after.problem}"


@check(
    "http2-early-response-spares-others",
    requirement="H2-03",
    http="2",
    reference=_EARLY,
    own=True,
    slow=True,
)
def test_http2_early_response_spares_others(
    start_probe: Callable[..., Probe],
) -> None:
    probe = start_probe()
    connection = probe.connect_http2()
    other = probe.request_http2(connection, [start(), body("abc", more=True), wait(), body("def")])
    assert other.read_until(b"abc") == b"abc"
    answer = probe.request_http2(connection, _REFUSED, "POST", upload=1_000_000)
    assert (answer.status, answer.body, answer.ending) == (413, b"no", Ending.CLEAN)
    _send(answer, DataFrame(answer.stream_id, bytes(1000)))
    connection.ping()
    probe.record(other).release(1)
    assert (other.body, other.ending) == (b"abcdef", Ending.CLEAN), f"{other.problem}"


@check(
    "http2-early-response-window",
    severity="should",
    requirement="H2-03",
    http="2",
    reference="RFC 9113 §6.9: account for every flow-controlled frame",
)
def test_http2_early_response_window(probe: Probe) -> None:
    # What nobody wants is given back to the window of the connection: here more than it holds.
    connection = probe.connect_http2()
    for _ in range(5):
        answer = probe.request_http2(connection, [wait(), *_REFUSED], "POST", upload=1_000_000)
        taken = answer.send_until_full(bytes(30_000), 0.3)
        assert taken == 30_000, "the window of the connection is used up"
        record = probe.record(answer)
        record.wait_for("pause")
        record.release(1)
        assert (answer.status, answer.ending) == (413, Ending.CLEAN)


@check(
    "http2-early-response-upload",
    severity="observe",
    requirement="H2-03",
    http="2",
    reference="RFC 9113 §8.1: may request that the client abort",
)
def test_http2_early_response_upload(probe: Probe) -> None:
    connection = probe.connect_http2()
    answer = probe.request_http2(connection, _REFUSED, "POST", upload=1_000_000)
    assert (answer.status, answer.ending) == (413, Ending.CLEAN)
    connection.ping()
    if answer.error_code is None:
        probe.observe("the upload may go on")
    else:
        probe.observe(f"the upload is stopped by RST_STREAM {answer.error_code!s}")
