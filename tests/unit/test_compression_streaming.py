"""The gzip middleware around streams, whole and broken. CONTRACT.md, *Gzip*."""

from __future__ import annotations

import gzip

import anyio
import pytest
from compressing import (
    GZIP,
    NEVER,
    TEXT,
    ApplicationBroke,
    Script,
    answer,
    decode,
    exchange,
    make_body,
    make_start,
)
from fakes import PATIENCE, BrokenConnection, Client, Sent, make_scope

from raw_asgi.asgi.types import Message, Receive, Scope, Send
from raw_asgi.compression import GZipMiddleware

pytestmark = pytest.mark.anyio


async def test_an_empty_first_piece_lets_the_headers_leave() -> None:
    sent = Sent()
    go_on = anyio.Event()

    async def wait_for_headers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        await send(make_body(b"", more_body=True))
        await go_on.wait()
        await send(make_body(b"x"))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            scope = make_scope("GET", "/", GZIP)
            tasks.start_soon(GZipMiddleware(wait_for_headers), scope, Client().receive, sent.send)
            await sent.until(lambda: bool(sent.messages))
            go_on.set()
    assert sent.headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(sent.body) == b"x"


async def test_pieces_are_joined_until_a_flush_is_due() -> None:
    """A flush for every piece would inflate the stream."""
    pieces = [make_body(b"%06d\n" % number, more_body=True) for number in range(1000)]
    sent = await exchange(Script(make_start(TEXT), *pieces, make_body(b"")))
    assert gzip.decompress(sent.body) == b"".join(b"%06d\n" % number for number in range(1000))
    assert len(sent.pieces) < 100


async def test_a_large_piece() -> None:
    content = b"".join(b"%015d\n" % number for number in range(60_000))
    sent = await exchange(answer(TEXT, body=content))
    assert gzip.decompress(sent.body) == content


async def test_each_piece_can_be_decoded_once_it_is_due() -> None:
    """The application waits for its reader, and says nothing more: time alone flushes."""
    sent = Sent()
    decoded = [anyio.Event() for _ in range(3)]

    async def wait_for_reader(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        for number, event in enumerate(decoded):
            await send(make_body(b"first %d\n" % number, more_body=True))
            await send(make_body(b"second %d\n" % number, more_body=True))
            await event.wait()
        await send(make_body(b""))

    middleware = GZipMiddleware(wait_for_reader, flush_seconds=0.01)
    expected = b""
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(middleware, make_scope("GET", "/", GZIP), Client().receive, sent.send)
            for number, event in enumerate(decoded):
                expected += b"first %d\nsecond %d\n" % (number, number)
                await sent.until(lambda: decode(sent.pieces) == expected)  # noqa: B023
                event.set()
    assert gzip.decompress(sent.body) == expected


async def test_each_event_of_an_event_stream_leaves_at_once() -> None:
    events = [b"id: %d\ndata: x\n\n" % number for number in range(5)]
    sent = Sent()
    seen: list[bytes] = []

    async def look_after_each(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start((b"content-type", b"text/event-stream; charset=utf-8")))
        for event in events:
            await send(make_body(event, more_body=True))
            seen.append(decode(sent.pieces))
        await send(make_body(b""))

    middleware = GZipMiddleware(look_after_each, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, sent.send)
    assert seen == [b"".join(events[: number + 1]) for number in range(5)]


async def test_after_the_end_nothing_is_flushed() -> None:
    """The application may stay for a while, and then have trailers to send."""
    sent = Sent()
    trailers: Message = {"type": "http.response.trailers", "headers": []}

    async def stay(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({**make_start(TEXT), "trailers": True})
        for piece in (b"one", b"two", b"three"):
            await send(make_body(piece, more_body=True))
        await send(make_body(b""))
        # Longer than a flush would wait: what must not happen gets its chance.
        await anyio.sleep(0.05)
        await send(trailers)

    middleware = GZipMiddleware(stay, flush_seconds=0.01)
    with anyio.fail_after(PATIENCE):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, sent.send)
    assert sent.messages[-1] == trailers
    assert sent.finished
    assert gzip.decompress(sent.body) == b"onetwothree"


async def test_failure_delivers_what_came_before_and_does_not_finish() -> None:
    async def fail(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        for piece in (b"one\n", b"two\n", b"three\n"):
            await send(make_body(piece, more_body=True))
        raise ApplicationBroke

    sent = Sent()
    middleware = GZipMiddleware(fail, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE), pytest.raises(ApplicationBroke):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, sent.send)
    assert decode(sent.pieces) == b"one\ntwo\nthree\n"
    assert not sent.finished
    with pytest.raises(EOFError):
        gzip.decompress(sent.body)


async def test_failure_before_the_body_leaves_the_response_unstarted() -> None:
    async def fail(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        raise ApplicationBroke

    sent = Sent()
    with anyio.fail_after(PATIENCE), pytest.raises(ApplicationBroke):
        await GZipMiddleware(fail)(make_scope("GET", "/", GZIP), Client().receive, sent.send)
    assert sent.messages == []


async def test_failure_of_the_application_wins_over_that_of_the_connection() -> None:
    async def fail(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        await send(make_body(b"one", more_body=True))
        await send(make_body(b"two", more_body=True))
        raise ApplicationBroke

    connection = BrokenConnection(2)
    middleware = GZipMiddleware(fail, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE), pytest.raises(ApplicationBroke):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, connection.send)


async def test_oserror_of_send_reaches_the_application() -> None:
    caught: list[Exception] = []

    async def catch(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        try:
            await send(make_body(b"one", more_body=True))
        except OSError as error:
            caught.append(error)
            raise

    middleware = GZipMiddleware(catch, flush_seconds=NEVER)
    with anyio.fail_after(PATIENCE), pytest.raises(OSError, match="the client is gone"):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, BrokenConnection(1).send)
    assert len(caught) == 1


async def test_oserror_of_a_flush_by_time_reaches_the_application() -> None:
    connection = BrokenConnection(2)
    caught: list[str] = []

    async def wait_for_the_flush(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(make_start(TEXT))
        await send(make_body(b"one", more_body=True))
        await send(make_body(b"two", more_body=True))
        await connection.refused.wait()
        try:
            await send(make_body(b"three", more_body=True))
        except OSError as error:
            caught.append(str(error))

    middleware = GZipMiddleware(wait_for_the_flush, flush_seconds=0.01)
    with anyio.fail_after(PATIENCE):
        await middleware(make_scope("GET", "/", GZIP), Client().receive, connection.send)
    assert caught == ["the client is gone"]
