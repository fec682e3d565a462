"""How answers end when the application returns or fails before it has sent all of them.

Broken off is what is truncated or reset; on HTTP/2 the connection may stay.
"""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_answered_with_error
from asgi_conformance.server.script import (
    Step,
    body,
    fail,
    leave,
    start,
    wait,
)

_FAILING = "asgi.rst, Error Handling: must terminate the instance and its connection"
_RETURNING = "www.rst, Response Body: more_body"
_NEEDS_BODY = "www.rst, Response Start: needs to be followed by a response content message"
_LENGTH = "RFC 9112 §6.3, §8; RFC 9110 §8.6"
_BROKEN = (Ending.TRUNCATED, Ending.RESET)


def _get(probe: Probe, *script: Step) -> Answer:
    probe.hurry()
    return probe.get(script)


def _break_off(probe: Probe, last: Step, *fields: tuple[str, str]) -> Answer:
    """An answer whose first piece the client holds before the application does its last step."""
    script = [start(200, *fields), body("abc", more=True), wait(), last]
    probe.hurry()
    answer = probe.request(script)
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)
    return answer.read_all()


def _describe(answer: Answer) -> str:
    if answer.ending is Ending.CLEAN:
        return f"the client gets a whole {answer.status}"
    return "the client waits" if answer.ending is Ending.HUNG else "the answer is broken off"


@check("ending-return-early", requirement="TR-01", reference=_RETURNING)
def test_ending_return_early(probe: Probe) -> None:
    answer = _break_off(probe, leave())
    assert answer.ending is not Ending.CLEAN, "more was to come, and the answer looks whole"


@check("ending-return-early-at-once", severity="should", requirement="TR-01", reference=_RETURNING)
def test_ending_return_early_at_once(probe: Probe) -> None:
    # Nothing can come any more; of the client's being told so, the text says nothing.
    assert _break_off(probe, leave()).ending is not Ending.HUNG, "the client waits for nothing"


@check("ending-return-early-with-length", severity="should", requirement="TR-02", reference=_LENGTH)
def test_ending_return_early_with_length(probe: Probe) -> None:
    answer = _break_off(probe, leave(), ("content-length", "6"))
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check("ending-return-early-next", requirement="TR-02", http="1.1", reference=_LENGTH)
def test_ending_return_early_next(probe: Probe) -> None:
    # The answer to the next request would be taken for the rest of this one.
    probe.hurry()
    connection = probe.connect()
    script = [start(200, ("content-length", "6")), body("abc", more=True), wait()]
    answer = probe.request(script, connection=connection)
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)
    probe.request(connection=connection)
    assert answer.body == b"abc", "the answer to the next request came in its place"


@check("ending-failure", requirement="TR-03", reference=_FAILING)
def test_ending_failure(probe: Probe) -> None:
    answer = _break_off(probe, fail())
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check("ending-failure-with-length", requirement="TR-03", reference=_FAILING)
def test_ending_failure_with_length(probe: Probe) -> None:
    answer = _break_off(probe, fail(), ("content-length", "6"))
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check("ending-failure-of-files", requirement="TR-03", reference=_FAILING)
def test_ending_failure_of_files(probe: Probe) -> None:
    # An OSError of the application's own, which is no word of the client's having gone.
    answer = _break_off(probe, fail("OSError"))
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check("ending-failure-of-connections", requirement="TR-03", reference=_FAILING)
def test_ending_failure_of_connections(probe: Probe) -> None:
    # As when the application's own client, of a database or another server, is cut off.
    answer = _break_off(probe, fail("ConnectionResetError"))
    assert answer.ending in _BROKEN, f"the answer is {answer.ending}"


@check("ending-failure-after-the-end", requirement="TR-03", reference=_RETURNING)
def test_ending_failure_after_the_end(probe: Probe) -> None:
    # The answer was complete, and stays so.
    answer = _get(probe, start(), body("abc", more=True), body("def"), fail())
    assert (answer.status, answer.body, answer.ending) == (200, b"abcdef", Ending.CLEAN)


@check("ending-failure-after-start", requirement="TR-05", reference=f"{_FAILING}; {_NEEDS_BODY}")
def test_ending_failure_after_start(probe: Probe) -> None:
    # A server that has held the start back can say 500; one that has not breaks off.
    check_answered_with_error(_get(probe, start(), fail()))


@check("ending-failure-after-start-with-length", requirement="TR-05", reference=_FAILING)
def test_ending_failure_after_start_with_length(probe: Probe) -> None:
    check_answered_with_error(_get(probe, start(200, ("content-length", "3")), fail()))


@check(
    "ending-failure-after-start-seen",
    severity="observe",
    requirement="RS-21",
    reference="www.rst, Response Start: more leeway to replace the response",
)
def test_ending_failure_after_start_seen(probe: Probe) -> None:
    probe.observe(_describe(_get(probe, start(), fail())))


@check("ending-start-alone", requirement="TR-06", reference=_RETURNING)
def test_ending_start_alone(probe: Probe) -> None:
    answer = _get(probe, start())
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 500, f"the client got a whole {answer.status}"


@check("ending-start-alone-at-once", severity="should", requirement="TR-06", reference=_NEEDS_BODY)
def test_ending_start_alone_at_once(probe: Probe) -> None:
    answer = _get(probe, start())
    assert answer.ending is not Ending.HUNG, "the client waits for nothing"


@check(
    "ending-without-answer",
    severity="should",
    requirement="TR-07",
    reference="asgi.rst, Error Handling; RFC 9110 §15.6.1; ASGI does not say",
)
def test_ending_without_answer(probe: Probe) -> None:
    check_answered_with_error(_get(probe, leave()))


@check(
    "ending-without-answer-500",
    severity="should",
    requirement="TR-07",
    reference="RFC 9110 §15.6.1; ASGI does not say",
)
def test_ending_without_answer_500(probe: Probe) -> None:
    answer = _get(probe, leave())
    assert (answer.ending, answer.status) == (Ending.CLEAN, 500)
