"""Query parameters: CONTRACT.md, "Rules for every endpoint"."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from raw_asgi.http.problem import Problem
from raw_asgi.http.query import Query


def _refused(read: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        read()
    assert caught.value.status == 422
    return caught.value.detail


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        (b"", None),
        (b"b=1", None),
        (b"a", ""),
        (b"a=", ""),
        (b"a=x", "x"),
        (b"a=x&a=y", "y"),
        (b"%61=x%20y+z", "x y z"),
        (b"a=%E2%82%AC", "\u20ac"),
        (b"a=\xe2\x82\xac", "\u20ac"),
        (b"a=%FF", "\ufffd"),
        (b"a=\xff", "\ufffd"),
        (b"a=%zz", "%zz"),
        (b"a=x=y", "x=y"),
        (b"a=x;b=y", "x;b=y"),
    ],
)
def test_text(query_string: bytes, expected: str | None) -> None:
    assert Query.parse(query_string).text("a") == expected


def test_one_hundred_fields_are_read() -> None:
    assert Query.parse(b"&".join([b"a=1"] * 100)).text("a") == "1"


def test_more_than_one_hundred_fields_are_refused() -> None:
    detail = _refused(lambda: Query.parse(b"&".join([b"a=1"] * 101)))
    assert detail == "the query has more than 100 fields"


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        (b"", 7),
        (b"limit=0", 0),
        (b"limit=10", 10),
        (b"limit=007", 7),
        (b"limit=9223372036854775807", 9223372036854775807),
    ],
)
def test_integer(query_string: bytes, expected: int) -> None:
    assert Query.parse(query_string).integer("limit", 7) == expected


def test_integer_without_default() -> None:
    assert Query.parse(b"").integer("limit", None) is None


@pytest.mark.parametrize(
    "value",
    [
        b"", b"1_0", b"%2B1", b"+1", b"-1", b"1e3", b"1.0", b" 1", b"1%0A", b"%D9%A1", b"%C2%B2",
        b"0x1", b"9223372036854775808", b"00000000000000000001",
    ],
)  # fmt: skip
def test_no_integer(value: bytes) -> None:
    detail = _refused(lambda: Query.parse(b"limit=" + value).integer("limit", None))
    assert detail == "limit must be a whole number from 0 to 9223372036854775807"


@pytest.mark.parametrize("value", [b"0", b"10001"])
def test_integer_out_of_bounds(value: bytes) -> None:
    query = Query.parse(b"batch=" + value)
    detail = _refused(lambda: query.integer("batch", 1, minimum=1, maximum=10000))
    assert detail == "batch must be a whole number from 1 to 10000"


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        (b"", 1.5),
        (b"delay=0", 0.0),
        (b"delay=2", 2.0),
        (b"delay=0.25", 0.25),
        (b"delay=" + b"9" * 18, 1e18),
    ],
)
def test_decimal(query_string: bytes, expected: float) -> None:
    assert Query.parse(query_string).decimal("delay", 1.5) == expected


@pytest.mark.parametrize(
    "value",
    [
        b"", b"1.", b".5", b"-1", b"%2B1", b"1e3", b"inf", b"nan", b"1_0", b"1,5", b"1.5.2",
        b"1%0A", b"%D9%A1", b"9" * 99, b"9" * 400,
    ],
)  # fmt: skip
def test_no_decimal(value: bytes) -> None:
    detail = _refused(lambda: Query.parse(b"delay=" + value).decimal("delay", 1.0))
    assert detail == "delay must be a decimal number"


@pytest.mark.parametrize("value", [b"0", b"0.000"])
def test_positive_decimal(value: bytes) -> None:
    detail = _refused(lambda: Query.parse(b"delay=" + value).decimal("delay", 1.0, positive=True))
    assert detail == "delay must be a decimal number above zero"


def test_smallest_positive_decimal() -> None:
    assert Query.parse(b"delay=0.001").decimal("delay", 1.0, positive=True) == 0.001


@pytest.mark.parametrize(
    ("query_string", "expected"), [(b"", False), (b"bom=0", False), (b"bom=1", True)]
)
def test_switch(query_string: bytes, expected: bool) -> None:
    assert Query.parse(query_string).switch("bom") is expected


@pytest.mark.parametrize("value", [b"", b"2", b"true", b"01", b"1%20"])
def test_no_switch(value: bytes) -> None:
    detail = _refused(lambda: Query.parse(b"bom=" + value).switch("bom"))
    assert detail == "bom must be 0 or 1"


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        (b"", None),
        (b"columns=a", ("a",)),
        (b"columns=b,a", ("b", "a")),
        (b"columns=a%2Cb+c", ("a", "b c")),
    ],
)
def test_names(query_string: bytes, expected: tuple[str, ...] | None) -> None:
    assert Query.parse(query_string).names("columns") == expected


@pytest.mark.parametrize("value", [b"", b",", b"a,", b",a", b"a,,b", b"a,b,a"])
def test_no_names(value: bytes) -> None:
    detail = _refused(lambda: Query.parse(b"columns=" + value).names("columns"))
    assert detail == "columns must be names separated by commas, each once"
