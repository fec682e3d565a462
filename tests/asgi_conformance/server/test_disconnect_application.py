"""What becomes of the application when the client is gone, and of a client that half leaves."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.departure import LISTENING, wait_for_listening
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    body,
    note,
    receive,
    receive_within,
    sleep,
    start,
    wait,
)

_LASTS = "asgi.rst, Overview: lasts the lifetime of the connection plus a little longer"
_HALF = "RFC 9112 §9.6; ASGI does not say"


@check(
    "disconnect-application-unasked",
    severity="observe",
    requirement="DC-07",
    reference=_LASTS,
    slow=True,
)
def test_disconnect_application_unasked(probe: Probe) -> None:
    answer = probe.request([wait(), note("through")])
    record = probe.record(answer)
    record.wait_for("pause")
    answer.reset()
    # What the server does with the one, it has begun when it answers the other; what it does
    # later than 0.3 s after that counts as not done.
    assert probe.get().body == b"done"
    try:
        outcome = record.wait_for_end(timeout=0.3)
    except AssertionError:
        record.release(1)
        outcome = record.wait_for_end()
    cancelled = outcome.how == "cancelled"
    probe.observe("the application is cancelled" if cancelled else "the application is left alone")


@check("disconnect-cleanup", severity="should", requirement="DC-07", reference=_LASTS, slow=True)
def test_disconnect_cleanup(probe: Probe) -> None:
    # "A little longer": 0.2 s, which is not much for a rollback.
    answer = probe.request([*LISTENING, sleep(0.2), note("cleaned up")])
    record = probe.record(answer)
    wait_for_listening(probe, answer)
    answer.reset()
    outcome = record.wait_for_end()
    assert probe.notes(answer) == ["cleaned up"], f"the application was {outcome.how} before"


@check(
    "disconnect-cleanup-during-response",
    severity="should",
    requirement="DC-07",
    reference=_LASTS,
    slow=True,
)
def test_disconnect_cleanup_during_response(probe: Probe) -> None:
    leaving = [*LISTENING, sleep(0.2), note("cleaned up")]
    answer = probe.request([start(), body("begun", more=True), *leaving])
    record = probe.record(answer)
    wait_for_listening(probe, answer)
    assert answer.read_until(b"begun") == b"begun"
    answer.reset()
    outcome = record.wait_for_end()
    assert probe.notes(answer) == ["cleaned up"], f"the application was {outcome.how} before"


def _describe(answer: Answer) -> str:
    whole = answer.ending is Ending.CLEAN
    return "the client gets the whole answer" if whole else "the client loses the answer"


@check(
    "disconnect-half-closed-answer",
    severity="observe",
    requirement="DC-05",
    http="1.1",
    reference=_HALF,
    slow=True,
)
def test_disconnect_half_closed_answer(probe: Probe) -> None:
    # Half a second is far more than a server needs to see the FIN.
    length = ("content-length", "4")
    answer = probe.request([receive(), sleep(0.5), start(200, length), body("done")])
    probe.record(answer).wait_for("receive")
    answer.connection.half_close()
    probe.observe(_describe(answer))


@check(
    "disconnect-half-closed-stream",
    severity="observe",
    requirement="DC-05",
    http="1.1",
    reference=_HALF,
    slow=True,
)
def test_disconnect_half_closed_stream(probe: Probe) -> None:
    script = [receive(), start(), body("begun", more=True), sleep(0.5), body("done")]
    answer = probe.request(script)
    assert answer.read_until(b"begun") == b"begun"
    answer.connection.half_close()
    probe.observe(_describe(answer))


@check(
    "disconnect-half-closed-told",
    severity="observe",
    requirement="DC-05",
    http="1.1",
    reference=_HALF,
    slow=True,
)
def test_disconnect_half_closed_told(probe: Probe) -> None:
    answer = probe.request([receive(), receive_within(0.5), start(), body("done")])
    record = probe.record(answer)
    record.wait_for("receive-begin", count=2)
    answer.connection.half_close()
    outcome = record.wait_for_end()
    if outcome.how == "cancelled":
        probe.observe("the application is cancelled")
    else:
        told = probe.notes(answer) == ["received"]
        probe.observe("http.disconnect at once" if told else "http.disconnect not at once")
