"""Events: subscribers that are slow, and those that leave (CONTRACT.md: cancel, flow).

The subject remembers 8 events a channel.
"""

from __future__ import annotations

import json

import pytest

from asgi_conformance.checks import check
from asgi_conformance.client import eventually
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.hosting import Subject

# A chunk has 65536 bytes, so that of these no two are made ahead of a subscriber.
_LARGE = "x" * 60000


def _stall(subject: Subject, channel: Channel) -> EventStream:
    """A subscriber whose second message the server does not take."""
    stream = channel.subscribe(hold=2)
    channel.publish(_LARGE)
    subject.record(stream.answer).wait_for("hold")
    return stream


def _follow(stream: EventStream, newest: int) -> list[tuple[int, int]]:
    """Read to the event `newest`; the gaps. Fails where an id is neither sent nor in a gap."""
    seen, gaps = 0, []
    while seen < newest:
        event = stream.read_event()
        first = last = int(event.id)
        if event.type == "gap":
            gap = json.loads(event.data)
            first, last = gap["from"], gap["to"]
            gaps.append((first, last))
        assert first == seen + 1, f"after the event {seen} comes {event.type} {first}"
        assert int(event.id) == last, f"the gap to {last} has the id {event.id}"
        seen = last
    return gaps


@check("events-slow-publisher-goes-on", rule="flow", reference="CONTRACT Events, POST")
def test_events_slow_publisher_goes_on(subject: Subject) -> None:
    channel = Channel(subject.client)
    _stall(subject, channel)
    assert [channel.publish(_LARGE) for _ in range(20)] == list(range(2, 22))


@check("events-slow-others-go-on", rule="flow", reference="CONTRACT Events, slow subscribers")
def test_events_slow_others_go_on(subject: Subject) -> None:
    channel = Channel(subject.client)
    _stall(subject, channel)
    other = channel.subscribe()
    for number in range(2, 22):
        channel.publish(_LARGE)
        assert other.read_event() == Event(str(number), "message", _LARGE)


@check("events-slow-gap", rule="flow", reference="CONTRACT Events, slow subscribers")
def test_events_slow_gap(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = _stall(subject, channel)
    channel.publish_each(*[_LARGE] * 20)
    subject.record(stream.answer).release()
    gaps = _follow(stream, 21)
    assert [last for _, last in gaps] == [13], f"the gaps of a log of 14 to 21 are {gaps}"


@check("events-slow-keeps-up", rule="flow", reference="CONTRACT Events, slow subscribers")
def test_events_slow_keeps_up(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = _stall(subject, channel)
    channel.publish_each(*[_LARGE] * 7)
    subject.record(stream.answer).release()
    assert _follow(stream, 8) == [], "nothing that the log remembers is lost"


@check("events-slow-live-again", rule="flow", reference="CONTRACT Events, slow subscribers")
def test_events_slow_live_again(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = _stall(subject, channel)
    channel.publish_each(*[_LARGE] * 20)
    subject.record(stream.answer).release()
    _follow(stream, 21)
    channel.publish("live")
    assert stream.read_event() == Event("22", "message", "live")


@check("events-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_events_slow_reader(subject: Subject) -> None:
    # Plain: a compressor may be slower than who publishes, and events be lost for that. 12 MB are
    # more than sockets keep.
    channel = Channel(subject.client)
    plain = [("Accept-Encoding", "identity")]
    stream = channel.subscribe(headers=plain, receive_buffer=4096)
    for _ in range(200):
        channel.publish("x" * 60_000)
    assert _follow(stream, 200), "12 MB of events were kept for a subscriber that takes none"


@check("events-subscriber-resets", rule="cancel", reference="CONTRACT cancel")
def test_events_subscriber_resets(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    answer.connection.reset()
    subject.record(answer).wait_for_end()


@check("events-subscriber-closes", rule="cancel", reference="CONTRACT cancel")
def test_events_subscriber_closes(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("events-subscriber-leaves-stalled", rule="cancel", reference="CONTRACT cancel")
def test_events_subscriber_leaves_stalled(subject: Subject) -> None:
    channel = Channel(subject.client)
    answer = _stall(subject, channel).answer
    channel.publish_each(*[_LARGE] * 10)
    answer.connection.reset()
    subject.record(answer).wait_for_end()


@check("events-subscriber-leaves-at-once", rule="cancel", reference="CONTRACT cancel")
def test_events_subscriber_leaves_at_once(subject: Subject) -> None:
    answer = subject.client.request("GET", Channel(subject.client).target)
    record = subject.record(answer)
    record.wait_for("call")
    answer.connection.reset()
    record.wait_for_end()


@check("events-leaving-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_events_leaving_is_no_error(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    answer.connection.reset()
    ending = subject.record(answer).wait_for_end()
    assert ending.how != "raised", f"the application raised {ending.error}"
    assert "Traceback" not in subject.output()


@check("events-leaving-concerns-nobody", rule="cancel", reference="CONTRACT Events")
def test_events_leaving_concerns_nobody(subject: Subject) -> None:
    channel = Channel(subject.client)
    leaving, staying = channel.subscribe(), channel.subscribe()
    leaving.answer.connection.reset()
    channel.publish("one")
    subject.record(leaving.answer).wait_for_end()
    channel.publish("two")
    assert [event.data for event in staying.read_events(2)] == ["one", "two"]


@check("events-leaving-of-many", rule="cancel", reference="CONTRACT cancel")
def test_events_leaving_of_many(subject: Subject) -> None:
    channel = Channel(subject.client)
    answers = [channel.subscribe().answer for _ in range(30)]
    before = subject.recorder.snapshot().tasks
    if before is None:
        pytest.skip("the tasks of this event loop cannot be counted")
    for answer in answers:
        answer.connection.reset()

    def have_ended() -> bool:
        tasks = subject.recorder.snapshot().tasks
        return tasks is not None and tasks <= before - 30

    assert eventually(have_ended), "tasks of subscribers outlive them"
