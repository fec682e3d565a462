"""Range and multipart/byteranges: RFC 9110 §14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.ranges import ByteRange, MultipartByteRanges, parse_range


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 9110 §14.1.2, of a content of 10000 bytes
        ("bytes=0-499", [ByteRange(0, 500)]),
        ("bytes=500-999", [ByteRange(500, 1000)]),
        ("bytes=-500", [ByteRange(9500, 10000)]),
        ("bytes=9500-", [ByteRange(9500, 10000)]),
        ("bytes=0-0,-1", [ByteRange(0, 1), ByteRange(9999, 10000)]),
        ("bytes= 0-999, 4500-5499, -1000", [(0, 1000), (4500, 5500), (9000, 10000)]),
        ("bytes=500-700,601-999", [(500, 701), (601, 1000)]),
        # cut at the end of the content
        ("bytes=0-", [(0, 10000)]),
        ("bytes=9999-10000", [(9999, 10000)]),
        ("bytes=0-99999999999999999999999999", [(0, 10000)]),
        ("bytes=-10001", [(0, 10000)]),
        # the unit's name has no case, list elements may be empty
        ("BYTES=1-2", [(1, 3)]),
        (" bytes=,1-2 ,\t, 4-4,", [(1, 3), (4, 5)]),
        ("bytes=0001-0002", [(1, 3)]),
        # in the order asked, and twice if asked twice
        ("bytes=5-5,1-1", [(5, 6), (1, 2)]),
        ("bytes=5-5,5-5", [(5, 6), (5, 6)]),
        # what is unsatisfiable drops out of a set
        ("bytes=10000-,1-1", [(1, 2)]),
        ("bytes=-0,1-1", [(1, 2)]),
    ],
)
def test_satisfiable(value: str, expected: list[ByteRange | tuple[int, int]]) -> None:
    ranges = [each if isinstance(each, ByteRange) else ByteRange(*each) for each in expected]
    assert parse_range(value, 10000) == ranges


@pytest.mark.parametrize(
    "value",
    ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999-", "bytes=-0,-0"],
)
def test_unsatisfiable(value: str) -> None:
    assert parse_range(value, 10000) == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=1--2",
        "bytes=--1",
        "bytes=2-1",
        "bytes=0-0,2-1",
        "bytes=0-1_0",
        "bytes=+0-1",
        "bytes=0 - 1",
        "bytes=0-1;2-3",
        "bytes =0-1",
        "bytes:0-1",
        "bytes=0-1\n",
        "bytes=\u0661-\u0662",
        "bytes=\u00b2-",
        "byte\u017f=0-1",
        "lines=0-1",
        "0-1",
        "bytes=0-" + "9" * 101,
    ],
)
def test_ignored(value: str) -> None:
    assert parse_range(value, 10000) is None


def test_one_hundred_ranges_are_served() -> None:
    assert parse_range("bytes=" + ",".join(["0-0"] * 100), 1000) == [ByteRange(0, 1)] * 100


def test_more_than_one_hundred_ranges_are_ignored() -> None:
    assert parse_range("bytes=" + ",".join(["0-0"] * 101), 1000) is None


def test_ranges_that_add_up_to_the_content_are_served() -> None:
    assert parse_range("bytes=0-4,5-9", 10) == [ByteRange(0, 5), ByteRange(5, 10)]


def test_ranges_that_add_up_to_more_than_the_content_are_ignored() -> None:
    assert parse_range("bytes=0-5,5-9", 10) is None


def test_what_is_unsatisfiable_does_not_add_up() -> None:
    assert parse_range("bytes=0-9,20-30", 10) == [ByteRange(0, 10)]


def test_an_int_range_of_an_empty_content_is_unsatisfiable() -> None:
    assert parse_range("bytes=0-", 0) == []


def test_a_suffix_of_an_empty_content_is_ignored() -> None:
    assert parse_range("bytes=-5", 0) is None


_positions = st.integers(0, 40).map(str)
_specs = st.one_of(
    st.builds("{}-{}".format, _positions, _positions | st.just("")),
    st.builds("-{}".format, _positions),
)


@given(st.lists(_specs, max_size=6).map(",".join) | st.text(max_size=12), st.integers(0, 30))
def test_no_range_leaves_the_content(range_set: str, size: int) -> None:
    for each in parse_range(f"bytes={range_set}", size) or []:
        assert 0 <= each.start < each.stop <= size


def test_content_range() -> None:
    assert ByteRange(0, 10).content_range(100) == "bytes 0-9/100"
    assert ByteRange(0, 10).size == 10


def _framed(content: bytes, framing: MultipartByteRanges) -> bytes:
    parts = (framing.head(each) + content[each.start : each.stop] for each in framing.ranges)
    return b"".join(parts) + framing.tail


def test_multipart_layout() -> None:
    framing = MultipartByteRanges("B", "text/plain", 10, (ByteRange(0, 2), ByteRange(8, 10)))
    expected = (
        b"--B\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Range: bytes 0-1/10\r\n"
        b"\r\n"
        b"01\r\n"
        b"--B\r\n"
        b"Content-Type: text/plain\r\n"
        b"Content-Range: bytes 8-9/10\r\n"
        b"\r\n"
        b"89\r\n"
        b"--B--\r\n"
    )
    assert _framed(b"0123456789", framing) == expected
    assert framing.content_length == len(expected)
    assert framing.content_type == "multipart/byteranges; boundary=B"


def test_multipart_layout_of_one_range_asked_twice() -> None:
    framing = MultipartByteRanges("B", "a/b", 9, (ByteRange(1, 2), ByteRange(1, 2)))
    part = b"--B\r\nContent-Type: a/b\r\nContent-Range: bytes 1-1/9\r\n\r\n1"
    expected = part + b"\r\n" + part + b"\r\n--B--\r\n"
    assert _framed(b"012345678", framing) == expected
    assert framing.content_length == len(expected)
