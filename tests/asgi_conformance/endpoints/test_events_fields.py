"""Events: what is published arrives as it was, and stays in its field (CONTRACT.md, Events)."""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event
from asgi_conformance.hosting import Subject


def _relay(subject: Subject, data: str, event: str | None = None) -> Event:
    """Publish one event and receive it."""
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.publish(data, event)
    return stream.read_event()


@check("events-data-empty", reference="WHATWG HTML §9.2.6")
def test_events_data_empty(subject: Subject) -> None:
    assert _relay(subject, "") == Event("1", "message", "")


@check("events-data-lines", reference="WHATWG HTML §9.2.6")
def test_events_data_lines(subject: Subject) -> None:
    assert _relay(subject, "one\ntwo\n\nfour") == Event("1", "message", "one\ntwo\n\nfour")


@check("events-data-line-fields", reference="CONTRACT Events, a data line for each line")
def test_events_data_line_fields(subject: Subject) -> None:
    channel = Channel(subject.client)
    answer = channel.subscribe().answer
    channel.publish("one\ntwo")
    content = answer.read_until(b"two")
    fields = [line.replace(b": ", b":") for line in content.splitlines() if b"data" in line]
    assert fields == [b"data:one", b"data:two"], content


@check("events-data-ends-with-line", reference="WHATWG HTML §9.2.6")
def test_events_data_ends_with_line(subject: Subject) -> None:
    assert _relay(subject, "one\n") == Event("1", "message", "one\n")


@check("events-data-only-lines", reference="WHATWG HTML §9.2.6")
def test_events_data_only_lines(subject: Subject) -> None:
    assert _relay(subject, "\n\n") == Event("1", "message", "\n\n")


@check("events-data-carriage-return", reference="WHATWG HTML §9.2.5")
def test_events_data_carriage_return(subject: Subject) -> None:
    assert _relay(subject, "one\rtwo") == Event("1", "message", "one\ntwo")


@check("events-data-crlf", reference="WHATWG HTML §9.2.5")
def test_events_data_crlf(subject: Subject) -> None:
    assert _relay(subject, "one\r\ntwo\n\rfour") == Event("1", "message", "one\ntwo\n\nfour")


@check("events-data-other-separators", reference="WHATWG HTML §9.2.5")
def test_events_data_other_separators(subject: Subject) -> None:
    # str.splitlines() takes all of these for ends of lines; an event stream none of them.
    data = "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i"
    assert _relay(subject, data) == Event("1", "message", data)


@check("events-data-spaces", reference="WHATWG HTML §9.2.6")
def test_events_data_spaces(subject: Subject) -> None:
    assert _relay(subject, "  two before\n\ttab\nafter ").data == "  two before\n\ttab\nafter "


@check("events-data-colons", reference="WHATWG HTML §9.2.6")
def test_events_data_colons(subject: Subject) -> None:
    assert _relay(subject, ": no comment\n:\na:b").data == ": no comment\n:\na:b"


@check("events-data-nul", reference="CONTRACT Events, data may have any lines")
def test_events_data_nul(subject: Subject) -> None:
    assert _relay(subject, "a\0b").data == "a\0b"


@check("events-data-unicode", reference="WHATWG HTML §9.2.5")
def test_events_data_unicode(subject: Subject) -> None:
    assert _relay(subject, "Zoë 雪 \U0001f600 \ufeff") == Event(
        "1", "message", "Zoë 雪 \U0001f600 \ufeff"
    )


@check("events-data-utf-8", reference="RFC 8259 §8.1")
def test_events_data_utf_8(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    assert channel.post(b'{"data":"Zo\xc3\xab \xe9\x9b\xaa \xf0\x9f\x98\x80"}').status == 202
    assert stream.read_event().data == "Zoë 雪 \U0001f600"


@check("events-data-no-injection", reference="WHATWG HTML §9.2.6")
def test_events_data_no_injection(subject: Subject) -> None:
    for end in ("\n", "\r", "\r\n"):
        injected = f"x{end}{end}id: 99{end}event: forged{end}data: forged{end}retry: 1{end}{end}y"
        expected = "x\n\nid: 99\nevent: forged\ndata: forged\nretry: 1\n\ny"
        channel = Channel(subject.client)
        stream = channel.subscribe()
        retry = stream.retry
        channel.publish(injected)
        assert stream.read_event() == Event("1", "message", expected), f"{end!r} breaks out"
        assert stream.retry == retry, f"{end!r} breaks out"


@check("events-type-unicode", reference="WHATWG HTML §9.2.6")
def test_events_type_unicode(subject: Subject) -> None:
    assert _relay(subject, "x", event="größe 雪").type == "größe 雪"


@check("events-type-as-is", reference="WHATWG HTML §9.2.6")
def test_events_type_as_is(subject: Subject) -> None:
    for event in ("a b", "a: b", ":a", "data", "x" * 1000, "error", "message"):
        assert _relay(subject, "x", event=event).type == event


@check("events-type-no-injection", rule="problem", reference="WHATWG HTML §9.2.6")
def test_events_type_no_injection(subject: Subject) -> None:
    for event in ("a\nid: 9", "a\rdata: x", "a\r\nb", "a\n", "\ra", "\n", "a\0b", "\0"):
        channel = Channel(subject.client)
        answer = channel.post(json.dumps({"data": "x", "event": event}).encode())
        assert answer.status == 422, f"event {event!r}"


@check("events-data-large", reference="CONTRACT Events, POST")
def test_events_data_large(subject: Subject) -> None:
    data = "0123456789abcde\n" * 3000
    assert _relay(subject, data).data == data


@check("events-data-many-lines", reference="CONTRACT Events, POST")
def test_events_data_many_lines(subject: Subject) -> None:
    data = "\n" * 32000  # 64000 bytes of JSON
    assert _relay(subject, data).data == data


@check("events-id-field", reference="WHATWG HTML §9.2.6")
def test_events_id_field(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    numbers = [channel.publish("x") for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert [event.id for event in stream.read_events(3)] == ["1", "2", "3"]
