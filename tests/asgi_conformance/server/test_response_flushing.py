"""When what an application sends leaves for the client."""

from __future__ import annotations

import time

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import DEADLINE, Hung
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import block, body, note, start, wait

_FLUSH = "www.rst, Response Body: must flush before returning from send"


def _read_piece(answer: Answer, piece: bytes) -> None:
    """Read on until a piece has come, which no other is sent after."""
    try:
        answer.read_until(piece)
    except Hung:
        raise AssertionError(f"{piece!r} does not come while the application waits") from None


def _check_pieces(probe: Probe, *fields: tuple[str, str]) -> None:
    """Check that the client holds each piece before the application goes on to the next."""
    pieces = [body("one", more=True), wait(), body("two", more=True), wait(), body("end")]
    answer = probe.request([start(200, *fields), *pieces])
    _read_piece(answer, b"one")
    probe.record(answer).release(1)
    _read_piece(answer, b"two")
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"onetwoend", Ending.CLEAN)


@check("response-piece-at-once", requirement="RS-08", reference=_FLUSH)
def test_response_piece_at_once(probe: Probe) -> None:
    _check_pieces(probe)


@check("response-piece-at-once-with-length", requirement="RS-08", reference=_FLUSH)
def test_response_piece_at_once_with_length(probe: Probe) -> None:
    _check_pieces(probe, ("content-length", "9"))


@check("response-event-at-once", requirement="RS-08", reference=_FLUSH)
def test_response_event_at_once(probe: Probe) -> None:
    _check_pieces(probe, ("content-type", "text/event-stream"), ("cache-control", "no-cache"))


@check("response-piece-of-one-byte", requirement="RS-08", reference=_FLUSH)
def test_response_piece_of_one_byte(probe: Probe) -> None:
    answer = probe.request([start(), body("1", more=True), wait(), body("2")])
    _read_piece(answer, b"1")
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"12", Ending.CLEAN)


@check("response-head-at-once", severity="should", requirement="RS-08", reference=_FLUSH)
def test_response_head_at_once(probe: Probe) -> None:
    # The head may be held until the first body event is processed. One without bytes is one,
    # though the text does not say that in so many words; hence a should.
    answer = probe.request([start(200, ("x-one", "1")), body("", more=True), wait(), body("abc")])
    try:
        assert answer.header("x-one") == "1"
    except Hung:
        raise AssertionError("no head comes while the application waits") from None
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)


@check(
    "response-flushed-before-return",
    severity="observe",
    requirement="RS-09",
    reference=_FLUSH,
    slow=True,
)
def test_response_flushed_before_return(probe: Probe) -> None:
    # The text leaves open whose buffer the send buffer is: with the system's, the client gets
    # the piece while the application keeps the loop; with the event loop's own, afterwards.
    # The client has a second for what takes it some milliseconds.
    script = [start(), body("one", more=True), block(1.0), note("awake"), body("two")]
    answer = probe.request(script)
    _read_piece(answer, b"one")
    held = time.monotonic()
    awake = probe.record(answer).wait_for("note").time
    before = held < awake
    probe.observe(
        "the client has the piece while the application keeps the event loop"
        if before
        else "the client has the piece when the event loop runs again"
    )


@check(
    "response-start-held",
    severity="observe",
    requirement="RS-10",
    reference="www.rst, Response Start: need not flush until the first Response Body",
    slow=True,
)
def test_response_start_held(probe: Probe) -> None:
    connection = probe.connect()
    answer = probe.request([start(), wait(), body("abc")], connection=connection)
    probe.record(answer).wait_for("pause")
    connection.deadline = 0.3  # what is sent at once comes within some milliseconds
    try:
        held = not answer.status
    except Hung:
        held = True
    connection.deadline = DEADLINE
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"abc", Ending.CLEAN)
    probe.observe("the head waits for the first body event" if held else "the head is sent at once")
