"""Events: what a subscriber that comes back is sent (CONTRACT.md, Events, Last-Event-ID).

The subject remembers 8 events a channel.
"""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.hosting import Subject

_MALFORMED = ("abc", "-1", "+1", "1.0", "1_0", "1e0", "0x1", "1 2", "1,2", '"1"')


def _fill(subject: Subject, count: int) -> Channel:
    """A channel with events of the data `1`, `2`, … `count`."""
    channel = Channel(subject.client)
    channel.publish_each(*(str(number) for number in range(1, count + 1)))
    return channel


def _read_ids(stream: EventStream, count: int) -> list[str]:
    return [event.id for event in stream.read_events(count)]


def _read_gap(stream: EventStream) -> tuple[str, object]:
    """The id and the data of the gap that is next."""
    gap = stream.read_event()
    assert gap.type == "gap", f"no gap is told of, but {gap}"
    return gap.id, json.loads(gap.data)


@check("events-replay", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay(subject: Subject) -> None:
    stream = _fill(subject, 5).subscribe(last_event_id="2")
    assert stream.read_events(3) == [
        Event("3", "message", "3"),
        Event("4", "message", "4"),
        Event("5", "message", "5"),
    ]


@check("events-replay-whole", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay_whole(subject: Subject) -> None:
    channel = Channel(subject.client)
    channel.publish("one", event="greeting")
    channel.publish("two\nlines")
    stream = channel.subscribe(last_event_id="0")
    assert stream.read_event() == Event("1", "greeting", "one")
    assert stream.read_event() == Event("2", "message", "two\nlines")


@check("events-replay-all", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay_all(subject: Subject) -> None:
    stream = _fill(subject, 8).subscribe(last_event_id="0")
    assert _read_ids(stream, 8) == ["1", "2", "3", "4", "5", "6", "7", "8"]


@check("events-replay-query", reference="CONTRACT Events, last_event_id")
def test_events_replay_query(subject: Subject) -> None:
    stream = _fill(subject, 3).subscribe(query="?last_event_id=1")
    assert _read_ids(stream, 2) == ["2", "3"]


@check("events-replay-header-wins", reference="CONTRACT Events, last_event_id")
def test_events_replay_header_wins(subject: Subject) -> None:
    channel = _fill(subject, 5)
    assert _read_ids(channel.subscribe(last_event_id="3", query="?last_event_id=1"), 1) == ["4"]
    assert _read_ids(channel.subscribe(last_event_id="1", query="?last_event_id=3"), 1) == ["2"]


@check("events-replay-nothing-new", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay_nothing_new(subject: Subject) -> None:
    channel = _fill(subject, 3)
    stream = channel.subscribe(last_event_id="3")
    channel.publish("4")
    assert stream.read_event() == Event("4", "message", "4")


@check("events-replay-then-live", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay_then_live(subject: Subject) -> None:
    channel = _fill(subject, 3)
    stream = channel.subscribe(last_event_id="1")
    channel.publish("4")
    assert _read_ids(stream, 3) == ["2", "3", "4"]
    channel.publish("5")
    assert _read_ids(stream, 1) == ["5"]


@check("events-replay-to-each", reference="CONTRACT Events, shared by all subscribers")
def test_events_replay_to_each(subject: Subject) -> None:
    channel = _fill(subject, 3)
    for _ in range(2):
        assert _read_ids(channel.subscribe(last_event_id="0"), 3) == ["1", "2", "3"]


@check("events-replay-after-reconnect", reference="WHATWG HTML §9.2.4")
def test_events_replay_after_reconnect(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.publish_each("1", "2")
    seen = stream.read_events(2)[-1]
    stream.answer.connection.reset()
    channel.publish_each("3", "4")
    assert _read_ids(channel.subscribe(last_event_id=seen.id), 2) == ["3", "4"]


@check("events-replay-malformed", reference="CONTRACT Events, malformed")
def test_events_replay_malformed(subject: Subject) -> None:
    for value in _MALFORMED:
        channel = _fill(subject, 1)
        stream = channel.subscribe(last_event_id=value)
        assert stream.answer.status == 200, value
        channel.publish("2")
        event = stream.read_event()
        assert event == Event("2", "message", "2"), f"Last-Event-ID: {value}"


@check("events-replay-malformed-query", reference="CONTRACT Events, malformed")
def test_events_replay_malformed_query(subject: Subject) -> None:
    for value in ("", "abc", "-1", "1_0", "%2B1", "%201", "1%0A", "%D9%A1", "%FF", "%EF%BC%91"):
        channel = _fill(subject, 1)
        stream = channel.subscribe(query=f"?last_event_id={value}")
        assert stream.answer.status == 200, value
        channel.publish("2")
        event = stream.read_event()
        assert event == Event("2", "message", "2"), f"last_event_id={value}"


@check("events-replay-bytes", reference="CONTRACT Events, malformed")
def test_events_replay_bytes(subject: Subject) -> None:
    channel = _fill(subject, 1)
    stream = channel.subscribe(last_event_id="\xb2")  # str.isdigit() takes it, int() does not
    channel.publish("2")
    assert stream.read_event() == Event("2", "message", "2")


@check("events-replay-enormous", reference="CONTRACT Events, Last-Event-ID")
def test_events_replay_enormous(subject: Subject) -> None:
    for digits in (19, 20, 5000):
        channel = _fill(subject, 1)
        stream = channel.subscribe(last_event_id="9" * digits)
        assert stream.answer.status == 200, f"{digits} digits"
        channel.publish("2")
        events = stream.read_events(1)
        # Too many digits for an id may count as malformed, or as the future.
        if events[0].type == "gap":
            events = stream.read_events(1)
        assert events == [Event("2", "message", "2")], f"{digits} digits"


@check("events-gap", reference="CONTRACT Events, gap")
def test_events_gap(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(last_event_id="2")
    assert _read_gap(stream) == ("4", {"from": 3, "to": 4})


@check("events-gap-then-oldest", reference="CONTRACT Events, gap")
def test_events_gap_then_oldest(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(last_event_id="2")
    assert stream.read_event().type == "gap"
    assert _read_ids(stream, 8) == ["5", "6", "7", "8", "9", "10", "11", "12"]


@check("events-gap-from-first", reference="CONTRACT Events, gap")
def test_events_gap_from_first(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(query="?last_event_id=0")
    assert _read_gap(stream) == ("4", {"from": 1, "to": 4})


@check("events-gap-of-one", reference="CONTRACT Events, gap")
def test_events_gap_of_one(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(last_event_id="3")
    assert _read_gap(stream) == ("4", {"from": 4, "to": 4})


@check("events-gap-just-not", reference="CONTRACT Events, gap")
def test_events_gap_just_not(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(last_event_id="4")
    assert stream.read_event() == Event("5", "message", "5"), "the log reaches back that far"


@check("events-gap-told-once", reference="CONTRACT Events, gap")
def test_events_gap_told_once(subject: Subject) -> None:
    channel = _fill(subject, 12)
    gap = channel.subscribe(last_event_id="1").read_event()
    again = channel.subscribe(last_event_id=gap.id).read_event()
    assert (gap.type, again.type) == ("gap", "message"), "a gap that was seen is told of again"


@check("events-gap-not-unasked", reference="CONTRACT Events")
def test_events_gap_not_unasked(subject: Subject) -> None:
    channel = _fill(subject, 12)
    stream = channel.subscribe()
    channel.publish("13")
    assert stream.read_event() == Event("13", "message", "13")


@check("events-future", reference="CONTRACT Events, an id of the future")
def test_events_future(subject: Subject) -> None:
    stream = _fill(subject, 3).subscribe(last_event_id="99")
    assert _read_gap(stream) == ("3", {"from": 1, "to": 3})


@check("events-future-by-one", reference="CONTRACT Events, an id of the future")
def test_events_future_by_one(subject: Subject) -> None:
    stream = _fill(subject, 3).subscribe(query="?last_event_id=4")
    assert _read_gap(stream) == ("3", {"from": 1, "to": 3})


@check("events-future-beyond-log", reference="CONTRACT Events, an id of the future")
def test_events_future_beyond_log(subject: Subject) -> None:
    stream = _fill(subject, 12).subscribe(last_event_id="13")
    assert _read_gap(stream) == ("12", {"from": 1, "to": 12})


@check("events-future-then-live", reference="CONTRACT Events, an id of the future")
def test_events_future_then_live(subject: Subject) -> None:
    channel = _fill(subject, 3)
    stream = channel.subscribe(last_event_id="99")
    assert stream.read_event().type == "gap"
    channel.publish("4")
    assert stream.read_event() == Event("4", "message", "4")


@check("events-future-of-nothing", reference="CONTRACT Events, an id of the future")
def test_events_future_of_nothing(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe(last_event_id="7")
    gap = stream.read_event()
    assert gap.type == "gap", "a client of an earlier life of the log is not told"
    channel.publish("one")
    assert stream.read_event() == Event("1", "message", "one")
    again = channel.subscribe(last_event_id=gap.id)
    assert again.read_event() == Event("1", "message", "one"), "the gap's id loses an event"
