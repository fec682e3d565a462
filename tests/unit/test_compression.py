"""What the gzip middleware compresses: CONTRACT.md, *Gzip*; RFC 9110 §8.4, §12.5.3."""

from __future__ import annotations

import gzip

import pytest
from compressing import (
    GZIP,
    LENGTH,
    PLAIN,
    TEXT,
    Fields,
    answer,
    exchange,
)

pytestmark = pytest.mark.anyio


async def test_a_whole_answer() -> None:
    sent = await exchange(answer(TEXT, LENGTH, (b"etag", b'"a"'), (b"x-name", b"kept")))
    assert sent.headers == {
        b"content-type": b"text/plain; charset=utf-8",
        b"x-name": b"kept",
        b"etag": b'W/"a"',
        b"vary": b"Accept-Encoding",
        b"content-encoding": b"gzip",
    }
    assert gzip.decompress(sent.body) == PLAIN
    assert len(sent.body) < 600
    assert sent.finished


@pytest.mark.parametrize(
    ("accept_encoding", "compressed"),
    [
        (b"gzip", True),
        (b"GZip", True),
        (b"x-gzip", True),
        (b"br, gzip", True),
        (b"gzip;q=0.1", True),
        (b"*", True),
        (b"identity, *;q=1", True),
        (b"", False),
        (b"br", False),
        (b"notgzip", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000, *", False),
        (b"*;q=0", False),
        (b"identity", False),
        (b"identity, gzip;q=0.5", False),
        (b"gzip;q=x", False),
    ],
)
async def test_negotiation(accept_encoding: bytes, compressed: bool) -> None:
    sent = await exchange(answer(TEXT, LENGTH), (b"accept-encoding", accept_encoding))
    assert (sent.headers.get(b"content-encoding") == b"gzip") is compressed
    assert (sent.body == PLAIN) is not compressed
    assert sent.headers[b"vary"] == b"Accept-Encoding"


async def test_lines_of_accept_encoding_are_joined() -> None:
    fields = ((b"accept-encoding", b"gzip;q=0.5"), (b"Accept-Encoding", b"identity"))
    assert (await exchange(answer(TEXT, LENGTH), *fields)).body == PLAIN


async def test_no_accept_encoding_is_identity() -> None:
    sent = await exchange(answer(TEXT, LENGTH, (b"etag", b'"a"')), (b"host", b"a"))
    assert sent.body == PLAIN
    assert sent.headers == {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": b"600",
        b"etag": b'"a"',
        b"vary": b"Accept-Encoding",
    }


@pytest.mark.parametrize("accepts", [b"gzip", b"identity"])
@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ([], b"Accept-Encoding"),
        ([b"Accept"], b"Accept, Accept-Encoding"),
        ([b"Accept, Origin"], b"Accept, Origin, Accept-Encoding"),
        ([b"Accept", b"Origin"], b"Accept, Origin, Accept-Encoding"),
        ([b"accept-encoding"], b"accept-encoding"),
        ([b"*"], b"*"),
        ([b""], b"Accept-Encoding"),
    ],
)
async def test_vary(accepts: bytes, vary: list[bytes], expected: bytes) -> None:
    app = answer(TEXT, LENGTH, *((b"vary", value) for value in vary))
    sent = await exchange(app, (b"accept-encoding", accepts))
    assert sent.headers[b"vary"] == expected


@pytest.mark.parametrize(
    ("media_type", "compressed"),
    [
        (b"text/html", True),
        (b"TEXT/CSV; charset=utf-8; header=present", True),
        (b"application/json", True),
        (b"application/jsonl", True),
        (b"application/x-ndjson", True),
        (b"application/problem+json", True),
        (b"application/javascript", True),
        (b"application/xml", True),
        (b"application/atom+xml", True),
        (b"image/svg+xml", True),
        (b"image/png", False),
        (b"video/mp4", False),
        (b"application/zip", False),
        (b"application/gzip", False),
        (b"application/octet-stream", False),
        (b"application/jsonx", False),
        (b"font/woff2", False),
        (b"multipart/byteranges; boundary=a", False),
        (b"nonsense", False),
    ],
)
async def test_what_shrinks_is_compressed(media_type: bytes, compressed: bool) -> None:
    sent = await exchange(answer((b"content-type", media_type), LENGTH))
    assert (b"content-encoding" in sent.headers) is compressed
    assert (b"vary" in sent.headers) is compressed
    assert (sent.body == PLAIN) is not compressed


@pytest.mark.parametrize(
    "fields",
    [
        [LENGTH],
        [TEXT, LENGTH, (b"content-encoding", b"br")],
        [TEXT, LENGTH, (b"content-encoding", b"identity")],
        [TEXT, LENGTH, (b"cache-control", b"no-transform")],
        [TEXT, LENGTH, (b"cache-control", b"max-age=1, No-Transform")],
        [TEXT, LENGTH, (b"cache-control", b"public"), (b"cache-control", b"no-transform")],
    ],
)
@pytest.mark.parametrize("accepts", [b"gzip", b"identity"])
async def test_left_alone(fields: Fields, accepts: bytes) -> None:
    sent = await exchange(answer(*fields, (b"etag", b'"a"')), (b"accept-encoding", accepts))
    assert sent.start["headers"] == [*fields, (b"etag", b'"a"')]
    assert sent.body == PLAIN


async def test_a_directive_that_only_looks_like_no_transform() -> None:
    sent = await exchange(answer(TEXT, LENGTH, (b"cache-control", b"x-no-transform")))
    assert b"content-encoding" in sent.headers


@pytest.mark.parametrize("status", [204, 205])
async def test_a_status_without_content(status: int) -> None:
    sent = await exchange(answer(TEXT, status=status, body=b""))
    assert sent.headers == {b"content-type": b"text/plain; charset=utf-8"}
    assert sent.body == b""


async def test_a_part_is_left_alone() -> None:
    """A range is of the plain bytes."""
    sent = await exchange(answer(TEXT, LENGTH, (b"content-range", b"bytes 0-599/900"), status=206))
    assert b"content-encoding" not in sent.headers
    assert sent.headers[b"content-length"] == b"600"
    assert sent.headers[b"vary"] == b"Accept-Encoding", "a cache must know that the 200 varies"
    assert sent.body == PLAIN


@pytest.mark.parametrize("status", [404, 500])
async def test_errors_are_compressed_too(status: int) -> None:
    sent = await exchange(answer(TEXT, LENGTH, status=status))
    assert gzip.decompress(sent.body) == PLAIN


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([GZIP, (b"if-none-match", b'W/"a"')], b'W/"a"'),
        ([GZIP, (b"if-none-match", b'"b", W/"a"')], b'W/"a"'),
        ([GZIP, (b"if-none-match", b'"a"')], b'"a"'),
        ([GZIP, (b"if-none-match", b"*")], b'"a"'),
        ([GZIP], b'"a"'),
    ],
)
async def test_304_has_the_tag_that_the_client_asked_with(fields: Fields, expected: bytes) -> None:
    sent = await exchange(answer((b"etag", b'"a"'), status=304, body=b""), *fields)
    assert sent.headers == {b"etag": expected, b"vary": b"Accept-Encoding"}
    assert sent.body == b""
    assert sent.finished


async def test_304_for_a_client_without_gzip() -> None:
    app = answer((b"etag", b'"a"'), status=304, body=b"")
    sent = await exchange(app, (b"if-none-match", b'"a"'))
    assert sent.headers == {b"etag": b'"a"', b"vary": b"Accept-Encoding"}


async def test_a_weak_tag_stays_as_it_is() -> None:
    sent = await exchange(answer(TEXT, LENGTH, (b"etag", b'W/"a"')))
    assert sent.headers[b"etag"] == b'W/"a"'


async def test_digests_of_the_plain_bytes_are_dropped() -> None:
    """RFC 9530 §2: Content-Digest is of the bytes that are sent."""
    sent = await exchange(answer(TEXT, LENGTH, (b"content-digest", b"sha-256=:AA==:")))
    assert b"content-digest" not in sent.headers
