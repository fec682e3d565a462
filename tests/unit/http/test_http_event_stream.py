"""Event streams: WHATWG HTML §9.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.event_stream import HEARTBEAT, encode_event, encode_retry, parse_last_event_id


@pytest.mark.parametrize(
    ("data", "event", "event_id", "expected"),
    [
        ("a\nb", "x", "1", b"id: 1\nevent: x\ndata: a\ndata: b\n\n"),
        ("a", None, None, b"data: a\n\n"),
        ("", None, None, b"data: \n\n"),
        ("", "", "", b"id: \nevent: \ndata: \n\n"),
        ("a\rb\r\nc\n\nd", None, None, b"data: a\ndata: b\ndata: c\ndata: \ndata: d\n\n"),
        ("a\n", None, None, b"data: a\ndata: \n\n"),
        (" a: b", None, None, b"data:  a: b\n\n"),
        ("\u20ac\0\u2028\x85\x0b", None, None, b"data: \xe2\x82\xac\0\xe2\x80\xa8\xc2\x85\x0b\n\n"),
    ],
)
def test_event(data: str, event: str | None, event_id: str | None, expected: bytes) -> None:
    assert encode_event(data, event=event, id=event_id) == expected


@pytest.mark.parametrize("value", ["a\rdata: b", "a\nb", "a\0b", "\r\n"])
def test_nothing_breaks_out_of_a_field(value: str) -> None:
    with pytest.raises(ValueError, match="the field event has CR, LF or NUL"):
        encode_event("a", event=value)
    with pytest.raises(ValueError, match="the field id has CR, LF or NUL"):
        encode_event("a", id=value)


def test_lone_surrogate() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        encode_event("\ud800")


def _interpret(stream: bytes) -> list[tuple[str, str, str]]:
    """Reads a stream by §9.2.6, as (type, data, last event id) of each event dispatched."""
    events: list[tuple[str, str, str]] = []
    kind, data, last_id = "", "", ""
    text = stream.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        if not line:
            if data:
                events.append((kind or "message", data.removesuffix("\n"), last_id))
            kind, data = "", ""
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
    return events


_texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
_fields = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=9
)


@given(_texts | st.text(alphabet="\r\n: a", max_size=9), _fields, _fields)
def test_an_event_is_read_back(data: str, event: str, event_id: str) -> None:
    lines = data.replace("\r\n", "\n").replace("\r", "\n")
    stream = encode_event(data, event=event, id=event_id) + HEARTBEAT + encode_retry(1)
    assert _interpret(stream) == [(event, lines, event_id)]


def test_heartbeat() -> None:
    assert HEARTBEAT == b":\n\n"


def test_retry() -> None:
    assert encode_retry(3000) == b"retry: 3000\n\n"
    assert encode_retry(0) == b"retry: 0\n\n"
    with pytest.raises(ValueError, match="retry must not be negative"):
        encode_retry(-1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("42", 42),
        ("007", 7),
        ("9999999999999999999", 9999999999999999999),
        ("10000000000000000000", None),
        (None, None),
        ("", None),
        (" 1", None),
        ("1\n", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        ("1.0", None),
        ("1e3", None),
        ("\u0661", None),
        ("\u00b2", None),
        ("abc", None),
    ],
)
def test_last_event_id(value: str | None, expected: int | None) -> None:
    assert parse_last_event_id(value) == expected
