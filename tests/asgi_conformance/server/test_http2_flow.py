"""Flow control of HTTP/2: what one stream is held back by, no other one is."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Step, body, receive_body, repeat, start, wait

_MIB = 1024 * 1024
_UNREAD = "RFC 9113 §5.2.2, §6.7"
_BLOCKED = "www.rst, HTTP: multiplex the responses; RFC 9113 §5.2.1"
_OBEYED = "RFC 9113 §5.2.1, §6.9"
_RETURNING = "asgi.rst, Applications: send returns once the connection is closed; RFC 9113 §5.4.2"
_UPLOADED = (receive_body(), start(), body("done"))


def _zeros(size: int, more: bool = False) -> Step:
    return body({"$repeat": ["0", size]}, more)


def _upload_unread(probe: Probe) -> Http2Exchange:
    """An upload that the application does not receive, as far as the server takes it."""
    script = [wait(), *_UPLOADED]
    answer = probe.request_http2(probe.connect_http2(), script, "POST", upload="chunked")
    probe.record(answer).wait_for("pause")
    # In pieces, of which a server may count the messages.
    for _ in range(64):
        if answer.send_until_full(bytes(16384), 0.1) < 16384:
            break
    return answer


def _block(probe: Probe) -> Http2Exchange:
    """An answer of 1 MiB of which the client reads nothing, so that its window is full."""
    answer = probe.request_http2(probe.connect_http2(), [start(), _zeros(_MIB)])
    answer.stop_reading()
    assert answer.status == 200
    answer.read_bytes(65535)
    return answer


@check("http2-unread-upload-ping", requirement="H2-01", http="2", reference=_UNREAD, slow=True)
def test_http2_unread_upload_ping(probe: Probe) -> None:
    _upload_unread(probe).connection.ping()


@check(
    "http2-unread-upload-other-stream",
    requirement="H2-01",
    http="2",
    reference=_UNREAD,
    slow=True,
)
def test_http2_unread_upload_other_stream(probe: Probe) -> None:
    # It has no body, so that no window of the connection matters to it.
    upload = _upload_unread(probe)
    other = probe.request_http2(upload.connection)
    assert (other.body, other.ending) == (b"done", Ending.CLEAN), "the other stream waits"


@check(
    "http2-unread-upload-resumes",
    severity="should",
    requirement="H2-01",
    http="2",
    reference=_UNREAD,
    slow=True,
)
def test_http2_unread_upload_resumes(probe: Probe) -> None:
    upload = _upload_unread(probe)
    probe.record(upload).release(1)
    upload.send_body(bytes(_MIB))
    upload.finish_body()
    assert (upload.body, upload.ending) == (b"done", Ending.CLEAN)


@check(
    "http2-unread-upload-other-upload",
    severity="observe",
    requirement="H2-01",
    http="2",
    reference="RFC 9113 §5.2.2",
    slow=True,
)
def test_http2_unread_upload_other_upload(probe: Probe) -> None:
    # Whether it finds the window of the connection used up by the first.
    upload = _upload_unread(probe)
    other = probe.request_http2(upload.connection, _UPLOADED, "POST", upload="chunked")
    taken = other.send_until_full(b"hello", 0.3)
    probe.observe("another upload is taken" if taken else "another upload waits for the first")


@check(
    "http2-unread-upload-reset",
    severity="should",
    requirement="H2-01",
    http="2",
    reference="RFC 9113 §6.9: account for every flow-controlled frame",
    slow=True,
)
def test_http2_unread_upload_reset(probe: Probe) -> None:
    # Of streams that are no more, the window of the connection is given back: here more of it
    # than there was at first.
    connection = probe.connect_http2()
    for _ in range(5):
        script = [wait(), *_UPLOADED]
        answer = probe.request_http2(connection, script, "POST", upload="chunked")
        probe.record(answer).wait_for("pause")
        taken = answer.send_until_full(bytes(30_000), 0.3)
        assert taken == 30_000, "the window of the connection is used up"
        answer.reset()


@check(
    "http2-blocked-stream-other-stream",
    severity="should",
    requirement="H2-02",
    http="2",
    reference=_BLOCKED,
)
def test_http2_blocked_stream_other_stream(probe: Probe) -> None:
    blocked = _block(probe)
    other = probe.request_http2(blocked.connection)
    assert (other.body, other.ending) == (b"done", Ending.CLEAN), "the other stream waits"


@check(
    "http2-blocked-stream-other-large",
    severity="should",
    requirement="H2-02",
    http="2",
    reference=_BLOCKED,
)
def test_http2_blocked_stream_other_large(probe: Probe) -> None:
    blocked = _block(probe)
    other = probe.request_http2(
        blocked.connection, [start(), repeat(16, _zeros(65536, True)), body()]
    )
    assert other.ending is Ending.CLEAN, f"the other answer is {other.ending}"
    assert len(other.body) == _MIB


@check(
    "http2-blocked-stream-resumes",
    severity="should",
    requirement="H2-02",
    http="2",
    reference=_OBEYED,
)
def test_http2_blocked_stream_resumes(probe: Probe) -> None:
    blocked = _block(probe)
    assert probe.request_http2(blocked.connection).body == b"done"
    blocked.resume_reading()
    assert blocked.ending is Ending.CLEAN, f"the answer is {blocked.ending} {blocked.problem}"
    assert len(blocked.body) == _MIB


def _check_released(probe: Probe, answer: Http2Exchange) -> None:
    """Check that after the stream's reset no `send` waits any more, and all else goes on."""
    answer.stop_reading()
    answer.read_bytes(65535)
    record = probe.record(answer)
    record.wait_for_quiet(0.1)
    answer.reset()
    record.wait_for_end()
    after = probe.request_http2(answer.connection)
    assert (after.body, after.ending) == (b"done", Ending.CLEAN)


@check("http2-reset-frees-send", requirement="H2-05", http="2", reference=_RETURNING, slow=True)
def test_http2_reset_frees_send(probe: Probe) -> None:
    # A server that does not make the application wait has nothing to free, and passes.
    script = [start(), repeat(64, _zeros(65536, True)), body()]
    _check_released(probe, probe.request_http2(probe.connect_http2(), script))


@check(
    "http2-reset-frees-large-send", requirement="H2-05", http="2", reference=_RETURNING, slow=True
)
def test_http2_reset_frees_large_send(probe: Probe) -> None:
    # One message of 8 MiB.
    script = [start(), _zeros(8 * _MIB, True), body()]
    _check_released(probe, probe.request_http2(probe.connect_http2(), script))
