"""Content that is longer or shorter than its `Content-Length`.

Of the application's mistake ASGI says nothing; what HTTP says of the wire is binding. A server
may raise out of `send`, cut, answer with an error, or break off.
"""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Step, body, start

_LENGTH = "RFC 9112 §6.3; RFC 9110 §8.6; RFC 9113 §8.1.1"


def _get_short(probe: Probe, *pieces: Step) -> Answer:
    """The whole answer of six bytes, of which the application sends three."""
    probe.hurry()
    return probe.get([start(200, ("content-length", "6")), *pieces])


def _check_no_excess(probe: Probe, length: str, *pieces: Step) -> None:
    """Check that no more than so much content of `abcdef` gets to the client."""
    probe.hurry()
    fields = [("Connection", "close")] if probe.http == "1.1" else []
    answer = probe.request([start(200, ("content-length", length)), *pieces], headers=fields)
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    if answer.ending is Ending.CLEAN and answer.status == 200:
        assert answer.body == b"abcdef"[: int(length)]
        if isinstance(answer, Exchange):
            assert answer.excess == b"", "more than the length was sent"


def _check_next(probe: Probe, length: str, *pieces: Step) -> None:
    """Check that what is too much is not taken for the answer to the next request."""
    connection = probe.client.connect()
    script = [start(200, ("content-length", length)), *pieces]
    probe.request(script, connection=connection).read_all()
    second = probe.request(connection=connection)
    assert second.ending is not Ending.MALFORMED, f"then came: {second.problem}"
    if second.ending is Ending.CLEAN:
        assert (second.status, second.body) == (200, b"done")


def _check_not_filled(probe: Probe, *pieces: Step) -> None:
    """Check that the answer to the next request is not taken for the rest of this one."""
    probe.hurry()
    connection = probe.client.connect()
    script = [start(200, ("content-length", "6")), *pieces]
    answer = probe.request(script, connection=connection)
    probe.record(answer).wait_for_end()
    probe.request(connection=connection)
    assert b"HTT" not in answer.body, "the answer to the next request came in its place"


@check("ending-excess", requirement="TR-08", reference=_LENGTH)
def test_ending_excess(probe: Probe) -> None:
    _check_no_excess(probe, "3", body("abcdef"))


@check("ending-excess-pieces", requirement="TR-08", reference=_LENGTH)
def test_ending_excess_pieces(probe: Probe) -> None:
    _check_no_excess(probe, "3", body("abc", more=True), body("def"))


@check("ending-excess-of-nothing", requirement="TR-08", reference=_LENGTH)
def test_ending_excess_of_nothing(probe: Probe) -> None:
    _check_no_excess(probe, "0", body("abcdef"))


@check("ending-excess-next", requirement="TR-08", http="1.1", reference=_LENGTH)
def test_ending_excess_next(probe: Probe) -> None:
    _check_next(probe, "3", body("abcdef"))


@check("ending-excess-pieces-next", requirement="TR-08", http="1.1", reference=_LENGTH)
def test_ending_excess_pieces_next(probe: Probe) -> None:
    _check_next(probe, "3", body("abc", more=True), body("def"))


@check(
    "ending-excess-told",
    severity="observe",
    requirement="TR-08",
    reference="asgi.rst, Error Handling; ASGI does not say",
)
def test_ending_excess_told(probe: Probe) -> None:
    answer = probe.get([start(200, ("content-length", "3")), body("abcdef")])
    probe.record(answer).wait_for_end()
    raised = probe.record(answer).select("send-failed")
    probe.observe("send raises" if raised else "send returns")


@check("ending-short", severity="should", requirement="TR-09", reference=_LENGTH)
def test_ending_short(probe: Probe) -> None:
    # Broken off, or an error; on HTTP/2 lengths that differ tell the client as much.
    answer = _get_short(probe, body("abc"))
    assert answer.ending is not Ending.HUNG, "the client waits for content that will not come"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 500, f"the client got a whole {answer.status}"


@check("ending-short-pieces", severity="should", requirement="TR-09", reference=_LENGTH)
def test_ending_short_pieces(probe: Probe) -> None:
    answer = _get_short(probe, body("abc", more=True), body())
    assert answer.ending is not Ending.HUNG, "the client waits for content that will not come"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 500, f"the client got a whole {answer.status}"


@check("ending-short-next", requirement="TR-09", http="1.1", reference=_LENGTH)
def test_ending_short_next(probe: Probe) -> None:
    _check_not_filled(probe, body("abc"))


@check("ending-short-pieces-next", requirement="TR-09", http="1.1", reference=_LENGTH)
def test_ending_short_pieces_next(probe: Probe) -> None:
    _check_not_filled(probe, body("abc", more=True), body())


@check(
    "ending-short-reset",
    severity="should",
    requirement="TR-09",
    http="2",
    reference="RFC 9113 §8.1.1: a response with another length is malformed",
)
def test_ending_short_reset(probe: Probe) -> None:
    answer = _get_short(probe, body("abc"))
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"


@check(
    "ending-short-told",
    severity="observe",
    requirement="TR-09",
    reference="asgi.rst, Error Handling; ASGI does not say",
)
def test_ending_short_told(probe: Probe) -> None:
    answer = _get_short(probe, body("abc"))
    probe.record(answer).wait_for_end()
    raised = probe.record(answer).select("send-failed")
    probe.observe("send raises" if raised else "send returns")
