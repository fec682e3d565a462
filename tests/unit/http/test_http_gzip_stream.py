"""The gzip coding: RFC 1952."""

from __future__ import annotations

import gzip
import random
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_asgi.http.gzip_stream import Flush, GZipStream

_NOISE = b64encode(random.Random(1).randbytes(48 * 1024))  # noqa: S311 - 64 KiB, always the same
_ROWS = b"".join(
    b"%d,station-%03d,%d.%02d,%d,ok\r\n" % (i, i * 7919 % 500, i % 60, i * 13 % 100, i * 31 % 101)
    for i in range(3000)
)


def compress(*pieces: bytes) -> bytes:
    """The whole member that a stream makes of pieces."""
    stream = GZipStream()
    return b"".join(map(stream.compress, pieces)) + stream.compress(b"", Flush.FINISH)


@given(st.lists(st.sampled_from([b"", b"a", b"abc" * 50, _ROWS, _NOISE])))
def test_any_pieces_come_back(pieces: list[bytes]) -> None:
    assert gzip.decompress(compress(*pieces)) == b"".join(pieces)


@pytest.mark.parametrize("content", [b"a", _ROWS, _NOISE])
def test_what_was_flushed_can_be_decoded(content: bytes) -> None:
    stream, decoder = GZipStream(), zlib.decompressobj(wbits=31)
    for _ in range(3):
        assert decoder.decompress(stream.compress(content, Flush.SYNC)) == content
    assert not decoder.eof
    assert decoder.decompress(stream.compress(content, Flush.FINISH)) == content
    assert decoder.eof


def test_without_a_flush_small_pieces_are_joined() -> None:
    stream = GZipStream()
    stream.compress(b"first", Flush.SYNC)
    assert [stream.compress(b"%06d\n" % number) for number in range(1000)] == [b""] * 1000


def test_nothing_is_a_member_too() -> None:
    assert gzip.decompress(compress()) == b""


@pytest.mark.parametrize(
    ("first", "fast"),
    [
        (_NOISE, True),
        (_NOISE[: 32 * 1024], True),
        (_NOISE[: 32 * 1024 - 1], False),
        (_ROWS, False),
    ],
)
def test_the_first_piece_chooses_the_coder(first: bytes, fast: bool) -> None:
    """The fast one for what it makes as small, and where there is enough to tell."""
    stream = GZipStream()
    stream.compress(first)
    assert stream.fast is fast
    stream.compress(_ROWS if fast else _NOISE)
    assert stream.fast is fast


@pytest.mark.parametrize(("content", "may_add"), [(_ROWS, 1.05), (_NOISE, 1.02)])
def test_the_size_is_about_that_of_the_highest_level(content: bytes, may_add: float) -> None:
    assert len(compress(content)) <= may_add * len(gzip.compress(content, 9))
