"""Events: the answer, live delivery, heartbeats, names and methods (CONTRACT.md, Events)."""

from __future__ import annotations

import json
import re

from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject

_NAMES = ("a", "a" * 64, "v1.0", "_", "-", "Aa0._-", "clocks", "Clock")
_NO_NAMES = (
    *("", "a" * 65, "a/b", "a%2Fb", "a/", "/a", "a%20b", "a~b", "a+b", "a:b", "a*"),
    *("%C3%BC", "%D9%A1", "a%0A", "a%0D", "a%FF", "%00"),
)


@check("events-get-status", reference="CONTRACT Events, answer")
def test_events_get_status(subject: Subject) -> None:
    assert Channel(subject.client).subscribe().answer.status == 200


@check("events-get-content-type", reference="WHATWG HTML §9.2.3")
def test_events_get_content_type(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    assert media_type == "text/event-stream"


@check("events-get-not-cached", reference="CONTRACT Events, answer")
def test_events_get_not_cached(subject: Subject) -> None:
    assert Channel(subject.client).subscribe().answer.header("cache-control") == "no-cache"


@check("events-get-not-buffered", reference="CONTRACT Events, answer")
def test_events_get_not_buffered(subject: Subject) -> None:
    assert Channel(subject.client).subscribe().answer.header("x-accel-buffering") == "no"


@check("events-retry-first", reference="CONTRACT Events, answer")
def test_events_retry_first(subject: Subject) -> None:
    channel = Channel(subject.client)
    channel.publish("one")
    headers = [("Last-Event-ID", "0")]
    answer = subject.client.request("GET", channel.target, headers=headers)
    content = answer.read_until(b"one")
    assert re.match(rb"retry: ?[0-9]+(\r\n|\r|\n){2}", content), content


@check("events-live", reference="CONTRACT Events")
def test_events_live(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.publish("one")
    assert stream.read_event() == Event("1", "message", "one")
    channel.publish("two")
    assert stream.read_event() == Event("2", "message", "two")


@check("events-from-now-on", reference="CONTRACT Events")
def test_events_from_now_on(subject: Subject) -> None:
    channel = Channel(subject.client)
    channel.publish_each("before", "before too")
    stream = channel.subscribe()
    channel.publish("now")
    assert stream.read_event() == Event("3", "message", "now"), "the past is sent unasked"


@check("events-type", reference="WHATWG HTML §9.2.6")
def test_events_type(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.publish("one", event="greeting")
    channel.publish("two")
    assert stream.read_event() == Event("1", "greeting", "one")
    assert stream.read_event() == Event("2", "message", "two"), "the type outlives its event"


@check("events-channels-apart", reference="CONTRACT Events, ids")
def test_events_channels_apart(subject: Subject) -> None:
    one = Channel(subject.client)
    upper = Channel(subject.client, one.name + "A")
    lower = Channel(subject.client, one.name + "a")
    stream = lower.subscribe()
    assert (one.publish("x"), upper.publish("y"), lower.publish("z")) == (1, 1, 1)
    assert stream.read_event() == Event("1", "message", "z")


@check("events-many-subscribers", reference="CONTRACT Events")
def test_events_many_subscribers(subject: Subject) -> None:
    channel = Channel(subject.client)
    streams = [channel.subscribe() for _ in range(20)]
    channel.publish("to all")
    for number, stream in enumerate(streams):
        assert stream.read_event() == Event("1", "message", "to all"), f"subscriber {number}"


@check("events-order", reference="CONTRACT Events, ids")
def test_events_order(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    posts = [
        subject.client.request(
            "POST",
            channel.target,
            headers=[("Content-Type", "application/json")],
            body=b'{"data":"%d"}' % number,
        )
        for number in range(8)
    ]
    numbers = {json.loads(post.body)["id"]: str(index) for index, post in enumerate(posts)}
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7, 8], "racing events share an id or skip one"
    expected = [Event(str(number), "message", numbers[number]) for number in range(1, 9)]
    assert stream.read_events(8) == expected


@check("events-heartbeat", reference="WHATWG HTML §9.2.7", slow=True)
def test_events_heartbeat(subject: Subject) -> None:
    stream = Channel(subject.client).subscribe()
    stream.read_comment()
    stream.read_comment()
    assert stream.take_events() == [], "a heartbeat is dispatched as an event"


@check("events-live-after-heartbeat", reference="CONTRACT Events, answer", slow=True)
def test_events_live_after_heartbeat(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    stream.read_comment()
    channel.publish("one", event="late")
    assert stream.read_event() == Event("1", "late", "one")
    stream.read_comment()


@check("events-channel-names", reference="CONTRACT Events, names")
def test_events_channel_names(subject: Subject) -> None:
    for name in _NAMES:
        stream = Channel(subject.client, name).subscribe()
        assert stream.answer.status == 200, name
        assert Channel(subject.client, name).post(b'{"data":""}').status == 202, name


@check("events-channel-names-refused", rule="problem", reference="CONTRACT Events, names")
def test_events_channel_names_refused(subject: Subject) -> None:
    for name in _NO_NAMES:
        channel = Channel(subject.client, name)
        target = f"/events/{name}"
        assert subject.client.get(target).status == 404, f"GET {target}"
        assert subject.client.head(target).status == 404, f"HEAD {target}"
        if name:
            assert channel.post(b'{"data":""}').status == 404, f"POST {target}"


@check("events-unknown-parameter", reference="CONTRACT Rules: unknown parameters are ignored")
def test_events_unknown_parameter(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe(query="?count=x&interval=x&unknown=%FF")
    channel.publish("one")
    assert stream.read_event() == Event("1", "message", "one")


@check("events-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_events_method_unknown(subject: Subject) -> None:
    target = Channel(subject.client).target
    for method in ("PUT", "DELETE", "PATCH"):
        answer = subject.client.request(method, target, body=b"").read_all()
        assert answer.status == 405, method
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert allowed >= {"GET", "HEAD", "POST"}, method
        assert method not in allowed


@check("events-head", rule="head", reference="RFC 9110 §9.3.2")
def test_events_head(subject: Subject) -> None:
    channel = Channel(subject.client)
    channel.publish("one")
    answer = subject.client.head(channel.target, headers=[("Last-Event-ID", "0")])
    assert answer.status == 200
    assert answer.excess == b"", "a HEAD has a body"
    assert subject.record(answer).wait_for_end().how == "returned"


@check("events-head-headers", rule="head", reference="RFC 9110 §9.3.2")
def test_events_head_headers(subject: Subject) -> None:
    target = Channel(subject.client).target
    got = subject.client.request("GET", target)
    headed = subject.client.head(target)
    for name in ("content-type", "cache-control", "x-accel-buffering", "content-encoding", "vary"):
        assert headed.header(name) == got.header(name), name


@check("events-head-produces-nothing", rule="head", reference="CONTRACT head")
def test_events_head_produces_nothing(subject: Subject) -> None:
    answer = subject.client.head(Channel(subject.client).target)
    assert answer.ending is Ending.CLEAN
    record = subject.record(answer)
    record.wait_for_end()
    assert record.body_bytes_offered == 0, "events are made for HEAD"


@check("events-no-length", reference="RFC 9112 §6.3")
def test_events_no_length(subject: Subject) -> None:
    answer = Channel(subject.client).subscribe().answer
    assert answer.header("content-length") is None


@check("events-same-connection", reference="RFC 9112 §9.3")
def test_events_same_connection(subject: Subject) -> None:
    channel = Channel(subject.client)
    connection = subject.client.connect()
    headers = [("Content-Type", "application/json")]
    for number in (1, 2):
        post = subject.client.request(
            "POST", channel.target, headers=headers, body=b'{"data":"x"}', connection=connection
        )
        assert post.status == 202, f"event {number}"
        assert json.loads(post.body) == {"id": number}
    answer = subject.client.request(
        "GET", channel.target, headers=[("Last-Event-ID", "1")], connection=connection
    )
    assert EventStream(answer).read_event() == Event("2", "message", "x")
