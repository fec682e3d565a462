"""Status codes of responses."""

from __future__ import annotations

from collections.abc import Callable

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, start

_STATUS = "www.rst, Response Start: status; RFC 9110 §15"


def _get_status(probe: Probe, status: int) -> Answer:
    probe.hurry()
    return probe.get([start(status), body("abc")])


def _describe(answer: Answer) -> str:
    if answer.ending is Ending.CLEAN:
        return f"the client gets {answer.status}"
    return "the client gets no whole answer"


@check("response-status", requirement="RS-15", reference=_STATUS)
def test_response_status(probe: Probe) -> None:
    for status in (200, 201, 203, 301, 400, 404, 418, 451, 500, 503):
        answer = _get_status(probe, status)
        assert (answer.status, answer.body) == (status, b"abc")


@check("response-status-unregistered", requirement="RS-15", reference=_STATUS)
def test_response_status_unregistered(probe: Probe) -> None:
    for status in (299, 399, 499, 599):
        answer = _get_status(probe, status)
        assert (answer.status, answer.body) == (status, b"abc")


@check("response-reason-phrase", requirement="RS-15", http="1.1", reference="RFC 9112 §4")
def test_response_reason_phrase(probe: Probe) -> None:
    # The space is there also where no phrase follows it.
    connection = probe.client.connect()
    assert probe.request([start(299), body()], connection=connection).status == 299
    line = connection.received.partition(b"\r\n")[0]
    assert line.startswith(b"HTTP/1.1 299 "), f"the status line is {line!r}"


@check("response-status-outside", severity="observe", requirement="RS-15", reference=_STATUS)
def test_response_status_outside(probe: Probe) -> None:
    # Invalid, though the grammar has them: what a client is to do with them is said.
    for status in (600, 999):
        probe.observe(f"{status}: {_describe(_get_status(probe, status))}")


@check(
    "response-status-digits",
    severity="should",
    requirement="RS-15",
    reference="RFC 9112 §4; RFC 9113 §8.3.2; asgi.rst, Error Handling",
    own=True,
    slow=True,
)
def test_response_status_digits(start_probe: Callable[..., Probe]) -> None:
    # Refused in whatever way: an exception out of `send`, an error for an answer, no answer.
    # A server of its own, since there are some that end over it.
    probe = start_probe()
    for status in (-1, 0, 99, 1000):
        answer = _get_status(probe, status)
        assert answer.ending is not Ending.MALFORMED, f"{status} was sent: {answer.problem}"
        if answer.ending is Ending.CLEAN:
            assert 200 <= answer.status <= 999, f"{status} was sent as {answer.status}"
        assert _serves(probe), f"after {status} the server serves no more"


@check(
    "response-status-informational",
    severity="should",
    requirement="RS-16",
    reference="RFC 9110 §15.2; asgi.rst, Error Handling",
)
def test_response_status_informational(probe: Probe) -> None:
    # Whether it is refused, or sent with a final answer after it, is the server's affair.
    answer = _get_status(probe, 103)
    assert answer.ending is not Ending.MALFORMED, f"content after a 103: {answer.problem}"
    assert answer.ending is not Ending.HUNG, "no final answer, and no end"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 200


@check(
    "response-status-informational-seen",
    severity="observe",
    requirement="RS-16",
    reference="RFC 9110 §15.2; ASGI does not say",
)
def test_response_status_informational_seen(probe: Probe) -> None:
    answer = _get_status(probe, 103)
    if answer.ending is not Ending.MALFORMED and 103 not in answer.informational:
        probe.observe(f"103 is not sent; {_describe(answer)}")
    else:
        after = {Ending.MALFORMED: "what is not HTTP", Ending.CLEAN: "a whole answer"}
        probe.observe(f"103 is sent, and after it {after.get(answer.ending, 'no whole answer')}")


def _serves(probe: Probe) -> bool:
    try:
        return probe.get().status == 200
    except (OSError, AssertionError):
        return False
