"""Who says 100 (Continue), and when (RFC 9110 §10.1.1; ASGI is silent on it)."""

from __future__ import annotations

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, body, receive_body, start, wait

_EXPECT = "RFC 9110 §10.1.1"
_UPLOADED = [receive_body(), start(), body("done")]
_REFUSED = [start(413, ("content-length", "0")), body()]


def _ask(probe: Probe, script: Script) -> Answer:
    """A request whose client sends its body of five bytes when it is told to."""
    return probe.request(script, "POST", headers=[("Expect", "100-continue")], upload=5)


def _wait_for_first(answer: Answer) -> bool:
    """Wait for what comes first; whether that is 100. What came is still to be read."""
    connection = answer.connection
    connection.unread = connection.receive()
    return connection.unread.startswith(b"HTTP/1.1 100")


@check("expect-continue", requirement="RX-10", http="1.1", reference=_EXPECT)
def test_expect_continue(probe: Probe) -> None:
    answer = _ask(probe, _UPLOADED)
    # A server that waits for the body first waits for ever.
    assert _wait_for_first(answer), f"the client is answered {answer.connection.received!r}"
    answer.send_body(b"hello")
    answer.finish_body()
    assert answer.body == b"done"
    assert answer.informational == [100]


@check(
    "expect-continue-late",
    severity="observe",
    requirement="RX-10",
    http="1.1",
    reference=_EXPECT,
    slow=True,
)
def test_expect_continue_late(probe: Probe) -> None:
    answer = _ask(probe, [wait(), *_UPLOADED])
    record = probe.record(answer)
    late = answer.is_silent(0.3) and not answer.informational
    record.release(1)
    answer.send_body(b"hello")
    answer.finish_body()
    answer.read_all()
    probe.observe("said when the application receives" if late else "said at once")


@check("expect-continue-not-said", requirement="RX-10", http="1.1", reference=_EXPECT)
def test_expect_continue_not_said(probe: Probe) -> None:
    # A client that does not expect 100 is not told it.
    answer = probe.request(_UPLOADED, "POST", body=b"hello").read_all()
    assert answer.informational == []


@check("expect-http-1-0", requirement="RX-16", http="1.1", reference=_EXPECT)
def test_expect_http_1_0(probe: Probe) -> None:
    head = b"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
    answer = probe.send_literally(head, _UPLOADED, b"hello").read_all()
    assert answer.informational == [], "a server ignores the expectation of an HTTP/1.0 request"
    assert answer.body == b"done"


@check("expect-refused", requirement="RX-10", http="1.1", reference=_EXPECT)
def test_expect_refused(probe: Probe) -> None:
    # Either the application's status comes, or 100, after which the client sends the body.
    answer = _ask(probe, _REFUSED)
    if _wait_for_first(answer):
        answer.send_body(b"hello")
        answer.finish_body()
    assert answer.status == 413


@check(
    "expect-refused-first",
    severity="observe",
    requirement="RX-10",
    http="1.1",
    reference=_EXPECT,
)
def test_expect_refused_first(probe: Probe) -> None:
    answer = _ask(probe, _REFUSED)
    invited = _wait_for_first(answer)
    probe.observe("100 comes before the refusal" if invited else "the refusal alone comes")


@check(
    "expect-unknown",
    severity="observe",
    requirement="RX-10",
    http="1.1",
    reference=_EXPECT,
)
def test_expect_unknown(probe: Probe) -> None:
    # A server may refuse with 417 what it does not know, or leave it to the application.
    answer = probe.request(_UPLOADED, "POST", headers=[("Expect", "tea")], body=b"hello")
    status = answer.status
    probe.observe("left to the application" if status == 200 else f"refused with {status}")
