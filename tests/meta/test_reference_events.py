"""The reference server refuses what is no event of an application, and says why."""

from __future__ import annotations

import pytest
from reference.errors import InvalidEvent
from reference.events import EXTENSIONS, Body, EarlyHint, Start, Trailers, parse_event

_START = {"type": "http.response.start", "status": 200}
_BODY = {"type": "http.response.body"}
_HINT = {"type": "http.response.early_hint"}

_INVALID = {
    "no-dictionary": None,
    "no-type": {},
    "type-of-bytes": {"type": b"http.response.body"},
    "unknown-type": {"type": "http.response.tail"},
    "no-status": {"type": "http.response.start"},
    "status-of-text": {**_START, "status": "200"},
    "status-of-bool": {**_START, "status": True},
    "status-informational": {**_START, "status": 199},
    "status-too-large": {**_START, "status": 1000},
    "headers-of-none": {**_START, "headers": None},
    "header-of-text": {**_START, "headers": [("a", "b")]},
    "header-of-one": {**_START, "headers": [(b"a",)]},
    "header-of-three": {**_START, "headers": [(b"a", b"b", b"c")]},
    "header-of-bytes": {**_START, "headers": [b"ab"]},
    "name-in-upper-case": {**_START, "headers": [(b"A", b"b")]},
    "name-pseudo": {**_START, "headers": [(b":status", b"200")]},
    "name-empty": {**_START, "headers": [(b"", b"b")]},
    "name-with-line": {**_START, "headers": [(b"a\r\nb", b"c")]},
    "value-with-cr": {**_START, "headers": [(b"a", b"b\rc")]},
    "value-with-lf": {**_START, "headers": [(b"a", b"b\nc")]},
    "value-with-nul": {**_START, "headers": [(b"a", b"\0")]},
    "two-lengths": {**_START, "headers": [(b"content-length", b"1")] * 2},
    "length-negative": {**_START, "headers": [(b"content-length", b"-1")]},
    "trailers-of-int": {**_START, "trailers": 1},
    "body-of-text": {**_BODY, "body": "text"},
    "body-of-none": {**_BODY, "body": None},
    "body-of-bytearray": {**_BODY, "body": bytearray(b"a")},
    "more-body-of-int": {**_BODY, "more_body": 1},
    "no-links": _HINT,
    "links-of-text": {**_HINT, "links": ["a"]},
    "link-with-line": {**_HINT, "links": [b"a\r\nb: c"]},
    "no-path": {"type": "http.response.pathsend"},
    "file-closed": {"type": "http.response.zerocopysend", "file": -1},
    "push-of-bytes": {"type": "http.response.push", "path": b"/"},
}


@pytest.mark.parametrize("message", _INVALID.values(), ids=_INVALID.keys())
def test_what_is_no_event_is_refused_in_one_line(message: object) -> None:
    with pytest.raises(InvalidEvent) as refused:
        parse_event(message, EXTENSIONS)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", sorted(EXTENSIONS))
def test_what_is_not_offered_is_refused(name: str) -> None:
    with pytest.raises(InvalidEvent):
        parse_event({"type": name, "path": "/", "links": [], "headers": []}, ())


def test_what_is_left_out_has_its_default() -> None:
    assert parse_event(_START, ()) == Start(200, [], None, trailers=False)
    assert parse_event(_BODY, ()) == Body(b"", more=False)


def test_keys_that_are_not_known_are_passed_over() -> None:
    assert parse_event({**_BODY, "body": b"a", "later": 1}, ()) == Body(b"a", more=False)


def test_any_iterable_of_pairs_is_taken() -> None:
    pairs = iter([[b"content-length", b"2"], (b"a", b" b ")])
    fields = [(b"content-length", b"2"), (b"a", b"b")]
    start = parse_event({**_START, "headers": pairs, "trailers": True}, EXTENSIONS)
    assert start == Start(200, fields, 2, trailers=True)


def test_events_of_extensions() -> None:
    hint = parse_event({**_HINT, "links": (b"</a>",)}, EXTENSIONS)
    assert hint == EarlyHint([b"</a>"])
    trailers = {"type": "http.response.trailers", "headers": [(b"a", b"b")], "more_trailers": True}
    assert parse_event(trailers, EXTENSIONS) == Trailers([(b"a", b"b")], more=True)
