"""Streams of one HTTP/2 connection: each a request by itself, at the same time as the others."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, fail, leave, receive_body, start, wait

_STREAMS = "www.rst, HTTP: different scopes, multiplex the responses; RFC 9113 §5"
_ERRORS = "RFC 9113 §5.4.2"
_FAILING = "asgi.rst, Error Handling: must terminate the instance and its connection"
_GOING = "RFC 9113 §6.8"
_HALVES = (start(), body("abc", more=True), wait())
_BROKEN = (Ending.TRUNCATED, Ending.RESET)


def _begin(probe: Probe, *, beside: Http2Exchange | None = None) -> Http2Exchange:
    """An answer in whose middle the application waits; the client holds what there is."""
    connection = beside.connection if beside else probe.connect_http2()
    answer = probe.request_http2(connection, [*_HALVES, body("def")])
    assert answer.read_until(b"abc") == b"abc"
    return answer


def _check_goes_on(probe: Probe, answer: Http2Exchange) -> None:
    """Check that the application is let go on, and the client gets the rest."""
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN), f"{answer.problem}"


@check(
    "http2-streams-concurrent",
    severity="should",
    requirement="H2-08",
    http="2",
    reference=_STREAMS,
)
def test_http2_streams_concurrent(probe: Probe) -> None:
    # The first one cannot end before the second one, which it must not keep waiting.
    first = _begin(probe)
    second = _begin(probe, beside=first)
    _check_goes_on(probe, second)
    _check_goes_on(probe, first)


@check("http2-scopes-differ", severity="should", requirement="H2-08", http="2", reference=_STREAMS)
def test_http2_scopes_differ(probe: Probe) -> None:
    connection = probe.connect_http2()
    answers = [
        probe.request_http2(connection, target=f"/{name}", headers=[("x-name", name)])
        for name in ("one", "two")
    ]
    scopes = [probe.scope(answer) for answer in answers]
    assert [scope["path"] for scope in scopes] == ["/one", "/two"]
    for scope, name in zip(scopes, (b"one", b"two"), strict=True):
        assert [value for field, value in scope["headers"] if field == b"x-name"] == [name]


@check(
    "http2-streams-in-turn", severity="should", requirement="H2-08", http="2", reference=_STREAMS
)
def test_http2_streams_in_turn(probe: Probe) -> None:
    # A connection lasts (RFC 9113 §9.1).
    connection = probe.connect_http2()
    for name in ("one", "two", "three"):
        answer = probe.request_http2(connection, [start(), body(name)])
        assert (answer.body, answer.ending) == (name.encode(), Ending.CLEAN)


@check(
    "http2-responses-to-their-stream",
    severity="should",
    requirement="H2-11",
    http="2",
    reference=_STREAMS,
)
def test_http2_responses_to_their_stream(probe: Probe) -> None:
    # Twenty at once, each in two parts; the second parts come in another order.
    connection = probe.connect_http2()
    answers = [
        probe.request_http2(
            connection,
            [start(200, ("x-n", str(n))), body(f"{n} a", more=True), wait(), body(f" b {n}")],
        )
        for n in range(20)
    ]
    for n, answer in enumerate(answers):
        answer.read_until(b"%d a" % n)
    for answer in reversed(answers):
        probe.record(answer).release(1)
    for n, answer in enumerate(answers):
        assert (answer.body, answer.ending) == (b"%d a b %d" % (n, n), Ending.CLEAN)
        assert answer.header("x-n") == str(n)


@check(
    "http2-uploads-to-their-stream",
    severity="should",
    requirement="H2-11",
    http="2",
    reference=_STREAMS,
)
def test_http2_uploads_to_their_stream(probe: Probe) -> None:
    # The frames of two bodies alternate.
    connection = probe.connect_http2()
    script = [receive_body(), start(), body("done")]
    first, second = [
        probe.request_http2(connection, script, "POST", upload="chunked") for _ in range(2)
    ]
    for n in range(10):
        first.send_body(b"a%d" % n)
        second.send_body(b"b%d" % n)
    first.finish_body()
    second.finish_body()
    for answer, letter in ((first, b"a"), (second, b"b")):
        assert answer.body == b"done"
        received = b"".join(message.get("body", b"") for message in probe.messages(answer))
        assert received == b"".join(letter + b"%d" % n for n in range(10))


@check(
    "http2-streams-at-once",
    severity="observe",
    requirement="H2-08",
    http="2",
    reference="RFC 9113 §6.5.2",
)
def test_http2_streams_at_once(probe: Probe) -> None:
    connection = probe.connect_http2()
    assert probe.request_http2(connection).body == b"done"
    allowed = connection.framing.state.remote_settings.max_concurrent_streams
    # What h2 has where nothing was said.
    limited = allowed < 2**31
    probe.observe(f"{allowed} streams are allowed" if limited else "streams are not limited")


@check("http2-failure-mid-stream", requirement="H2-09", http="2", reference=_FAILING)
def test_http2_failure_mid_stream(probe: Probe) -> None:
    # No idle timeout ends it: another stream keeps the connection busy.
    other = _begin(probe)
    answer = probe.request_http2(other.connection, [*_HALVES, fail()])
    assert answer.read_until(b"abc") == b"abc"
    probe.hurry()
    other.connection.deadline = probe.client.deadline
    probe.record(answer).release(1)
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check(
    "http2-failure-spares-others",
    severity="should",
    requirement="H2-11",
    http="2",
    reference=_ERRORS,
)
def test_http2_failure_spares_others(probe: Probe) -> None:
    other = _begin(probe)
    answer = probe.request_http2(other.connection, [*_HALVES, fail()])
    assert answer.read_until(b"abc") == b"abc"
    record = probe.record(answer)
    record.release(1)
    record.wait_for_end()
    other.connection.ping()
    _check_goes_on(probe, other)


@check(
    "http2-early-return-spares-others",
    severity="should",
    requirement="H2-11",
    http="2",
    reference=_ERRORS,
)
def test_http2_early_return_spares_others(probe: Probe) -> None:
    other = _begin(probe)
    answer = probe.request_http2(other.connection, [*_HALVES, leave()])
    assert answer.read_until(b"abc") == b"abc"
    record = probe.record(answer)
    record.release(1)
    record.wait_for_end()
    other.connection.ping()
    _check_goes_on(probe, other)


@check(
    "http2-reset-spares-others", severity="should", requirement="H2-11", http="2", reference=_ERRORS
)
def test_http2_reset_spares_others(probe: Probe) -> None:
    first = _begin(probe)
    second = _begin(probe, beside=first)
    first.reset()
    second.connection.ping()
    _check_goes_on(probe, second)
    assert probe.request_http2(second.connection).body == b"done"


@check(
    "http2-goaway-streams-finish",
    severity="should",
    requirement="H2-10",
    http="2",
    reference=_GOING,
)
def test_http2_goaway_streams_finish(probe: Probe) -> None:
    # The client takes no streams of the server's any more; its own go on.
    answer = _begin(probe)
    answer.connection.goaway()
    answer.connection.ping()
    _check_goes_on(probe, answer)


@check(
    "http2-goaway-uploads-finish",
    severity="should",
    requirement="H2-10",
    http="2",
    reference=_GOING,
)
def test_http2_goaway_uploads_finish(probe: Probe) -> None:
    script = [receive_body(), start(), body("done")]
    answer = probe.request_http2(probe.connect_http2(), script, "POST", upload="chunked")
    answer.send_body(b"hello")
    record = probe.record(answer)
    record.wait_for(lambda event: event.name == "receive" and event.size == 5)
    answer.connection.goaway()
    answer.send_body(b" world")
    answer.finish_body()
    assert (answer.body, answer.ending) == (b"done", Ending.CLEAN)
    assert record.body_bytes_received == 11
