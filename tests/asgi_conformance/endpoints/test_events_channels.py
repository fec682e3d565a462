"""Events: how many channels a server remembers (CONTRACT.md, Events)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Host, Subject


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Two channels with one event each, after which 1022 others were published to.

    So were others between `subscribed`, which has a subscriber, and `idle`: of the 1024 used
    last `idle` is the first, and `subscribed`, were it not for its subscriber, none.
    """

    subscribed: Channel
    subscriber: EventStream
    idle: Channel


@pytest.fixture(scope="module")
def crowd(asgi_host: Host) -> Iterator[_Crowd]:
    """A crowd; once, since it takes a second."""
    own = asgi_host.attach()
    subscribed, idle = Channel(own.client), Channel(own.client)
    subscriber = subscribed.subscribe()
    subscribed.publish("subscribed")
    _publish_elsewhere(own, 20)
    idle.publish("idle")
    _publish_elsewhere(own, 1022)
    yield _Crowd(subscribed, subscriber, idle)
    own.leave()


def _publish_elsewhere(subject: Subject, count: int) -> None:
    """Publish an event on each of so many new channels; unrecorded, which is faster."""
    for number in range(count):
        if number % 341 == 0:  # servers bound the requests of a connection
            connection = subject.client.connect()
        connection.send(
            b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b'Content-Length: 11\r\n\r\n{"data":""}' % Channel(subject.client).target.encode()
        )
        Exchange(connection, "POST", None).read_all()


@check("events-channels-remembered", reference="CONTRACT Events, 1024 channels", slow=True)
def test_events_channels_remembered(subject: Subject, crowd: _Crowd) -> None:
    stream = Channel(subject.client, crowd.idle.name).subscribe(last_event_id="0")
    assert stream.read_event() == Event("1", "message", "idle"), "one of 1024 channels is lost"


@check(
    "events-channels-subscribed", reference="CONTRACT Events, channels with a subscriber", slow=True
)
def test_events_channels_subscribed(subject: Subject, crowd: _Crowd) -> None:
    number = Channel(subject.client, crowd.subscribed.name).publish("later")
    assert number == 2, "a channel with a subscriber is forgotten"
    assert crowd.subscriber.read_events(2) == [
        Event("1", "message", "subscribed"),
        Event("2", "message", "later"),
    ]
