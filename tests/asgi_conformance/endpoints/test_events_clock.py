"""Events: the clock (CONTRACT.md, GET /events/clock)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from asgi_conformance.checks import check
from asgi_conformance.event_stream import EventStream
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.request_lines import skip_too_long

_CLOCK = "/events/clock"
_QUICK = f"{_CLOCK}?interval=0.001"


def _read_ids(answer: Exchange) -> list[str]:
    """The ids of the ticks of a clock that ends."""
    events = EventStream(answer).read_to_end()
    assert answer.ending is Ending.CLEAN
    return [event.id for event in events]


def _start(subject: Subject, target: str, last_event_id: str | None = None) -> Exchange:
    headers = [] if last_event_id is None else [("Last-Event-ID", last_event_id)]
    return subject.client.request("GET", target, headers=headers)


@check("events-clock-content-type", reference="WHATWG HTML §9.2.3")
def test_events_clock_content_type(subject: Subject) -> None:
    answer = _start(subject, _QUICK)
    assert answer.status == 200
    media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    assert media_type == "text/event-stream"


@check("events-clock-tick", reference="CONTRACT Events, clock")
def test_events_clock_tick(subject: Subject) -> None:
    stream = EventStream(_start(subject, _QUICK))
    for number in (1, 2, 3):
        event = stream.read_event()
        data = json.loads(event.data)
        assert (event.id, event.type) == (str(number), "message")
        assert data.keys() == {"tick", "time"}
        assert data["tick"] == number


@check("events-clock-time", reference="ISO 8601")
def test_events_clock_time(subject: Subject) -> None:
    text = json.loads(EventStream(_start(subject, _QUICK)).read_event().data)["time"]
    form = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)"
    assert re.fullmatch(form, text), text
    assert abs(datetime.fromisoformat(text) - datetime.now(UTC)) < timedelta(minutes=1), text


@check("events-clock-count", reference="CONTRACT Events, clock, count")
def test_events_clock_count(subject: Subject) -> None:
    assert _read_ids(_start(subject, f"{_QUICK}&count=3")) == ["1", "2", "3"]
    assert _read_ids(_start(subject, f"{_QUICK}&count=1")) == ["1"]


@check("events-clock-endless", reference="CONTRACT Events, clock, count")
def test_events_clock_endless(subject: Subject) -> None:
    events = EventStream(_start(subject, _QUICK)).read_events(50)
    assert [event.id for event in events] == [str(number) for number in range(1, 51)]


@check("events-clock-interval", reference="CONTRACT Events, clock, interval")
def test_events_clock_interval(subject: Subject) -> None:
    for interval in ("0.01", "0.000001", "00.01", "0.010"):
        answer = _start(subject, f"{_CLOCK}?interval={interval}&count=2")
        assert _read_ids(answer) == ["1", "2"], interval


@check("events-clock-first-later", reference="CONTRACT Events, clock", slow=True)
def test_events_clock_first_later(subject: Subject) -> None:
    stream = EventStream(_start(subject, f"{_CLOCK}?interval=3600"))
    stream.read_comment()
    assert stream.take_events() == [], "the first tick does not wait for its interval"


@check("events-clock-heartbeat", reference="CONTRACT Configuration, heartbeat", slow=True)
def test_events_clock_heartbeat(subject: Subject) -> None:
    stream = EventStream(_start(subject, f"{_CLOCK}?interval=3600"))
    stream.read_comment()
    stream.read_comment()
    assert stream.take_events() == [], "a heartbeat is dispatched as an event"


@check("events-clock-ticks-alone", rule="coalesce", reference="CONTRACT coalesce")
def test_events_clock_ticks_alone(subject: Subject) -> None:
    answer = subject.client.request("GET", _QUICK, hold=6)
    subject.record(answer).wait_for("hold")
    assert EventStream(answer).read_event().id == "1", "ticks wait for those after them"


@check("events-clock-goes-on", reference="CONTRACT Events, clock, Last-Event-ID")
def test_events_clock_goes_on(subject: Subject) -> None:
    assert _read_ids(_start(subject, f"{_QUICK}&count=3", "1")) == ["2", "3"]


@check("events-clock-goes-on-data", reference="CONTRACT Events, clock")
def test_events_clock_goes_on_data(subject: Subject) -> None:
    event = EventStream(_start(subject, _QUICK, "41")).read_event()
    assert (event.id, json.loads(event.data)["tick"]) == ("42", 42)


@check("events-clock-goes-on-query", reference="CONTRACT Events, clock, last_event_id")
def test_events_clock_goes_on_query(subject: Subject) -> None:
    assert _read_ids(_start(subject, f"{_QUICK}&count=3&last_event_id=2")) == ["3"]


@check("events-clock-header-wins", reference="CONTRACT Events, last_event_id")
def test_events_clock_header_wins(subject: Subject) -> None:
    assert _read_ids(_start(subject, f"{_QUICK}&count=5&last_event_id=1", "3")) == ["4", "5"]
    assert _start(subject, f"{_QUICK}&count=5&last_event_id=5", "3").status == 200


@check("events-clock-malformed-id", reference="CONTRACT Events, malformed")
def test_events_clock_malformed_id(subject: Subject) -> None:
    for value in ("abc", "-1", "1.0", "1_0", "+1", "\xb2", "\xb9"):
        ids = _read_ids(_start(subject, f"{_QUICK}&count=2", value))
        assert ids == ["1", "2"], f"Last-Event-ID: {value}"


@check("events-clock-done", rule="bodyless", reference="WHATWG HTML §9.2.3")
def test_events_clock_done(subject: Subject) -> None:
    answer = _start(subject, f"{_QUICK}&count=3", "3")
    assert answer.status == 204
    assert answer.body == b""
    assert answer.ending is Ending.CLEAN


@check("events-clock-done-query", reference="WHATWG HTML §9.2.3")
def test_events_clock_done_query(subject: Subject) -> None:
    assert _start(subject, f"{_QUICK}&count=3&last_event_id=3").status == 204


@check("events-clock-done-beyond", reference="CONTRACT Events, clock, Last-Event-ID")
def test_events_clock_done_beyond(subject: Subject) -> None:
    assert _start(subject, f"{_QUICK}&count=3", "4").status == 204


@check("events-clock-done-headers", rule="bodyless", reference="RFC 9110 §8.6")
def test_events_clock_done_headers(subject: Subject) -> None:
    headers = [("Last-Event-ID", "3"), ("Connection", "close")]
    answer = subject.client.request("GET", f"{_QUICK}&count=3", headers=headers).read_all()
    assert answer.header("content-length") is None
    assert answer.header("transfer-encoding") is None
    assert answer.header("content-encoding") is None
    assert answer.excess == b"", "a 204 has a body"


@check("events-clock-reconnect", reference="WHATWG HTML §9.2.4")
def test_events_clock_reconnect(subject: Subject) -> None:
    target = f"{_QUICK}&count=2"
    last = EventStream(_start(subject, target)).read_to_end()[-1]
    assert _start(subject, target, last.id).status == 204, "a finished clock begins anew"


@check("events-clock-parameters", rule="problem", reference="CONTRACT Events, clock")
def test_events_clock_parameters(subject: Subject) -> None:
    for query in (
        *("interval=0", "interval=0.0", "interval=", "interval=x", "interval=-1", "interval=%2B1"),
        *("interval=1e3", "interval=1_0", "interval=inf", "interval=nan", "interval=1,5"),
        *("interval=%201", "interval=1%0A", "interval=%D9%A1", "interval=1.5.5", "interval=0x1"),
        *("count=0", "count=", "count=x", "count=-1", "count=%2B1", "count=1.5", "count=1e3"),
        *("count=1_0", "count=%201", "count=1%0A", "count=%D9%A1", "count=%C2%B2", "count=0x1"),
    ):
        expect_problem(_start(subject, f"{_CLOCK}?{query}"), 422, query)


@check("events-clock-enormous", reference="CONTRACT Events, clock")
def test_events_clock_enormous(subject: Subject) -> None:
    # As numbers they fit; what an implementation cannot count to, or wait for, it may refuse.
    for query in (f"interval={'9' * 400}", f"interval=0.{'0' * 400}1", f"count={'9' * 5000}"):
        answer = _start(subject, f"{_CLOCK}?{query}")
        skip_too_long(subject, answer)
        assert answer.status in (200, 422), query[:30]


@check("events-clock-head", rule="head", reference="RFC 9110 §9.3.2")
def test_events_clock_head(subject: Subject) -> None:
    answer = subject.client.head(f"{_CLOCK}?interval=3600")
    assert answer.status == 200
    assert answer.excess == b"", "a HEAD has a body"
    record = subject.record(answer)
    record.wait_for_end()
    assert record.body_bytes_offered == 0, "the clock is started for HEAD"


@check("events-clock-head-headers", rule="head", reference="RFC 9110 §9.3.2")
def test_events_clock_head_headers(subject: Subject) -> None:
    got, headed = _start(subject, _QUICK), subject.client.head(_QUICK)
    for name in ("content-type", "cache-control", "x-accel-buffering", "content-encoding", "vary"):
        assert headed.header(name) == got.header(name), name


@check("events-clock-head-done", rule="head", reference="RFC 9110 §9.3.2")
def test_events_clock_head_done(subject: Subject) -> None:
    answer = subject.client.head(f"{_QUICK}&count=3", headers=[("Last-Event-ID", "3")])
    assert (answer.status, answer.excess) == (204, b"")


@check("events-clock-head-parameters", rule="head", reference="CONTRACT head")
def test_events_clock_head_parameters(subject: Subject) -> None:
    for query in ("interval=0", "interval=x", "count=0"):
        answer = subject.client.head(f"{_CLOCK}?{query}")
        assert (answer.status, answer.excess) == (422, b""), query


@check("events-clock-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_events_clock_method_unknown(subject: Subject) -> None:
    for method in ("POST", "PUT", "DELETE"):
        headers = [("Content-Type", "application/json")]
        answer = subject.client.request(
            method, _CLOCK, headers=headers, body=b'{"data":"x"}'
        ).read_all()
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert answer.status == 405, method
        assert allowed >= {"GET", "HEAD"}, method
        assert "POST" not in allowed, "Allow promises a POST"


@check("events-clock-apart", reference="CONTRACT Events, clock")
def test_events_clock_apart(subject: Subject) -> None:
    first = EventStream(_start(subject, _QUICK))
    first.read_events(3)
    assert EventStream(_start(subject, _QUICK)).read_event().id == "1", "a clock is shared"


@check("events-clock-client-leaves", rule="cancel", reference="CONTRACT cancel")
def test_events_clock_client_leaves(subject: Subject) -> None:
    answer = _start(subject, _QUICK)
    EventStream(answer).read_event()
    answer.connection.reset()
    ending = subject.record(answer).wait_for_end()
    assert ending.how != "raised", f"the application raised {ending.error}"


@check("events-clock-client-leaves-between", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_events_clock_client_leaves_between(subject: Subject) -> None:
    answer = _start(subject, f"{_CLOCK}?interval=3600")
    EventStream(answer).read_comment()
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("events-clock-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_events_clock_slow_reader(subject: Subject) -> None:
    answer = subject.client.request("GET", f"{_CLOCK}?interval=0.000001", hold=10)
    record = subject.record(answer)
    record.wait_for("hold")
    record.wait_for_quiet(0.1)
    assert record.body_bytes_offered <= 9 * 65536, "ticks are offered past the one not taken"
    record.release()
    ids = [int(event.id) for event in EventStream(answer).read_events(50)]
    assert ids == sorted(set(ids)), "ticks are repeated or out of order"
