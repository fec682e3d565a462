"""Preconditions: RFC 9110 §8.8 and §13."""

from __future__ import annotations

import pytest

from raw_asgi.http.conditional import (
    EntityTag,
    Outcome,
    Validators,
    evaluate,
    parse_entity_tags,
    range_applies,
)

_BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
_EXACT = "Sun, 06 Nov 1994 08:49:37 GMT"
_AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
_MODIFIED = 784111777

_STRONG = Validators(EntityTag("v1"), _MODIFIED)
_WEAK = Validators(EntityTag("v1", weak=True), _MODIFIED)
_BARE = Validators()

_PROCEED = Outcome.PROCEED
_NOT_MODIFIED = Outcome.NOT_MODIFIED
_FAILED = Outcome.PRECONDITION_FAILED


@pytest.mark.parametrize(
    ("one", "other", "strongly", "weakly"),
    [
        # the table of §8.8.3.2
        (EntityTag("1", weak=True), EntityTag("1", weak=True), False, True),
        (EntityTag("1", weak=True), EntityTag("2", weak=True), False, False),
        (EntityTag("1", weak=True), EntityTag("1"), False, True),
        (EntityTag("1"), EntityTag("1"), True, True),
    ],
)
def test_comparison(one: EntityTag, other: EntityTag, strongly: bool, weakly: bool) -> None:
    assert one.matches_strongly(other) is strongly
    assert one.matches_weakly(other) is weakly


def test_wire_form() -> None:
    assert str(EntityTag("xyzzy")) == '"xyzzy"'
    assert str(EntityTag("xyzzy", weak=True)) == 'W/"xyzzy"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("*", "*"),
        (" * ", "*"),
        ("", []),
        (" , ,", []),
        ('"xyzzy"', [EntityTag("xyzzy")]),
        ('W/"xyzzy"', [EntityTag("xyzzy", weak=True)]),
        ('""', [EntityTag("")]),
        ('"xyzzy", "r2d2xxxx"', [EntityTag("xyzzy"), EntityTag("r2d2xxxx")]),
        ('"a",W/"b"\t,, "c" ', [EntityTag("a"), EntityTag("b", weak=True), EntityTag("c")]),
        ('"a,b"', [EntityTag("a,b")]),
        ('"a\\"', [EntityTag("a\\")]),
        ('"\xe9"', [EntityTag("\xe9")]),
        ('"*"', [EntityTag("*")]),
        ("xyzzy", None),
        ('w/"xyzzy"', None),
        ('W/ "xyzzy"', None),
        ("W/xyzzy", None),
        ('"xyzzy', None),
        ('"a" "b"', None),
        ('"a b"', None),
        ('"a\x7f"', None),
        ('*, "a"', None),
        ('"a", *', None),
        ("'a'", None),
    ],
)
def test_entity_tags(value: str, expected: object) -> None:
    assert parse_entity_tags(value) == expected


@pytest.mark.parametrize(
    ("method", "headers", "current", "expected"),
    [
        ("GET", {}, _STRONG, _PROCEED),
        ("GET", {}, None, _PROCEED),
        # If-Match, §13.1.1
        ("GET", {"if-match": '"v1"'}, _STRONG, _PROCEED),
        ("GET", {"if-match": '"v0", "v1"'}, _STRONG, _PROCEED),
        ("GET", {"if-match": '"v0"'}, _STRONG, _FAILED),
        ("GET", {"if-match": 'W/"v1"'}, _STRONG, _FAILED),
        ("GET", {"if-match": '"v1"'}, _WEAK, _FAILED),
        ("GET", {"if-match": '"v1"'}, _BARE, _FAILED),
        ("GET", {"if-match": "v1"}, _STRONG, _FAILED),
        ("GET", {"if-match": ""}, _STRONG, _FAILED),
        ("PUT", {"if-match": "*"}, _BARE, _PROCEED),
        ("PUT", {"if-match": "*"}, None, _FAILED),
        ("PUT", {"if-match": '"v1"'}, None, _FAILED),
        # If-Unmodified-Since, §13.1.4
        ("GET", {"if-unmodified-since": _EXACT}, _STRONG, _PROCEED),
        ("GET", {"if-unmodified-since": _AFTER}, _STRONG, _PROCEED),
        ("GET", {"if-unmodified-since": _BEFORE}, _STRONG, _FAILED),
        ("PUT", {"if-unmodified-since": _BEFORE}, _STRONG, _FAILED),
        ("GET", {"if-unmodified-since": "yesterday"}, _STRONG, _PROCEED),
        ("GET", {"if-unmodified-since": _BEFORE}, _BARE, _PROCEED),
        ("PUT", {"if-unmodified-since": _BEFORE}, None, _PROCEED),
        ("GET", {"if-match": '"v1"', "if-unmodified-since": _BEFORE}, _STRONG, _PROCEED),
        # If-None-Match, §13.1.2
        ("GET", {"if-none-match": '"v1"'}, _STRONG, _NOT_MODIFIED),
        ("HEAD", {"if-none-match": '"v1"'}, _STRONG, _NOT_MODIFIED),
        ("PUT", {"if-none-match": '"v1"'}, _STRONG, _FAILED),
        ("GET", {"if-none-match": 'W/"v1"'}, _STRONG, _NOT_MODIFIED),
        ("GET", {"if-none-match": '"v1"'}, _WEAK, _NOT_MODIFIED),
        ("GET", {"if-none-match": '"v0"'}, _STRONG, _PROCEED),
        ("GET", {"if-none-match": '"v1"'}, _BARE, _PROCEED),
        ("GET", {"if-none-match": "v1"}, _STRONG, _PROCEED),
        ("GET", {"if-none-match": "*"}, _BARE, _NOT_MODIFIED),
        ("PUT", {"if-none-match": "*"}, _STRONG, _FAILED),
        ("PUT", {"if-none-match": "*"}, None, _PROCEED),
        ("PUT", {"if-none-match": '"v1"'}, None, _PROCEED),
        # If-Modified-Since, §13.1.3
        ("GET", {"if-modified-since": _EXACT}, _STRONG, _NOT_MODIFIED),
        ("HEAD", {"if-modified-since": _AFTER}, _STRONG, _NOT_MODIFIED),
        ("GET", {"if-modified-since": _BEFORE}, _STRONG, _PROCEED),
        ("GET", {"if-modified-since": "784111778"}, _STRONG, _PROCEED),
        ("GET", {"if-modified-since": _AFTER}, _BARE, _PROCEED),
        ("PUT", {"if-modified-since": _AFTER}, _STRONG, _PROCEED),
        ("GET", {"if-none-match": '"v0"', "if-modified-since": _AFTER}, _STRONG, _PROCEED),
        ("GET", {"if-none-match": "v1", "if-modified-since": _AFTER}, _STRONG, _PROCEED),
        # the order of §13.2.2
        ("GET", {"if-match": '"v0"', "if-none-match": '"v1"'}, _STRONG, _FAILED),
        ("GET", {"if-match": '"v1"', "if-none-match": '"v1"'}, _STRONG, _NOT_MODIFIED),
        (
            "GET",
            {"if-unmodified-since": _EXACT, "if-modified-since": _AFTER},
            _STRONG,
            _NOT_MODIFIED,
        ),
    ],
)
def test_preconditions(
    method: str, headers: dict[str, str], current: Validators | None, expected: Outcome
) -> None:
    assert evaluate(method, headers, current) is expected


@pytest.mark.parametrize(
    ("if_range", "current", "now", "expected"),
    [
        (None, _STRONG, _MODIFIED, True),
        ('"v1"', _STRONG, _MODIFIED, True),
        ('"v0"', _STRONG, _MODIFIED, False),
        ('W/"v1"', _STRONG, _MODIFIED, False),
        ('"v1"', _WEAK, _MODIFIED, False),
        ('"v1"', _BARE, _MODIFIED, False),
        ('"v0", "v1"', _STRONG, _MODIFIED, False),
        ("*", _STRONG, _MODIFIED, False),
        ("", _STRONG, _MODIFIED, False),
        (_EXACT, _STRONG, _MODIFIED + 1, True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", _STRONG, _MODIFIED + 1, True),
        (_EXACT, _STRONG, _MODIFIED, False),
        (_BEFORE, _STRONG, _MODIFIED + 9, False),
        (_AFTER, _STRONG, _MODIFIED + 9, False),
        (_EXACT, _BARE, _MODIFIED + 9, False),
    ],
)
def test_if_range(if_range: str | None, current: Validators, now: int, expected: bool) -> None:
    assert range_applies(if_range, current, now) is expected
