"""Messages that are valid, but not where they stand: too early, twice, or after the end."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.http2 import Http2Connection
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_raises, describe_last_send
from asgi_conformance.server.script import Script, Step, body, catching, send, start

_INVALID = "asgi.rst, Error Handling: should raise an exception"
_COMPLETE = "www.rst, Response Body: any further messages on the channel will be ignored"
_SECOND = start(404, ("x-second", "1"))
_UNKNOWN = send({"type": "http.response.unknown"})
_LATE: Script = (catching(body("def")), catching(_SECOND), catching(body("ghi", more=True)))


@check("message-body-first", severity="should", requirement="EV-07", reference=_INVALID)
def test_message_body_first(probe: Probe) -> None:
    check_raises(probe, body("abc"))


@check("message-body-first-more", severity="should", requirement="EV-07", reference=_INVALID)
def test_message_body_first_more(probe: Probe) -> None:
    check_raises(probe, body("abc", more=True))


@check("message-start-twice", severity="should", requirement="EV-08", reference=_INVALID)
def test_message_start_twice(probe: Probe) -> None:
    check_raises(probe, _SECOND, [start()])


@check("message-start-mid-response", severity="should", requirement="EV-08", reference=_INVALID)
def test_message_start_mid_response(probe: Probe) -> None:
    check_raises(probe, _SECOND, [start(), body("abc", more=True)])


@check(
    "message-start-mid-response-unsent", severity="should", requirement="EV-08", reference=_INVALID
)
def test_message_start_mid_response_unsent(probe: Probe) -> None:
    # Whatever becomes of the answer, a second head is no part of it.
    answer = probe.get([start(), body("abc", more=True), catching(_SECOND), body("def")])
    assert answer.ending is not Ending.MALFORMED, f"what was sent is not HTTP: {answer.problem}"
    assert answer.status == 200
    assert answer.header("x-second") is None
    assert b"abcdef".startswith(answer.body), f"the client got {answer.body!r}"


def _complete(probe: Probe, late: Script, *fields: tuple[str, str], method: str = "GET") -> Answer:
    """An answer after whose end the application goes on; the client stays on the connection."""
    answer = probe.request([start(200, *fields), body("abc"), *late], method)
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    probe.record(answer).wait_for_end()
    return answer


def _check_nothing_more(probe: Probe, answer: Answer) -> None:
    """Check that what comes next on the connection is the answer to the next request."""
    after = probe.request(connection=answer.connection)
    assert (after.ending, after.status, after.body) == (Ending.CLEAN, 200, b"done"), (
        f"{after.ending} {after.problem}: {after.wire_body!r}"
    )
    if isinstance(answer.connection, Http2Connection):
        answer.connection.ping()


@check("message-late-nothing-sent", requirement="EV-09", reference=_COMPLETE)
def test_message_late_nothing_sent(probe: Probe) -> None:
    answer = _complete(probe, _LATE)
    assert answer.body == b"abc"
    _check_nothing_more(probe, answer)


@check("message-late-nothing-sent-with-length", requirement="EV-09", reference=_COMPLETE)
def test_message_late_nothing_sent_with_length(probe: Probe) -> None:
    # Without chunks, any byte more would be taken for the next answer.
    answer = _complete(probe, _LATE, ("content-length", "3"))
    assert answer.body == b"abc"
    _check_nothing_more(probe, answer)


@check("message-late-nothing-sent-to-head", requirement="EV-09", http="1.1", reference=_COMPLETE)
def test_message_late_nothing_sent_to_head(probe: Probe) -> None:
    answer = _complete(probe, _LATE, ("content-length", "3"), method="HEAD")
    assert answer.body == b""
    _check_nothing_more(probe, answer)


def _check_ignored(probe: Probe, late: Step) -> None:
    answer = _complete(probe, [catching(late)])
    failed = probe.record(answer).select("send-failed")
    assert not failed, f"send() raises {failed[0].fields['error']}"


@check("message-late-body-ignored", severity="should", requirement="EV-09", reference=_COMPLETE)
def test_message_late_body_ignored(probe: Probe) -> None:
    _check_ignored(probe, body("def"))


@check(
    "message-late-empty-body-ignored", severity="should", requirement="EV-09", reference=_COMPLETE
)
def test_message_late_empty_body_ignored(probe: Probe) -> None:
    # The mistake that is made most: the end is said twice.
    _check_ignored(probe, body())


@check("message-late-start-ignored", severity="should", requirement="EV-09", reference=_COMPLETE)
def test_message_late_start_ignored(probe: Probe) -> None:
    _check_ignored(probe, _SECOND)


@check(
    "message-late-unknown-type",
    severity="observe",
    requirement="EV-09",
    reference="www.rst, Response Body; asgi.rst, Error Handling: one says ignore, one says raise",
)
def test_message_late_unknown_type(probe: Probe) -> None:
    answer = _complete(probe, [catching(_UNKNOWN)])
    probe.observe(describe_last_send(probe, answer))
