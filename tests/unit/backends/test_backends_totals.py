"""Running totals of CSV: `raw_asgi.backends.totals`. RFC 4180, CONTRACT.md `POST /csv/totals`."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_asgi.backends.totals import RunningTotals, TotalsError, format_decimal

HEADER = b"id,value\r\n"
HEADER_OUT = b"id,value,running_total\r\n"


def _total(pieces: Iterable[bytes], column: str = "value") -> tuple[bytes, str | None]:
    """What comes out, and the message of the failure, None where there was none."""
    totals = RunningTotals(column)
    out = b""
    try:
        for piece in pieces:
            for rows in totals.feed(piece):
                out += rows
        for rows in totals.finish():
            out += rows
    except TotalsError as failure:
        return out, str(failure)
    return out, None


def _bytewise(text: bytes) -> list[bytes]:
    return [text[index : index + 1] for index in range(len(text))]


GOOD = [
    pytest.param(HEADER + b"1,2\r\n2,3.5\r\n", HEADER_OUT + b"1,2,2\r\n2,3.5,5.5\r\n", id="CRLF"),
    pytest.param(b"id,value\n1,2\n2,3\n", HEADER_OUT + b"1,2,2\r\n2,3,5\r\n", id="LF"),
    pytest.param(HEADER + b"1,2", HEADER_OUT + b"1,2,2\r\n", id="no last line end"),
    pytest.param(HEADER, HEADER_OUT, id="header alone"),
    pytest.param(b"id,value", HEADER_OUT, id="header alone without line end"),
    pytest.param(b"\xef\xbb\xbf" + HEADER + b"1,2\r\n", HEADER_OUT + b"1,2,2\r\n", id="BOM"),
    pytest.param(
        b'\xef\xbb\xbf"value"\r\n1\r\n', b"value,running_total\r\n1,1\r\n", id="BOM, then a quote"
    ),
    pytest.param(
        HEADER + b'"a,b",1\r\n"a ""b""",1\r\n"a\r\nb",1\r\n"a\nb",1\r\n',
        HEADER_OUT + b'"a,b",1,1\r\n"a ""b""",1,2\r\n"a\r\nb",1,3\r\n"a\nb",1,4\r\n',
        id="quoted cells",
    ),
    pytest.param(HEADER + b'1,"2"\r\n', HEADER_OUT + b"1,2,2\r\n", id="quoted number"),
    pytest.param(
        b'id,"val\r\nue"\r\n1,2\r\n', b'id,"val\r\nue",running_total\r\n1,2,2\r\n', id="header"
    ),
    pytest.param(HEADER + b"\xe2\x82\xac,1\r\n", HEADER_OUT + b"\xe2\x82\xac,1,1\r\n", id="UTF-8"),
    pytest.param(HEADER + b",1\r\n", HEADER_OUT + b",1,1\r\n", id="empty cell elsewhere"),
    pytest.param(HEADER + b"1,2\r\n\r\n2,3\r\n", HEADER_OUT + b"1,2,2\r\n2,3,5\r\n", id="blank"),
    pytest.param(
        HEADER + b"1,0.1\r\n2,0.2\r\n3,-0.3\r\n4,.5\r\n5,1.\r\n6,+1e2\r\n7,1E-3\r\n8,-101.501\r\n",
        HEADER_OUT
        + b"1,0.1,0.1\r\n2,0.2,0.3\r\n3,-0.3,0\r\n4,.5,0.5\r\n5,1.,1.5\r\n6,+1e2,101.5\r\n"
        + b"7,1E-3,101.501\r\n8,-101.501,0\r\n",
        id="exact decimals",
    ),
    pytest.param(
        HEADER + b"1,9007199254740993\r\n2,0.0000000000000000001\r\n",
        HEADER_OUT
        + b"1,9007199254740993,9007199254740993\r\n"
        + b"2,0.0000000000000000001,9007199254740993.0000000000000000001\r\n",
        id="beyond a float",
    ),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_totals(text: bytes, expected: bytes) -> None:
    column = "val\r\nue" if b"val\r\n" in text else "value"
    assert _total([text], column) == (expected, None)


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_totals_byte_by_byte(text: bytes, expected: bytes) -> None:
    column = "val\r\nue" if b"val\r\n" in text else "value"
    assert _total(_bytewise(text), column) == (expected, None)


ONE = HEADER + b"1,2\r\n"
ONE_OUT = HEADER_OUT + b"1,2,2\r\n"
NO_NUMBER = "a cell of 'value' is no number"
BROKEN = [
    pytest.param(b"", b"", "there is no header row", id="nothing"),
    pytest.param(b"\xef\xbb\xbf", b"", "there is no header row", id="BOM alone"),
    pytest.param(b"\r\n\r\n", b"", "there is no header row", id="blank lines alone"),
    pytest.param(b"id,name\r\n1,2\r\n", b"", "the header has no column 'value'", id="no column"),
    pytest.param(b"Value\r\n", b"", "the header has no column 'value'", id="other case"),
    pytest.param(b"\xff\r\n", b"", "the text is not UTF-8", id="header not UTF-8"),
    pytest.param(ONE + b"2\r\n", ONE_OUT, "a row has 1 cells, the header has 2", id="too few"),
    pytest.param(
        ONE + b"2,3,4\r\n5,6\r\n", ONE_OUT, "a row has 3 cells, the header has 2", id="too many"
    ),
    pytest.param(ONE + b"2,\xff\r\n", ONE_OUT, "the text is not UTF-8", id="not UTF-8"),
    pytest.param(ONE + b"2,\xe2\x82", ONE_OUT, "the text is not UTF-8", id="UTF-8 cut off"),
    pytest.param(ONE + b'2,"3', ONE_OUT, "unexpected end of data", id="open quote"),
    pytest.param(
        ONE + b'2,"3"4\r\n', ONE_OUT, "',' expected after '\"'", id="text after a quoted cell"
    ),
    *(
        pytest.param(ONE + b"2," + cell + b"\r\n3,4\r\n", ONE_OUT, NO_NUMBER, id=repr(cell))
        for cell in (
            b"", b" ", b" 1", b"1 ", b"x", b"1_0", b"1 0", b"0x1", b"nan", b"inf", b"-Infinity",
            b"--1", b"1e", b"e1", b".", b"+", b"1.2.3", b"1e1.5", b"\t1", b"1e12345",
            b"\xd9\xa1", b'"1\n"',
        )
    ),
    *(
        pytest.param(
            ONE + b"2," + cell + b"\r\n", ONE_OUT, "a total of 'value' has too many digits",
            id=repr(cell),
        )
        for cell in (b"1e9999", b"1e-9999", b"1e101", b"1" + b"0" * 100 + b"1")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "message"), BROKEN)
def test_failure_comes_after_the_rows_before_it(text: bytes, expected: bytes, message: str) -> None:
    assert _total([text]) == (expected, message)


@pytest.mark.parametrize(("text", "expected", "message"), BROKEN)
def test_failure_byte_by_byte(text: bytes, expected: bytes, message: str) -> None:
    assert _total(_bytewise(text)) == (expected, message)


def test_rows_come_as_soon_as_they_are_complete() -> None:
    totals = RunningTotals("value")
    assert (list(totals.feed(b"id,val")), totals.started) == ([], False)
    assert (list(totals.feed(b"ue\r\n1")), totals.started) == ([HEADER_OUT], True)
    assert list(totals.feed(b',2\r\n"2\r\n')) == [b"1,2,2\r\n"]
    assert list(totals.feed(b'",3\r\n3,4\r\n5')) == [b'"2\r\n",3,5\r\n3,4,9\r\n']


# CONTRACT.md: a row of more than 1 MiB, or a cell of more than 131072 characters, is too much.
LONGEST = 1 << 20
WIDE = b"value" + b",x" * 15 + b"\r\n1" + b"," * 15 + b"\r\n"
WIDE_OUT = b"value" + b",x" * 15 + b",running_total\r\n1" + b"," * 15 + b",1\r\n"
PIECES = [1 << 22, 65536, 1 << 20, (1 << 20) - 7]


def _cut(text: bytes, piece: int) -> list[bytes]:
    return [text[start : start + piece] for start in range(0, len(text), piece)]


def _row_of(size: int) -> bytes:
    """A row of 16 cells, without its line end; each at most 100000 bytes long."""
    row = b"2" + (b"," + b"x" * 70_000) * 14
    return row + b"," + b"x" * (size - len(row) - 1)


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_row(piece: int) -> None:
    row = _row_of(LONGEST - 2)
    out, failure = _total(_cut(WIDE + row + b"\r\n3" + b"," * 15 + b"\r\n", piece))
    assert failure is None
    assert out == WIDE_OUT + row + b",3\r\n3" + b"," * 15 + b",6\r\n"


@pytest.mark.parametrize("piece", PIECES)
def test_a_row_that_is_too_long(piece: int) -> None:
    text = WIDE + _row_of(LONGEST - 1) + b"\r\n3" + b"," * 15 + b"\r\n"
    assert _total(_cut(text, piece)) == (WIDE_OUT, "a row is longer than 1048576 bytes")


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_cell(piece: int) -> None:
    cell = b"\xe2\x82\xac" * 131072
    out, failure = _total(_cut(HEADER + cell + b",1\r\n", piece))
    assert failure is None
    assert out == HEADER_OUT + cell + b",1,1\r\n"


@pytest.mark.parametrize("piece", PIECES)
def test_a_cell_that_is_too_long(piece: int) -> None:
    text = ONE + b"x" * 131073 + b",1\r\n"
    assert _total(_cut(text, piece)) == (ONE_OUT, "field larger than field limit (131072)")


@pytest.mark.parametrize("piece", [1 << 22, 65536])
def test_a_quote_that_is_never_closed_is_not_held_for_ever(piece: int) -> None:
    text = ONE + b'"' + b"2,3\r\n" * 300_000
    assert _total(_cut(text, piece)) == (ONE_OUT, "a row is longer than 1048576 bytes")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.00", "0"),
        ("0e5", "0"),
        ("0.30", "0.3"),
        ("1E+2", "100"),
        ("-1E-2", "-0.01"),
        ("100", "100"),
        ("1.000", "1"),
        ("-12.340", "-12.34"),
    ],
)
def test_format_decimal(value: str, text: str) -> None:
    assert format_decimal(Decimal(value)) == text


def _naive(rows: Sequence[tuple[str, Decimal]]) -> list[list[str]]:
    """The same by hand: each total the sum of all numbers so far, without trailing zeros."""
    table = [["name", "value", "running_total"]]
    with localcontext(prec=200):
        for index, (name, value) in enumerate(rows):
            total = f"{sum((number for _, number in rows[: index + 1]), Decimal(0)):f}"
            if "." in total:
                total = total.rstrip("0").rstrip(".")
            table.append([name, str(value), "0" if total in ("-0", "") else total])
    return table


NUMBERS = st.decimals(
    min_value=Decimal("-1e20"), max_value=Decimal("1e20"), places=None, allow_nan=False,
).filter(lambda number: -40 <= int(number.as_tuple().exponent) <= 40)  # fmt: skip
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
) | st.text('",\r\n ab', max_size=6)  # fmt: skip


@settings(database=None, deadline=None, max_examples=100)
@given(
    rows=st.lists(st.tuples(NAMES, NUMBERS), max_size=8),
    line_end=st.sampled_from(["\r\n", "\n"]),
    quote_all=st.booleans(),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_any_table_in_any_pieces(
    rows: list[tuple[str, Decimal]], line_end: str, quote_all: bool, cuts: list[int]
) -> None:
    text = io.StringIO(newline="")
    # The writer does not quote a CR where its lines end with LF alone.
    quote_all = quote_all or line_end == "\n"
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)
    writer.writerows([("name", "value"), *rows])
    whole = text.getvalue().encode()
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[start:stop] for start, stop in itertools.pairwise(edges)]
    out, failure = _total(pieces)
    assert failure is None
    parsed = list(csv.reader(io.StringIO(out.decode(), newline=""), strict=True))
    assert parsed == _naive(rows)
