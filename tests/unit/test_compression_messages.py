"""What the gzip middleware makes of each ASGI message. CONTRACT.md, *Gzip*."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator

import anyio
import pytest
from compressing import (
    GZIP,
    LENGTH,
    PLAIN,
    TEXT,
    Fields,
    Script,
    answer,
    exchange,
    make_body,
    make_start,
)
from fakes import PATIENCE, call, make_scope

from raw_asgi.asgi.types import Message
from raw_asgi.compression import GZipMiddleware

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("fields", [[TEXT, LENGTH, (b"etag", b'"a"')], [TEXT]])
async def test_head_has_the_headers_of_get(fields: Fields) -> None:
    app = Script(make_start(*fields), make_body(PLAIN, more_body=True), make_body(b""))
    head = await exchange(Script(make_start(*fields), make_body(b"")), method="HEAD")
    assert head.headers == (await exchange(app)).headers
    assert head.headers[b"content-encoding"] == b"gzip"
    assert head.pieces == [b""]
    assert head.finished


async def test_head_of_something_small() -> None:
    fields = [TEXT, (b"content-length", b"10")]
    sent = await exchange(Script(make_start(*fields), make_body(b"")), method="HEAD")
    assert sent.headers[b"content-length"] == b"10"
    assert b"content-encoding" not in sent.headers


@pytest.mark.parametrize(
    ("size", "announced", "compressed"),
    [
        (499, True, False),
        (500, True, True),
        (499, False, False),
        (500, False, True),
        (0, False, False),
    ],
)
async def test_what_is_small_is_left_alone(size: int, announced: bool, compressed: bool) -> None:
    fields = [TEXT, (b"content-length", b"%d" % size)] if announced else [TEXT]
    sent = await exchange(answer(*fields, body=b"x" * size))
    assert (b"content-encoding" in sent.headers) is compressed
    assert sent.headers[b"vary"] == b"Accept-Encoding"
    assert (gzip.decompress(sent.body) if compressed else sent.body) == b"x" * size
    assert (sent.headers.get(b"content-length") == b"%d" % size) is (announced and not compressed)


async def test_what_may_grow_is_compressed_however_small_its_first_piece() -> None:
    sent = await exchange(
        Script(make_start(TEXT), make_body(b"x", more_body=True), make_body(b"y"))
    )
    assert gzip.decompress(sent.body) == b"xy"


async def test_nothing_of_the_application_is_changed() -> None:
    fields = [(b"Content-Type", b"text/plain"), LENGTH, (b"ETag", b'"a"')]
    start: Message = {"type": "http.response.start", "status": 200, "headers": fields}
    body = make_body(PLAIN)
    extensions: dict[str, dict[str, object]] = {"http.response.pathsend": {}}
    for accepts in (b"gzip", b"identity"):
        scope = make_scope("GET", "/", (b"accept-encoding", accepts), extensions=extensions)
        sent = await call(GZipMiddleware(Script(start, body)), scope)
        assert sent.start is not start
        assert fields == [(b"Content-Type", b"text/plain"), LENGTH, (b"ETag", b'"a"')]
        assert start["headers"] is fields
        assert body == {"type": "http.response.body", "body": PLAIN, "more_body": False}
        assert scope["extensions"] is extensions
        assert extensions == {"http.response.pathsend": {}}


@pytest.mark.parametrize("media_type", [b"text/plain", b"image/png"])
@pytest.mark.parametrize("accepts", [b"gzip", b"identity"])
async def test_headers_may_be_any_iterable(media_type: bytes, accepts: bytes) -> None:
    """www.rst, *Response Start*: `Iterable[[byte string, byte string]]`."""

    def yield_fields() -> Iterator[tuple[bytes, bytes]]:
        yield b"content-type", media_type
        yield b"x-name", b"kept"

    start: Message = {"type": "http.response.start", "status": 200, "headers": yield_fields()}
    sent = await exchange(Script(start, make_body(PLAIN)), (b"accept-encoding", accepts))
    assert sent.headers[b"x-name"] == b"kept"


async def test_messages_need_not_have_what_is_optional() -> None:
    messages: list[Message] = [
        {"type": "http.response.start", "status": 200},
        {"type": "http.response.body"},
    ]
    for accepts in (b"gzip", b"identity"):
        sent = await exchange(Script(*messages), (b"accept-encoding", accepts))
        assert sent.types == ["http.response.start", "http.response.body"]
        assert sent.body == b""


async def test_a_body_message_without_body() -> None:
    message: Message = {"type": "http.response.body", "more_body": True}
    last: Message = {"type": "http.response.body"}
    sent = await exchange(
        Script(make_start(TEXT), message, make_body(b"x", more_body=True), message, last)
    )
    assert gzip.decompress(sent.body) == b"x"
    assert sent.finished


async def test_other_messages_pass_in_their_place() -> None:
    hint: Message = {"type": "http.response.early_hint", "links": [b"</a.css>"]}
    unknown: Message = {"type": "http.response.unheard_of", "value": 1}
    trailers: Message = {"type": "http.response.trailers", "headers": [(b"a", b"b")]}
    start = {**make_start(TEXT), "trailers": True}
    app = Script(hint, start, unknown, make_body(PLAIN, more_body=True), make_body(b""), trailers)
    sent = await exchange(app)
    assert [kind for kind, _ in itertools.groupby(sent.types)] == [
        "http.response.early_hint",
        "http.response.start",
        "http.response.unheard_of",
        "http.response.body",
        "http.response.trailers",
    ]
    assert sent.messages[0] == hint
    assert sent.start["trailers"] is True
    assert unknown in sent.messages
    assert sent.messages[-1] == trailers


async def test_extensions_that_send_files_are_hidden() -> None:
    app = answer(TEXT, LENGTH)
    offered: dict[str, dict[str, object]] = {
        "http.response.pathsend": {},
        "http.response.zerocopysend": {},
        "http.response.trailers": {},
    }
    await call(GZipMiddleware(app), make_scope("GET", "/", GZIP, extensions=offered))
    assert app.scope["extensions"] == {"http.response.trailers": {}}


async def test_extensions_stay_for_a_client_without_gzip() -> None:
    app = Script(make_start(TEXT, LENGTH), {"type": "http.response.pathsend", "path": "/srv/a"})
    offered: dict[str, dict[str, object]] = {"http.response.pathsend": {}}
    sent = await call(GZipMiddleware(app), make_scope(extensions=offered))
    assert app.scope["extensions"] == {"http.response.pathsend": {}}
    assert sent.messages[1] == {"type": "http.response.pathsend", "path": "/srv/a"}
    assert sent.headers[b"vary"] == b"Accept-Encoding"


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_other_connections_pass(kind: str) -> None:
    app = Script({"type": f"{kind}.something"})
    scope = {"type": kind}
    sent = await call(GZipMiddleware(app), scope)
    assert sent.messages == [{"type": f"{kind}.something"}]
    assert app.scope is scope


@pytest.mark.parametrize("more_body", [True, False])
async def test_what_comes_after_the_end_is_left_to_the_server(more_body: bool) -> None:
    late = make_body(b"late", more_body=more_body)
    with anyio.fail_after(PATIENCE):
        sent = await exchange(Script(make_start(TEXT), make_body(PLAIN), late))
    assert gzip.decompress(sent.pieces[0]) == PLAIN
    assert sent.messages[2] == late
