"""What messages may look like, both ways: keys that are not known, iterables, plain types."""

from __future__ import annotations

from collections.abc import Mapping

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Large, Other, Probe
from asgi_conformance.server.script import (
    Step,
    Value,
    body,
    catching,
    receive,
    receive_body,
    send,
    start,
)

_MORE_KEYS = "asgi.rst, Error Handling: additional keys should not raise an exception"
_EVENTS = "asgi.rst, Events"
_HEADERS = "www.rst, Response Start: headers"


def _start_with(headers: Value) -> Step:
    return send({"type": "http.response.start", "status": 200, "headers": headers})


def _check_taken(probe: Probe, *script: Step) -> None:
    """Check that `send` raises for none of these messages, and the answer is as they say."""
    answer = probe.get(script)
    failed = probe.record(answer).select("send-failed")
    assert not failed, f"send() raises {failed[0].fields['error']}"
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    assert (answer.header("x-one"), answer.body) == ("1", b"abcdef")


@check("message-more-keys-in-start", severity="should", requirement="EV-06", reference=_MORE_KEYS)
def test_message_more_keys_in_start(probe: Probe) -> None:
    first = start(200, ("x-one", "1"), unknown=5, reason={"text": "OK", "of": [1, None]})
    _check_taken(probe, first, body("abc", more=True), body("def"))


@check("message-more-keys-in-body", severity="should", requirement="EV-06", reference=_MORE_KEYS)
def test_message_more_keys_in_body(probe: Probe) -> None:
    more = {"unknown": 5, "more": {"of": [1, None]}}
    first = send({"type": "http.response.body", "body": "abc", "more_body": True, **more})
    last = send({"type": "http.response.body", "body": "def", **more})
    _check_taken(probe, start(200, ("x-one", "1")), first, last)


@check("message-headers-tuples", severity="should", requirement="EV-11", reference=_HEADERS)
def test_message_headers_tuples(probe: Probe) -> None:
    fields = {"$tuple": [{"$tuple": ["x-zero", "0"]}, {"$tuple": ["x-one", "1"]}]}
    _check_taken(probe, _start_with(fields), body("abcdef"))


@check("message-headers-lists", severity="should", requirement="EV-11", reference=_HEADERS)
def test_message_headers_lists(probe: Probe) -> None:
    _check_taken(probe, _start_with([["x-zero", "0"], ["x-one", "1"]]), body("abcdef"))


def _observe_headers(probe: Probe, headers: Value) -> None:
    answer = probe.get([catching(_start_with(headers)), catching(body("abc"))])
    if answer.ending is not Ending.CLEAN:
        probe.observe(f"the answer is {answer.ending}")
    elif answer.status != 200:
        probe.observe(f"the answer is a {answer.status}")
    else:
        probe.observe("sent" if answer.header("x-one") == "1" else "the fields are lost")


@check(
    "message-headers-iterator",
    severity="observe",
    requirement="EV-11",
    reference=f"{_HEADERS} (an iterable); {_EVENTS} (lists only)",
)
def test_message_headers_iterator(probe: Probe) -> None:
    # It can be iterated over once.
    _observe_headers(probe, {"$iter": [["x-zero", "0"], ["x-one", "1"]]})


@check(
    "message-header-iterator",
    severity="observe",
    requirement="EV-11",
    reference=f"{_HEADERS} (two-item iterables); {_EVENTS} (lists only)",
)
def test_message_header_iterator(probe: Probe) -> None:
    _observe_headers(probe, {"$iter": [{"$iter": ["x-zero", "0"]}, {"$iter": ["x-one", "1"]}]})


@check("message-header-bytearray", severity="observe", requirement="EV-11", reference=_HEADERS)
def test_message_header_bytearray(probe: Probe) -> None:
    # No byte string, though it acts like one.
    answer = probe.get(
        [catching(start(200, ("x-one", {"$bytearray": "1"}))), catching(body("abc"))]
    )
    kept = answer.ending is Ending.CLEAN and answer.header("x-one") == "1"
    probe.observe("sent" if kept else "not sent")


@check("message-headers-default", requirement="EV-12", reference=_HEADERS)
def test_message_headers_default(probe: Probe) -> None:
    answer = probe.get([send({"type": "http.response.start", "status": 200}), body("abc")])
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)


@check("message-headers-empty", requirement="EV-12", reference=_HEADERS)
def test_message_headers_empty(probe: Probe) -> None:
    answer = probe.get([start(), body("abc")])
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)


def _receive_all(probe: Probe) -> list[object]:
    """What `receive` gives of a request with a body, and after the answer to it, if anything."""
    script = [receive_body(), start(), body("done"), receive()]
    answer = probe.request(script, "POST", body=b"hello")
    assert answer.body == b"done"
    # That the last `receive` comes back is another requirement's, DC-02.
    probe.record(answer).wait_for_quiet(1.0)
    messages: list[object] = [*probe.messages(answer)]
    assert messages, "the request's body is in no message"
    return messages


@check("message-is-dict", requirement="EV-14", reference=_EVENTS)
def test_message_is_dict(probe: Probe) -> None:
    for message in _receive_all(probe):
        assert isinstance(message, dict), f"received {message}"
        assert isinstance(message.get("type"), str), f"the type is {message.get('type')!r}"


@check("message-plain-types", requirement="EV-10", reference=_EVENTS)
def test_message_plain_types(probe: Probe) -> None:
    for message in _receive_all(probe):
        _check_plain(message)


def _check_plain(value: object) -> None:
    match value:
        case Other():
            raise AssertionError(f"a message holds {value.shown}, of {value.type}")
        case Mapping():
            for key, item in value.items():
                assert isinstance(key, str), f"a message has the key {key!r}"
                _check_plain(item)
        case list() | tuple():
            for item in value:
                _check_plain(item)
        case _:
            assert isinstance(value, None | bool | int | float | str | bytes | Large)


@check(
    "message-namespace",
    severity="should",
    requirement="EV-18",
    reference="asgi.rst, Protocol Specifications",
)
def test_message_namespace(probe: Probe) -> None:
    types = [message["type"] for message in _receive_all(probe) if isinstance(message, dict)]
    assert all(name.startswith("http.") for name in types), f"received {types}"
