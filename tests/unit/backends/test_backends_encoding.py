"""Rows as bytes: `raw_asgi.backends.encoding`. RFC 4180, RFC 8259."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import pytest

from raw_asgi.backends.encoding import CSVEncoder, JSONEncoder
from raw_asgi.backends.tables import Row

Layout = Literal["lines", "array"] | int


class Text(str):
    """A program's own text."""

    __slots__ = ()


class Whole(int):
    """A program's own whole number."""


class Blob(bytes):
    """A blob of a type of its own."""


class Amount(Decimal):
    """A decimal of a type of its own."""


class Moment(datetime):
    """A time of a type of its own."""


class Fraction(float):
    """A program's own number."""


class Formula:
    """A cell of a program's own type, whose text a spreadsheet would run."""

    def __str__(self) -> str:
        return "=1+1"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("plain", b"plain"),
        ("", b""),
        (None, b""),
        ("a,b", b'"a,b"'),
        ('say "a"', b'"say ""a"""'),
        ('"', b'""""'),
        ("a\nb", b'"a\nb"'),
        ("a\rb", b'"a\rb"'),
        ("a\r\nb", b'"a\r\nb"'),
        (" a ", b" a "),
        ("\u20ac", b"\xe2\x82\xac"),
        (0, b"0"),
        (-1, b"-1"),
        (9223372036854775807, b"9223372036854775807"),
        (1.5, b"1.5"),
        (0.1, b"0.1"),
        (-0.0, b"-0.0"),
        (1e300, b"1e+300"),
        (math.nan, b"nan"),
        (math.inf, b"inf"),
        (-math.inf, b"-inf"),
        (Decimal("1.10"), b"1.10"),
        (b"\x00\xff\xfe", b"AP/+"),
        (bytearray(b"a"), b"YQ=="),
        (memoryview(b"ab"), b"YWI="),
        (b"", b""),
        ("=1+1", b"=1+1"),
    ],
)
def test_csv_cell(cell: object, expected: bytes) -> None:
    encoder = CSVEncoder(("a", "b"))
    assert encoder.encode([("x", cell)]) == b"x," + expected + b"\r\n"


def test_csv_rows() -> None:
    encoder = CSVEncoder(("id", "name"))
    assert encoder.head == b"id,name\r\n"
    assert encoder.encode([(1, "a"), (2, "b")]) == b"1,a\r\n2,b\r\n"
    assert encoder.rest() == b""
    assert encoder.tail == b""


def test_csv_single_empty_cell_is_no_empty_line() -> None:
    """A reader would take an empty line for no row at all."""
    assert CSVEncoder(("a",)).encode([(None,), ("",)]) == b'""\r\n""\r\n'


def test_csv_header_is_quoted() -> None:
    assert CSVEncoder(("a,b", 'c"d', "e\nf")).head == b'"a,b","c""d","e\nf"\r\n'


def test_csv_byte_order_mark_is_first_and_once() -> None:
    encoder = CSVEncoder(("a",), bom=True)
    assert encoder.head == b"\xef\xbb\xbfa\r\n"
    assert encoder.encode([("b",)]) == b"b\r\n"


def test_csv_byte_order_mark_is_not_guarded() -> None:
    assert CSVEncoder(("=a",), bom=True, guard=True).head == b"\xef\xbb\xbf'=a\r\n"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", b"'=1+1"),
        ("+1+1", b"'+1+1"),
        ("-1+1", b"'-1+1"),
        ("@SUM(A1)", b"'@SUM(A1)"),
        ("\tx", b"'\tx"),
        ("\rx", b'"\'\rx"'),
        ('=HYPERLINK("a")', b'"\'=HYPERLINK(""a"")"'),
        ("-", b"'-"),
        ("+", b"'+"),
        ("-1.5.5", b"'-1.5.5"),
        ("-1 ", b"'-1 "),
        ("-1\n", b'"\'-1\n"'),
        ("-\u0661", b"'-\xd9\xa1"),
        (-math.inf, b"'-inf"),
        (Decimal("-Infinity"), b"'-Infinity"),
        (Formula(), b"'=1+1"),
        # what a spreadsheet takes for a number, or does not run
        ("-1", b"-1"),
        ("+1", b"+1"),
        ("-1.5", b"-1.5"),
        ("-.5", b"-.5"),
        ("-1.", b"-1."),
        ("+1e-5", b"+1e-5"),
        ("-1E+5", b"-1E+5"),
        (-1, b"-1"),
        (-1.5, b"-1.5"),
        (-1e-300, b"-1e-300"),
        (Decimal("-1.50"), b"-1.50"),
        ("a=1", b"a=1"),
        (" =1", b" =1"),
        ("\n=1", b'"\n=1"'),
        ("'=1", b"'=1"),
        (None, b""),
        ("", b""),
        (math.nan, b"nan"),
        # base64 of what begins with 0xF8 begins with a plus sign
        (b"\xf8\x00\x00", b"'+AAA"),
        (b"\xff", b"/w=="),
    ],
)
def test_csv_guard(cell: object, expected: bytes) -> None:
    encoder = CSVEncoder(("a", "b"), guard=True)
    assert encoder.encode([("x", cell)]) == b"x," + expected + b"\r\n"


def test_csv_guard_holds_for_the_header() -> None:
    assert CSVEncoder(("=a", "b", "-1"), guard=True).head == b"'=a,b,-1\r\n"


@pytest.mark.parametrize("row", [("\ud800", 1), (1,), (1, 2, 3), ()])
def test_csv_row_that_cannot_be_encoded(row: Row) -> None:
    encoder = CSVEncoder(("a", "b"))
    with pytest.raises(ValueError, match=r"surrogates not allowed|cells"):
        encoder.encode([row])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b"null"),
        (True, b"true"),
        (0, b"0"),
        (-9223372036854775808, b"-9223372036854775808"),
        (1 << 64, b"18446744073709551616"),
        (-(1 << 80), b"-1208925819614629174706176"),
        (1.5, b"1.5"),
        (0.1, b"0.1"),
        (1e300, b"1e300"),
        (math.nan, b"null"),
        (math.inf, b"null"),
        (-math.inf, b"null"),
        ("a", b'"a"'),
        ('"\\', b'"\\"\\\\"'),
        ("a\r\nb\0", b'"a\\r\\nb\\u0000"'),
        ("\u2028", b'"\xe2\x80\xa8"'),
        (b"\x00\xff\xfe", b'"AP/+"'),
        (bytearray(b"a"), b'"YQ=="'),
        (memoryview(b"ab"), b'"YWI="'),
        (Decimal("1.10"), b'"1.10"'),
        (Text("a"), b'"a"'),
        (Whole(1), b"1"),
        (Fraction(1.5), b"1.5"),
        (Blob(b"a"), b'"YQ=="'),
        (Amount("1.10"), b'"1.10"'),
        (Moment(2026, 1, 2, 3, 4, 5), b'"2026-01-02T03:04:05"'),
    ],
)
def test_json_value(value: object, expected: bytes) -> None:
    assert JSONEncoder(("a",), "lines").encode([(value,)]) == b'{"a":' + expected + b"}\n"


def test_json_members_have_the_order_of_the_columns() -> None:
    assert JSONEncoder(("b", "a", "c"), "lines").encode([(1, 2, 3)]) == b'{"b":1,"a":2,"c":3}\n'


@pytest.mark.parametrize(
    ("layout", "batches", "expected"),
    [
        ("lines", [], b""),
        ("lines", [[(1,), (2,)], [(3,)]], b'{"a":1}\n{"a":2}\n{"a":3}\n'),
        ("array", [], b"[]"),
        ("array", [[(1,), (2,)], [(3,)]], b'[{"a":1},{"a":2},{"a":3}]'),
        ("array", [[(1,)]], b'[{"a":1}]'),
        (1, [[(1,), (2,)]], b'[{"a":1}]\n[{"a":2}]\n'),
        (2, [], b""),
        (2, [[(1,), (2,), (3,)]], b'[{"a":1},{"a":2}]\n[{"a":3}]\n'),
        (2, [[(1,)], [(2,)], [(3,)]], b'[{"a":1},{"a":2}]\n[{"a":3}]\n'),
        (2, [[(1,), (2,)], [(3,), (4,)]], b'[{"a":1},{"a":2}]\n[{"a":3},{"a":4}]\n'),
        (3, [[(1,), (2,)]], b'[{"a":1},{"a":2}]\n'),
    ],
)
def test_json_layout(layout: Layout, batches: Sequence[Sequence[Row]], expected: bytes) -> None:
    encoder = JSONEncoder(("a",), layout)
    body = encoder.head + b"".join(map(encoder.encode, batches)) + encoder.rest() + encoder.tail
    assert body == expected


@pytest.mark.parametrize(
    "row", [(object(),), ("\ud800",), (1j,), (), (1, 2)], ids=lambda row: repr(len(row))
)
@pytest.mark.parametrize("layout", ["lines", "array", 2])
def test_json_row_that_cannot_be_encoded_changes_nothing(row: Row, layout: Layout) -> None:
    encoder = JSONEncoder(("a",), layout)
    encoder.encode([(1,)])
    with pytest.raises((TypeError, ValueError)):
        encoder.encode([(2,), row])
    expected = {"lines": b'{"a":3}\n', "array": b',{"a":3}', 2: b',{"a":3}]\n'}
    assert encoder.encode([(3,)]) == expected[layout]


@pytest.mark.parametrize("name", ["", "a b", "\u20ac", "from", 'say "a"', "a\\b", "a\n", "\0"])
def test_json_names_of_members(name: str) -> None:
    line = JSONEncoder(("cell_1", name), "lines").encode([(1, 2)])
    assert line == b'{"cell_1":1,' + json.dumps(name, ensure_ascii=False).encode() + b":2}\n"


@pytest.mark.parametrize("name", ["a", "a\n"])
@pytest.mark.parametrize("row", [(), (1,), (1, 2, 3)])
def test_json_row_of_another_width_cannot_be_encoded(name: str, row: Row) -> None:
    with pytest.raises((TypeError, ValueError)):
        JSONEncoder((name, "b"), "lines").encode([row])


def test_json_text_with_what_stands_between_two_objects_is_one_line() -> None:
    encoder = JSONEncoder(("a", "b"), "lines")
    rows: list[Row] = [("},{", 1), ({"c": [{}, {}]}, 2)]
    assert encoder.encode(rows) == b'{"a":"},{","b":1}\n{"a":{"c":[{},{}]},"b":2}\n'


def test_json_no_rows_are_no_bytes() -> None:
    assert JSONEncoder(("a",), "lines").encode([]) == b""
    assert JSONEncoder(("a",), "array").encode([]) == b""


def test_json_batch_leaves_as_it_grows() -> None:
    encoder = JSONEncoder(("a",), 3)
    assert encoder.encode([(1,)]) == b'[{"a":1}'
    assert encoder.encode([(2,), (3,)]) == b',{"a":2},{"a":3}]\n'
    assert encoder.rest() == b""
