"""Events: what must not wait for a heartbeat, and a server without faults (CONTRACT.md, Events).

The server of these checks sends its first heartbeat after an hour, so that nothing but what a
check causes can move a stream.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.hosting import Host, Subject

_SILENT = {"MORE_BODY_HEARTBEAT_SECONDS": "3600", "MORE_BODY_FAULTS": "0"}


@pytest.fixture(scope="module")
def asgi_host(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Takes the place of the cell's server in this module."""
    host = Host(asgi_cell, tmp_path_factory.mktemp(f"{asgi_cell}-silent"), environment=_SILENT)
    yield host
    host.stop()


@check(
    "events-silent-retry", rule="coalesce", reference="CONTRACT Events, answer: at once", slow=True
)
def test_events_silent_retry(subject: Subject) -> None:
    answer = subject.client.request("GET", Channel(subject.client).target)
    assert EventStream(answer).read_retry() >= 0


@check("events-silent-live", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_events_silent_live(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    for number in ("1", "2", "3"):
        channel.publish("x")
        assert stream.read_event() == Event(number, "message", "x")


@check("events-silent-no-comment", reference="CONTRACT Configuration, heartbeat", slow=True)
def test_events_silent_no_comment(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.publish("x")
    stream.read_event()
    assert stream.answer.is_silent(0.4)
    assert stream.comments == 0, "a heartbeat before its time"


@check("events-silent-subscriber-resets", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_events_silent_subscriber_resets(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    answer.connection.reset()
    subject.record(answer).wait_for_end()


@check("events-silent-subscriber-closes", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_events_silent_subscriber_closes(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("events-silent-clock-resets", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_events_silent_clock_resets(subject: Subject) -> None:
    answer = subject.client.request("GET", "/events/clock?interval=3600")
    record = subject.record(answer)
    record.wait_for("call")
    answer.connection.reset()
    record.wait_for_end()


@check("events-silent-head", rule="head", reference="RFC 9110 §9.3.2", slow=True)
def test_events_silent_head(subject: Subject) -> None:
    for target in (Channel(subject.client).target, "/events/clock?interval=3600"):
        answer = subject.client.head(target)
        assert (answer.status, answer.excess) == (200, b""), target
        assert subject.record(answer).wait_for_end().how == "returned", target


@check("events-faults-off", reference="CONTRACT Events: with faults on", slow=True)
def test_events_faults_off(subject: Subject) -> None:
    channel = Channel(subject.client, "fails-after")
    stream = channel.subscribe(query="?count=1")
    number = channel.publish("x")
    assert stream.read_event() == Event(str(number), "message", "x")
