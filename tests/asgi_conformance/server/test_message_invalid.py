"""Messages of the application that are invalid by themselves: an exception out of `send`."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_answered_with_error, check_raises
from asgi_conformance.server.script import Step, Value, body, catching, send, start, wait

_INVALID = "asgi.rst, Error Handling: should raise an exception"
_UNKNOWN = send({"type": "http.response.unknown"})
_BEGUN = (start(), body("abc", more=True))


def _start_with(status: Value) -> Step:
    return send({"type": "http.response.start", "status": status, "headers": []})


@check("message-unknown-type", severity="should", requirement="EV-01", reference=_INVALID)
def test_message_unknown_type(probe: Probe) -> None:
    check_raises(probe, _UNKNOWN)


@check("message-foreign-type", severity="should", requirement="EV-01", reference=_INVALID)
def test_message_foreign_type(probe: Probe) -> None:
    # A message of another protocol, which a server of several protocols knows.
    check_raises(probe, send({"type": "websocket.accept"}))


@check("message-server-type", severity="should", requirement="EV-01", reference=_INVALID)
def test_message_server_type(probe: Probe) -> None:
    # A message that is the server's to send.
    check_raises(probe, send({"type": "http.request", "body": "abc"}))


@check("message-without-type", severity="should", requirement="EV-01", reference=_INVALID)
def test_message_without_type(probe: Probe) -> None:
    check_raises(probe, send({"status": 200, "headers": []}))


@check("message-type-number", severity="should", requirement="EV-01", reference=_INVALID)
def test_message_type_number(probe: Probe) -> None:
    check_raises(probe, send({"type": 200, "status": 200}))


@check(
    "message-unknown-type-after-start", severity="should", requirement="EV-02", reference=_INVALID
)
def test_message_unknown_type_after_start(probe: Probe) -> None:
    check_raises(probe, _UNKNOWN, [start()])


@check(
    "message-unknown-type-mid-response",
    severity="should",
    requirement="EV-02",
    reference=_INVALID,
)
def test_message_unknown_type_mid_response(probe: Probe) -> None:
    check_raises(probe, _UNKNOWN, _BEGUN)


@check(
    "message-unknown-type-survived",
    severity="observe",
    requirement="EV-02",
    reference="asgi.rst, Error Handling; of what follows the exception it is silent",
)
def test_message_unknown_type_survived(probe: Probe) -> None:
    answer = probe.request([*_BEGUN, wait(), catching(_UNKNOWN), body("def")])
    assert answer.read_until(b"abc") == b"abc"
    probe.record(answer).release(1)
    whole = (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    probe.observe("the response can be completed" if whole else "the response is broken off")


@check("message-start-without-status", severity="should", requirement="EV-03", reference=_INVALID)
def test_message_start_without_status(probe: Probe) -> None:
    check_raises(probe, send({"type": "http.response.start", "headers": []}))


@check("message-status-none", severity="should", requirement="EV-03", reference=_INVALID)
def test_message_status_none(probe: Probe) -> None:
    check_raises(probe, _start_with(None))


@check("message-status-text", severity="should", requirement="EV-03", reference=_INVALID)
def test_message_status_text(probe: Probe) -> None:
    check_raises(probe, _start_with("200"))


@check("message-status-float", severity="should", requirement="EV-03", reference=_INVALID)
def test_message_status_float(probe: Probe) -> None:
    check_raises(probe, _start_with(200.5))


@check("message-header-value-text", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_value_text(probe: Probe) -> None:
    check_raises(probe, start(200, ("x-one", {"$str": "1"})))


@check("message-header-name-text", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_name_text(probe: Probe) -> None:
    check_raises(probe, start(200, ({"$str": "x-one"}, "1")))


@check("message-header-text-not-first", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_text_not_first(probe: Probe) -> None:
    check_raises(probe, start(200, ("x-one", "1"), ("x-two", "2"), ("x-three", {"$str": "3"})))


@check("message-header-value-number", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_value_number(probe: Probe) -> None:
    # The mistake of `("content-length", len(content))`; bytes(3) are three of NUL.
    check_raises(probe, start(200, ("content-length", 3)))


@check("message-header-value-none", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_value_none(probe: Probe) -> None:
    check_raises(probe, start(200, ("x-one", None)))


@check("message-header-of-one-item", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_of_one_item(probe: Probe) -> None:
    fields = [["x-one"]]
    check_raises(probe, send({"type": "http.response.start", "status": 200, "headers": fields}))


@check("message-header-of-three-items", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_header_of_three_items(probe: Probe) -> None:
    fields = [["x-one", "1", "2"]]
    check_raises(probe, send({"type": "http.response.start", "status": 200, "headers": fields}))


@check("message-headers-number", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_headers_number(probe: Probe) -> None:
    check_raises(probe, send({"type": "http.response.start", "status": 200, "headers": 5}))


@check("message-headers-none", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_headers_none(probe: Probe) -> None:
    # They may be left out; None is no list.
    check_raises(probe, send({"type": "http.response.start", "status": 200, "headers": None}))


@check("message-headers-dict", severity="should", requirement="EV-04", reference=_INVALID)
def test_message_headers_dict(probe: Probe) -> None:
    # What it iterates over are names, of two letters: pairs, but of text.
    fields = {"te": "trailers"}
    check_raises(probe, send({"type": "http.response.start", "status": 200, "headers": fields}))


@check("message-body-text", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_text(probe: Probe) -> None:
    check_raises(probe, body({"$str": "abc"}), [start()])


@check("message-body-text-with-length", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_text_with_length(probe: Probe) -> None:
    check_raises(probe, body({"$str": "abc"}), [start(200, ("content-length", "3"))])


@check("message-body-text-mid-response", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_text_mid_response(probe: Probe) -> None:
    check_raises(probe, body({"$str": "def"}), _BEGUN)


@check("message-body-empty-text", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_empty_text(probe: Probe) -> None:
    # Easily taken for b"", which it is not: the next one will have letters in it.
    check_raises(probe, body({"$str": ""}), [start()])


@check("message-body-none", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_none(probe: Probe) -> None:
    check_raises(probe, body(None), [start()])


@check("message-body-number", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_number(probe: Probe) -> None:
    # bytes(5) are five of NUL.
    check_raises(probe, body(5), [start()])


@check("message-body-list", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_body_list(probe: Probe) -> None:
    # bytes([97, 98]) are letters.
    check_raises(probe, body([97, 98]), [start()])


@check("message-more-body-text", severity="should", requirement="EV-05", reference=_INVALID)
def test_message_more_body_text(probe: Probe) -> None:
    # Were it asked for its truth, the response would never end.
    last = send({"type": "http.response.body", "body": "abc", "more_body": "no"})
    check_raises(probe, last, [start()])


def _check_answered(probe: Probe, *script: Step) -> None:
    """Check that the client is told of a message that `send` refuses: it must not wait.

    By a 500, or an answer that is broken off.
    """
    probe.hurry()
    answer = probe.get(script)
    if not probe.record(answer).select("send-failed"):
        pytest.skip("send() takes it, which is another check's matter")
    check_answered_with_error(answer)


@check(
    "message-invalid-start-answered",
    severity="should",
    requirement="EV-03",
    reference="asgi.rst, Error Handling",
)
def test_message_invalid_start_answered(probe: Probe) -> None:
    _check_answered(probe, send({"type": "http.response.start", "headers": []}), body("abc"))


@check(
    "message-invalid-header-answered",
    severity="should",
    requirement="EV-04",
    reference="asgi.rst, Error Handling",
)
def test_message_invalid_header_answered(probe: Probe) -> None:
    _check_answered(probe, start(200, ("x-one", {"$str": "1"})), body("abc"))


@check(
    "message-invalid-body-answered",
    severity="should",
    requirement="EV-05",
    reference="asgi.rst, Error Handling",
)
def test_message_invalid_body_answered(probe: Probe) -> None:
    _check_answered(probe, *_BEGUN, body({"$str": "def"}))
