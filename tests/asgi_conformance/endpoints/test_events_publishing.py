"""Events: publishing, and what is refused (CONTRACT.md, POST /events/{channel})."""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.event_stream import Channel, Event
from asgi_conformance.gathering import wait_for_bytes, wait_until_left
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem

_EMPTY = b'{"data":""}'  # 11 bytes
_REFUSED = (
    b"",
    b"x",
    b"{",
    b'{"data":"x"',
    b'{"data":"x"}}',
    b'{"data":"x"} {"data":"y"}',
    b"{'data':'x'}",
    b'{"data":"x",}',
    b'{"data":"a\nb"}',  # a line end must be escaped
    b'"x"',
    b"null",
    b"1",
    b"[]",
    b'["data"]',
    b'[{"data":"x"}]',
    b"{}",
    b'{"event":"x"}',
    b'{"Data":"x"}',
    b'{"data":null}',
    b'{"data":1}',
    b'{"data":true}',
    b'{"data":["x"]}',
    b'{"data":{"x":"y"}}',
    b'{"data":"x","event":null}',
    b'{"data":"x","event":1}',
    b'{"data":"x","event":["y"]}',
    b'{"data":"x","id":"5"}',
    b'{"data":"x","retry":1}',
)


def _make_body(size: int) -> bytes:
    """An event whose JSON text has so many bytes."""
    return b'{"data":"' + b"x" * (size - len(_EMPTY)) + b'"}'


@check("events-post-status", reference="RFC 9110 §15.3.3")
def test_events_post_status(subject: Subject) -> None:
    assert Channel(subject.client).post(b'{"data":"x"}').status == 202


@check("events-post-answer", reference="CONTRACT Events, POST, answer")
def test_events_post_answer(subject: Subject) -> None:
    channel = Channel(subject.client)
    answer = channel.post(b'{"data":"x"}')
    assert answer.header("content-type") == "application/json"
    assert json.loads(answer.body) == {"id": 1}
    assert json.loads(channel.post(b'{"data":"x","event":"y"}').body) == {"id": 2}


@check("events-post-media-types", reference="RFC 9110 §8.3.1")
def test_events_post_media_types(subject: Subject) -> None:
    for content_type in (
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json ; profile="a;b"',
    ):
        answer = Channel(subject.client).post(b'{"data":"x"}', content_type)
        assert answer.status == 202, f"Content-Type: {content_type}"


@check("events-post-media-types-refused", rule="problem", reference="RFC 9110 §15.5.16")
def test_events_post_media_types_refused(subject: Subject) -> None:
    for content_type in (
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "application/jsonl",
        "application/jsonx",
        "application/problem+json",
        "xapplication/json",
        "json",
        "*/*",
    ):
        answer = Channel(subject.client).post(b'{"data":"x"}', content_type)
        assert answer.status == 415, f"Content-Type: {content_type}"


@check("events-post-no-media-type", rule="problem", reference="CONTRACT Events, POST")
def test_events_post_no_media_type(subject: Subject) -> None:
    target = Channel(subject.client).target
    answer = subject.client.request("POST", target, body=b'{"data":"x"}').read_all()
    assert answer.status == 415


@check("events-post-refused", rule="problem", reference="CONTRACT Events, POST")
def test_events_post_refused(subject: Subject) -> None:
    for body in _REFUSED:
        assert Channel(subject.client).post(body).status == 422, body


@check("events-post-not-utf-8", rule="problem", reference="RFC 8259 §8.1")
def test_events_post_not_utf_8(subject: Subject) -> None:
    for body in (
        b'{"data":"\xff"}',
        b'{"data":"\xc3"}',
        b'{"data":"\xc0\x80"}',  # an overlong form
        b'{"data":"\xed\xa0\x80"}',  # a surrogate, encoded
        '{"data":"ü"}'.encode("latin-1"),
        '{"data":"x"}'.encode("utf-16"),
        '{"data":"x"}'.encode("utf-32"),
    ):
        assert Channel(subject.client).post(body).status == 422, body


@check("events-post-lone-surrogate", rule="problem", reference="RFC 8259 §8.2")
def test_events_post_lone_surrogate(subject: Subject) -> None:
    for body in (
        rb'{"data":"\ud800"}',
        rb'{"data":"a\udc00b"}',
        rb'{"data":"\ude00\ud83d"}',
        rb'{"data":"x","event":"\ud800"}',
    ):
        assert Channel(subject.client).post(body).status == 422, body


@check("events-post-surrogate-pair", reference="RFC 8259 §7")
def test_events_post_surrogate_pair(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    assert channel.post(rb'{"data":"\ud83d\ude00"}').status == 202
    assert stream.read_event() == Event("1", "message", "\U0001f600")


@check("events-post-deeply-nested", rule="problem", reference="RFC 8259 §9")
def test_events_post_deeply_nested(subject: Subject) -> None:
    assert Channel(subject.client).post(b"[" * 60000).status == 422
    assert Channel(subject.client).post(b"[" * 30000 + b"]" * 30000).status == 422
    assert Channel(subject.client).post(b'{"data":' * 8000).status == 422


@check("events-post-enormous-number", rule="problem", reference="RFC 8259 §9")
def test_events_post_enormous_number(subject: Subject) -> None:
    for number in (b"1" * 5000, b"1e999999999", b"-0", b"NaN", b"Infinity"):
        answer = Channel(subject.client).post(b'{"data":%b}' % number)
        assert answer.status == 422, number[:20]


@check("events-post-refusal-publishes-nothing", reference="CONTRACT Events, POST")
def test_events_post_refusal_publishes_nothing(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    channel.post(b'{"data":1}')
    channel.post(b'{"data":"x","event":"a\\nb"}')
    channel.post(b'{"data":"x"}', "text/plain")
    channel.post(_make_body(65537))
    assert channel.publish("taken") == 1, "a refused event took an id"
    assert stream.read_event() == Event("1", "message", "taken")


@check("events-post-largest", reference="CONTRACT Events, POST")
def test_events_post_largest(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    assert channel.post(_make_body(65536)).status == 202
    assert stream.read_event() == Event("1", "message", "x" * 65525)


@check("events-post-too-large", rule="problem", reference="RFC 9110 §15.5.14")
def test_events_post_too_large(subject: Subject) -> None:
    assert Channel(subject.client).post(_make_body(65537)).status == 413


@check("events-post-too-large-chunked", rule="problem", reference="RFC 9110 §15.5.14")
def test_events_post_too_large_chunked(subject: Subject) -> None:
    body = _make_body(65537)
    answer = subject.client.request(
        "POST",
        Channel(subject.client).target,
        headers=[("Content-Type", "application/json")],
        body=[body[:60000], body[60000:]],
    )
    assert answer.status == 413


@check("events-post-too-large-white-space", rule="problem", reference="RFC 9110 §15.5.14")
def test_events_post_too_large_white_space(subject: Subject) -> None:
    assert Channel(subject.client).post(b'{"data":"x"}' + b" " * 65536).status == 413


@check("events-post-endless", severity="should", rule="problem", reference="RFC 9110 §15.5.14")
def test_events_post_endless(subject: Subject) -> None:
    headers = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
    answer = subject.client.request("POST", Channel(subject.client).target, headers=headers)
    answer.connection.send_chunk(_make_body(65537))
    assert answer.status == 413, "the body is awaited to its end, though it is too large already"


@check("events-post-chunked", reference="RFC 9112 §7.1")
def test_events_post_chunked(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe()
    body = '{"data":"Zoë","event":"é"}'.encode()
    answer = subject.client.request(
        "POST",
        channel.target,
        headers=[("Content-Type", "application/json")],
        body=[body[index : index + 1] for index in range(len(body))],
    )
    assert answer.status == 202
    assert stream.read_event() == Event("1", "é", "Zoë")


@check("events-post-broken-off", rule="cancel", reference="CONTRACT cancel")
def test_events_post_broken_off(subject: Subject) -> None:
    channel = Channel(subject.client)
    headers = [("Content-Type", "application/json"), ("Content-Length", "100")]
    answer = subject.client.request("POST", channel.target, headers=headers)
    answer.connection.send(b'{"data":"x"}')
    wait_for_bytes(subject, answer, 12)
    answer.connection.reset()
    assert wait_until_left(subject, answer) != "raised", "the application fails at the leaving"
    assert channel.publish("whole") == 1, "an event that broke off was published"


@check("events-post-problem", rule="problem", reference="RFC 9457 §3")
def test_events_post_problem(subject: Subject) -> None:
    channel = Channel(subject.client)
    expect_problem(channel.post(_make_body(65537)), 413, "too large an event")
    expect_problem(channel.post(b'{"data":"x"}', "text/plain"), 415, "an event in plain text")
    expect_problem(channel.post(b'{"data":1}'), 422, "an event without a text")
    expect_problem(Channel(subject.client, "a~b").post(b'{"data":""}'), 404, "a name with a tilde")
