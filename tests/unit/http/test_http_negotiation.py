"""Media types and negotiation: RFC 9110 §8.3, §12.5."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.negotiation import (
    MediaRange,
    accepts_gzip,
    choose_media_type,
    media_type_essence,
    parse_accept,
    parse_media_type,
    parse_parameters,
    scan_parameters,
)

_OFFERED = ("application/jsonl", "application/x-ndjson", "application/json")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/jsonl"),
        ("", "application/jsonl"),
        (" , ", "application/jsonl"),
        ("*/*", "application/jsonl"),
        ("application/*", "application/jsonl"),
        ("application/json", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json, application/x-ndjson", "application/x-ndjson"),
        ("application/json;q=0.9, application/x-ndjson;q=0.8", "application/json"),
        ("application/json ; Q=1.000 , */*\t;\tq=0.999", "application/json"),
        ("application/jsonl;q=0, */*", "application/x-ndjson"),
        ("application/jsonl;q=0, application/*;q=0.0, */*", None),
        ("*/*;q=0", None),
        ("text/html", None),
        ("text/*, image/png", None),
        ("application/json;q=0.001", "application/json"),
        # the specific range decides, not the better one
        ("application/*, application/jsonl;q=0.1", "application/x-ndjson"),
        # a parameter narrows the range to what has it
        ("application/json;charset=utf-8", None),
        # q counts wherever it stands
        ("application/json;q=0;version=1, application/json", "application/json"),
        # malformed members are skipped
        ("application, application/json", "application/json"),
        ("*/json, application/json", "application/json"),
        ("application/jsonl;q=1.1, application/json", "application/json"),
        ("application/jsonl;q=.5, application/json", "application/json"),
        ("application/jsonl;q=0.1234, application/json", "application/json"),
        ("application/jsonl;q=1;q=1, application/json", "application/json"),
        ("application/jsonl; x, application/json", "application/json"),
        ('application/json, text/plain;x="a, application/jsonl', "application/json"),
        ('text/plain;x="a, application/jsonl", application/json', "application/json"),
        ("not a media type", "application/jsonl"),
        # longer than what is remembered
        ("text/html, " * 30 + "application/json", "application/json"),
    ],
)
def test_accept(accept: str | None, expected: str | None) -> None:
    assert choose_media_type(accept, _OFFERED) == expected


# The example of §12.5.1 for precedence, with its table of qualities.
_EXAMPLE = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
    "text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("text/plain;format=flowed", "text/plain"),
        ("text/plain", "image/jpeg"),
        ("image/jpeg", "text/plain;format=fixed"),
        ("text/plain;format=fixed", "text/html"),
        ("text/html;level=3", "text/html;level=4"),
    ],
)
def test_precedence(better: str, worse: str) -> None:
    assert choose_media_type(_EXAMPLE, [better, worse]) == better
    if better != "text/html;level=3":
        assert choose_media_type(_EXAMPLE, [worse, better]) == better


def test_members_of_accept() -> None:
    assert parse_accept('Text/HTML;Level="1";q=0.25,,*/*;q=0,broken/') == [
        MediaRange("text", "html", {"level": "1"}, 250),
        MediaRange("*", "*", {}, 0),
    ]


def test_an_offer_that_is_no_media_type() -> None:
    with pytest.raises(ValueError, match="'json' is not a media type"):
        choose_media_type("*/*", ["json"])


@given(st.text(alphabet='abq*/;=,."\\ \t01\xe9', max_size=40))
def test_any_accept_is_answered(value: str) -> None:
    assert choose_media_type(value, _OFFERED) in (*_OFFERED, None)
    assert accepts_gzip(value) in (True, False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        ("", False),
        (",", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("X-GZip;q=0.5", True),
        ("compress, gzip", True),
        ("*", True),
        ("deflate, *;q=0.1", True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", True),
        ("compress;q=0.5, gzip;q=1.0", True),
        ("gzip \t;\tq=0.001", True),
        ("gzip;Q=1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("x-gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("notgzip", False),
        ("gzipped", False),
        ("identity", False),
        ("br, deflate", False),
        ("gzip;q=0.5, identity", False),
        ("*;q=0.5, identity;q=0.6", False),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("gzip;q=0.5, identity;q=0", True),
        # malformed members are skipped
        ("gzip;q=2", False),
        ("gzip;q=1.5, identity", False),
        ("gzip;q=-1", False),
        ("gzip;q=", False),
        ("gzip;level=9", False),
        ("gzip q=1", False),
        ("g zip, gzip", True),
    ],
)
def test_accept_encoding(value: str | None, expected: bool) -> None:
    assert accepts_gzip(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # the equivalent forms of §8.3.1
        ("text/html;charset=utf-8", ("text/html", {"charset": "utf-8"})),
        ('Text/HTML;Charset="utf-8"', ("text/html", {"charset": "utf-8"})),
        ('text/html; charset="utf-8"', ("text/html", {"charset": "utf-8"})),
        ("text/html;charset=UTF-8", ("text/html", {"charset": "UTF-8"})),
        (" text/csv ", ("text/csv", {})),
        ("text/csv;", ("text/csv", {})),
        ("text/csv ; ; a=1 ;b=2;", ("text/csv", {"a": "1", "b": "2"})),
        ('a/b;x="a\\"b\\\\c;d, e"', ("a/b", {"x": 'a"b\\c;d, e'})),
        ('a/b;x=""', ("a/b", {"x": ""})),
        ("", None),
        ("text", None),
        ("text/", None),
        ("/csv", None),
        ("text/csv/x", None),
        ("text /csv", None),
        ("text/csv charset=utf-8", None),
        ("text/csv;charset", None),
        ("text/csv;charset=", None),
        ("text/csv;charset =utf-8", None),
        ('text/csv;charset="utf-8', None),
        ('text/csv;charset="utf-8"x', None),
        ("text/csv;a=1;A=2", None),
        ('text/csv;a="\n"', None),
    ],
)
def test_media_type(value: str, expected: tuple[str, dict[str, str]] | None) -> None:
    assert parse_media_type(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Text/CSV", "text/csv"),
        (" text/csv ; header=present", "text/csv"),
        ("text/csv; whatever this is", "text/csv"),
        ("text/csv x", ""),
        ("text/csv, text/html", ""),
        ("csv", ""),
        ("", ""),
    ],
)
def test_essence(value: str, expected: str) -> None:
    assert media_type_essence(value) == expected


def test_parameters() -> None:
    assert parse_parameters(';a=1; B="\\x"') == {"a": "1", "b": "x"}
    assert scan_parameters(';a=1; B="\\x"') == [("a", "1"), ("b", '"\\x"')]
    assert parse_parameters("") == {}
    assert parse_parameters("a=1") is None
