"""What `send` does when the client is gone (ASGI, Disconnected Client)."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.record import Event
from asgi_conformance.server.departure import LISTENING, wait_for_listening
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    Script,
    body,
    catching,
    note,
    repeat,
    sleep,
    start,
    wait,
)

_RAISING = "www.rst, Disconnected Client - send exception"
_CLOSED = "asgi.rst, Applications: return once ... the connection has been closed"
_NO_OP = "asgi.rst, Error Handling: messages after the connection has been closed"
_PIECE = {"$repeat": ["x", 65536]}
_PIECES = 512
_ITS_OWN = "asgi.rst, Error Handling: an error class that the server catches and ignores"


def _leave(probe: Probe, script: Script) -> Answer:
    """A request whose client resets it while the application waits for that in receive."""
    answer = probe.request(script)
    wait_for_listening(probe, answer)
    answer.reset()
    return answer


def _require_error(probe: Probe) -> None:
    """Skip the check where the server follows a version of the text without the error."""
    version = probe.scope(probe.get())["asgi"].get("spec_version", "2.0")
    if tuple(int(number) for number in version.split(".")) < (2, 4):
        pytest.skip(f"not applicable: the error is of HTTP 2.4, the server follows {version}")


def _find_error(probe: Probe, answer: Answer) -> Event:
    """What `send` raised; skips the check where it raised nothing, which other checks judge."""
    record = probe.record(answer)
    record.wait_for_end()
    failed = record.select("send-failed")
    if not failed:
        pytest.skip("not applicable: send raises nothing when the client is gone")
    return failed[0]


def _block(probe: Probe) -> tuple[Answer, int]:
    """An answer that its client does not read, until `send` waits; that call's number."""
    flood = repeat(_PIECES, body(_PIECE, more=True))
    answer = probe.request([start(), flood, note("through")], receive_buffer=4096)
    record = probe.record(answer)
    record.wait_for_quiet()
    if probe.notes(answer):
        pytest.skip("not applicable: send takes 32 MiB without waiting")
    return answer, len(record.select("send-begin"))


def _check_freed(probe: Probe, answer: Answer, number: int) -> None:
    try:
        probe.record(answer).wait_for(
            lambda event: event.name in ("send-end", "send-failed", "end"), count=number
        )
    except AssertionError:
        raise AssertionError("the client is gone, and send still waits") from None


@check("disconnect-send-raises", severity="should", requirement="DC-03", reference=_RAISING)
def test_disconnect_send_raises(probe: Probe) -> None:
    _require_error(probe)
    script = [start(), body("begun", more=True), *LISTENING, body("x", more=True)]
    answer = _leave(probe, script)
    probe.record(answer).wait_for_end()
    failed = probe.record(answer).select("send-failed")
    assert failed, "the connection is closed, and send raises nothing"
    assert "OSError" in failed[0].kinds, f"send raises {failed[0].fields['error']}"


@check(
    "disconnect-send-raises-at-start", severity="should", requirement="DC-03", reference=_RAISING
)
def test_disconnect_send_raises_at_start(probe: Probe) -> None:
    # The start may be held until the first body event, and its error with it.
    _require_error(probe)
    answer = _leave(probe, [*LISTENING, start(), body("x", more=True)])
    probe.record(answer).wait_for_end()
    failed = probe.record(answer).select("send-failed")
    assert failed, "the connection is closed, and send raises nothing"
    assert "OSError" in failed[0].kinds, f"send raises {failed[0].fields['error']}"


@check(
    "disconnect-send-raises-unasked",
    severity="should",
    requirement="DC-03",
    reference=_RAISING,
    slow=True,
)
def test_disconnect_send_raises_unasked(probe: Probe) -> None:
    # Nobody receives. The first sends may be too early for the server to know; a second, of
    # which it needs some milliseconds, is not.
    _require_error(probe)
    ticking = repeat(50, body("tick", more=True), sleep(0.02))
    answer = probe.request([start(), body("begun", more=True), wait(), ticking])
    assert answer.read_until(b"begun") == b"begun"
    answer.reset()
    record = probe.record(answer)
    record.release(1)
    record.wait_for_end()
    failed = record.select("send-failed")
    assert failed, "the connection is closed, and send raises nothing"
    assert "OSError" in failed[0].kinds, f"send raises {failed[0].fields['error']}"


@check("disconnect-send-error-class", severity="should", requirement="DC-03", reference=_RAISING)
def test_disconnect_send_error_class(probe: Probe) -> None:
    # By a class of the server's own, an application's own OSError can be told from it.
    answer = _leave(probe, [start(), body("begun", more=True), *LISTENING, body("x", more=True)])
    kinds = _find_error(probe, answer).kinds
    python = {"OSError", "ConnectionError", "ConnectionResetError", "BrokenPipeError"}
    assert "OSError" in kinds, f"send raises {kinds[0]}, which is no OSError"
    assert kinds[0] not in python, f"send raises {kinds[0]}, which others raise, too"


@check("disconnect-send-harmless", severity="should", requirement="DC-04", reference=_NO_OP)
def test_disconnect_send_harmless(probe: Probe) -> None:
    # An OSError, or nothing at all; but send comes back.
    messages = [catching(start()), catching(body("x", more=True)), catching(body("y"))]
    answer = _leave(probe, [*LISTENING, *messages, note("through")])
    record = probe.record(answer)
    try:
        outcome = record.wait_for_end()
    except AssertionError:
        raise AssertionError("told that the client is gone, the application waits") from None
    for event in record.select("send-failed"):
        assert "OSError" in event.kinds, f"send raises {event.fields['error']}"
    assert outcome.how == "cancelled" or probe.notes(answer) == ["through"]


@check("disconnect-send-large", severity="should", requirement="DC-04", reference=_NO_OP, slow=True)
def test_disconnect_send_large(probe: Probe) -> None:
    # More than any buffer has room for: nobody is left to empty it.
    flood = repeat(_PIECES, catching(body(_PIECE, more=True)))
    script = [start(), body("begun", more=True), *LISTENING, flood, note("through")]
    answer = _leave(probe, script)
    try:
        outcome = probe.record(answer).wait_for_end()
    except AssertionError:
        raise AssertionError("told that the client is gone, the application waits") from None
    assert outcome.how == "cancelled" or probe.notes(answer) == ["through"]


@check("disconnect-frees-send", requirement="DC-09", reference=_CLOSED, slow=True)
def test_disconnect_frees_send(probe: Probe) -> None:
    answer, number = _block(probe)
    answer.reset()
    _check_freed(probe, answer, number)


@check("disconnect-frees-send-close", requirement="DC-09", reference=_CLOSED, slow=True)
def test_disconnect_frees_send_close(probe: Probe) -> None:
    answer, number = _block(probe)
    answer.close()
    _check_freed(probe, answer, number)


@check("disconnect-error-raised-again", severity="should", requirement="DC-11", reference=_ITS_OWN)
def test_disconnect_error_raised_again(probe: Probe) -> None:
    answer = _leave(probe, [start(), body("begun", more=True), *LISTENING, body("x", more=True)])
    _find_error(probe, answer)
    outcome = probe.record(answer).wait_for_end()
    assert outcome.how == "raised", "the probe is to raise it again"
    try:
        served = probe.get().body
    except ConnectionRefusedError:
        raise AssertionError("the server has ended") from None
    assert served == b"done", "the server serves no more"


@check("disconnect-error-not-logged", severity="should", requirement="DC-13", reference=_RAISING)
def test_disconnect_error_not_logged(probe: Probe) -> None:
    answer = _leave(probe, [start(), body("begun", more=True), *LISTENING, body("x", more=True)])
    error = _find_error(probe, answer)
    # What the server has to say of the request, it has said when it serves the next one.
    assert probe.get().body == b"done"
    said = probe.output()
    for sign in ("Traceback", error.kinds[0]):
        assert sign not in said, f"the server's output has {sign!r}"


@check(
    "disconnect-logged",
    severity="observe",
    requirement="DC-13",
    reference="www.rst; ASGI does not say where send raises nothing",
)
def test_disconnect_logged(probe: Probe) -> None:
    answer = _leave(probe, [start(), body("begun", more=True), *LISTENING, body("x", more=True)])
    probe.record(answer).wait_for_end()
    assert probe.get().body == b"done"
    lines = probe.output().lower()
    wrong = "traceback" in lines or "error" in lines
    probe.observe("logged as an error" if wrong else "not logged as an error")
