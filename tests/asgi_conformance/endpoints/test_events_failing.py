"""Events: a stream that fails (CONTRACT.md, /events/fails-after, no-clean-end)."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

from asgi_conformance.checks import check
from asgi_conformance.connection import Hung
from asgi_conformance.event_stream import Event, EventStream
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject

_FAILING = "/events/fails-after"
# None of it is waited for, but for the end.
_PATIENCE = 2.0


def _read(subject: Subject, query: str = "") -> tuple[Exchange, list[Event]]:
    """The events that come. That the stream then breaks off, and does not hang, is one check's."""
    answer = subject.client.request("GET", _FAILING + query)
    answer.connection.deadline = _PATIENCE
    stream = EventStream(answer)
    with suppress(Hung):
        return answer, stream.read_to_end()
    return answer, stream.take_events()


@check("events-failure-breaks", rule="no-clean-end", reference="RFC 9112 §8")
def test_events_failure_breaks(subject: Subject) -> None:
    answer = subject.client.get(_FAILING)
    assert answer.status == 200
    assert answer.ending in (Ending.TRUNCATED, Ending.RESET)


@check("events-failure-after-events", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_events_failure_after_events(subject: Subject) -> None:
    _, events = _read(subject, "?count=5")
    assert [event.id for event in events[:5]] == ["1", "2", "3", "4", "5"]
    for number, event in enumerate(events[:5], 1):
        data = json.loads(event.data)
        assert (event.type, data.keys()) == ("message", {"tick", "time"})
        assert data["tick"] == number


@check("events-failure-told", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_events_failure_told(subject: Subject) -> None:
    _, events = _read(subject, "?count=2")
    assert [event.type for event in events] == ["message", "message", "error"]


@check("events-failure-default-count", reference="CONTRACT Events, fails-after")
def test_events_failure_default_count(subject: Subject) -> None:
    _, events = _read(subject)
    assert [event.type for event in events] == ["message", "message", "message", "error"]


@check("events-failure-problem", rule="problem", reference="RFC 9457 §3")
def test_events_failure_problem(subject: Subject) -> None:
    _, events = _read(subject, "?count=1")
    problem = json.loads(events[-1].data)
    assert problem.keys() >= {"type", "title", "status", "detail"}
    assert problem["status"] == 500


@check("events-failure-tells-no-secrets", rule="problem", reference="CONTRACT problem")
def test_events_failure_tells_no_secrets(subject: Subject) -> None:
    answer, _ = _read(subject, "?count=1")
    for secret in (b"Traceback", b".py", b"by order", str(subject.files.parent).encode()):
        assert secret not in answer.body, secret


@check("events-failure-keeps-position", rule="no-clean-end", reference="WHATWG HTML §9.2.4")
def test_events_failure_keeps_position(subject: Subject) -> None:
    _, events = _read(subject, "?count=4")
    assert events[-1].id == "4", "the error moves a client's last event id"


@check("events-failure-raised", rule="no-clean-end", reference="ASGI spec, Error Handling")
def test_events_failure_raised(subject: Subject) -> None:
    answer, _ = _read(subject)
    record = subject.record(answer)
    assert record.wait_for_end().how == "raised", "the server is not told of the failure"
    bodies = record.select("send-begin", "http.response.body")
    assert all(event.more_body for event in bodies), "the body is finished after its failure"


@check("events-failure-parameters", rule="problem", reference="CONTRACT Events, fails-after")
def test_events_failure_parameters(subject: Subject) -> None:
    for count in ("", "x", "-1", "%2B1", "1_0", "1.5", "1e3", "%D9%A1"):
        answer = subject.client.get(f"{_FAILING}?count={count}")
        assert answer.status == 422, f"count={count}"


@check("events-failure-head", rule="head", reference="RFC 9110 §9.3.2")
def test_events_failure_head(subject: Subject) -> None:
    answer = subject.client.head(_FAILING)
    assert (answer.status, answer.excess) == (200, b"")
    assert subject.record(answer).wait_for_end().how == "returned", "HEAD starts the producer"


@check("events-failure-concerns-nobody", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_events_failure_concerns_nobody(subject: Subject) -> None:
    staying = EventStream(subject.client.request("GET", "/events/clock?interval=0.001"))
    staying.read_event()
    _read(subject)
    failed = datetime.now(UTC)
    # What was on its way by then does not count.
    while datetime.fromisoformat(json.loads(staying.read_event().data)["time"]) < failed:
        pass
    assert subject.client.get("/events/clock?interval=0.001&count=1").ending is Ending.CLEAN
