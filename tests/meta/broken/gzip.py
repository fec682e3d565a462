"""Mistakes in compression, around an application whose gzip middleware is on."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

from broken import streams
from broken.codings import never_compresses
from broken.messages import (
    Fields,
    change_body,
    change_field,
    change_request_field,
    change_start,
    drop_field,
    on_http,
    read_field,
)
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.settings import Settings

_ACCEPT = b"accept-encoding"
_CODED = (b"content-encoding", b"gzip")


def keeps_the_strong_tag(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"etag", lambda tag: tag.removeprefix(b"W/"))


def weakens_every_tag(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"etag", lambda tag: b"W/" + tag.removeprefix(b"W/"))


def never_revalidates(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda it: None if b"W/" in it else it)


def takes_every_weak_tag_for_current(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda it: b"*" if b"W/" in it else it)


def takes_a_star_for_a_tag(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda it: it.replace(b"*", b'"*"'))


def without_vary(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"vary")


def varies_when_compressed_only(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        compressed = any(name == b"content-encoding" for name, _ in fields)
        return status, [it for it in fields if compressed or it[0] != b"vary"]

    return change_start(app, change)


def overwrites_vary(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"vary", lambda _: b"Accept-Encoding")


def says_it_twice(app: ASGIApp) -> ASGIApp:
    return change_start(
        app,
        lambda status, fields: (
            status, [*fields, *(it for it in fields if it[0] == b"content-encoding")]
        ),
    )  # fmt: skip


def always_says_gzip(app: ASGIApp) -> ASGIApp:
    """A list of fields that is kept, and still tells what it was once told."""

    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, fields if _CODED in fields else [*fields, _CODED]

    return change_start(app, change)


def drops_the_name(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        kept = [it for it in fields if _CODED not in fields or it[0] != b"content-disposition"]
        return status, kept

    return change_start(app, change)


def compares_if_range_weakly(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-range", lambda tag: tag.replace(b"W/", b""))


def keeps_the_length(app: ASGIApp) -> ASGIApp:
    """Tells the size of the plain form, without which the body then breaks off."""

    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        compressed = _CODED in fields
        return status, [*fields, (b"content-length", b"100000")] if compressed else fields

    return change_start(app, change)


def head_is_not_compressed(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        plain = never_compresses(app)
        await (plain if scope.get("method") == "HEAD" else app)(scope, receive, send)

    return broken


def head_compresses_everything(app: ASGIApp) -> ASGIApp:
    """Says of every HEAD that it is compressed: the size is not known, nor the type looked at."""
    careless = compresses_everything(app)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await (careless if scope.get("method") == "HEAD" else app)(scope, receive, send)

    return broken


def closes_after_what_is_compressed(app: ASGIApp) -> ASGIApp:
    """Ends what it does not know the length of as HTTP/1.0 did."""

    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, [*fields, (b"connection", b"close")] if _CODED in fields else fields

    return change_start(app, change)


def has_a_buffer_of_64_kib(app: ASGIApp) -> ASGIApp:
    """What one call of the compressor gives beyond its buffer is lost."""
    return change_body(app, lambda body: body[:65536])


def without_trailer(app: ASGIApp) -> ASGIApp:
    """What is left in the compressor at the end is never sent."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        compressed = False

        async def send_less(message: Message) -> None:
            nonlocal compressed
            if message["type"] == "http.response.start":
                compressed = _CODED in message["headers"]
            elif compressed and not message.get("more_body", False):
                message = {**message, "body": message["body"][:-8]}
            await send(message)

        await app(scope, receive, send_less)

    return on_http(app, broken)


def a_304_has_the_strong_tag(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        if status == 304:
            fields = [(name, value.removeprefix(b"W/")) for name, value in fields]
        return status, fields

    return change_start(app, change)


def compresses_everything(_app: ASGIApp) -> ASGIApp:
    """Whatever the status, the type, the size and the fields of a response."""
    return _compress(_plain(), lambda _: True)


def flushes_every_piece(_app: ASGIApp) -> ASGIApp:
    """Sends each row by itself, and flushes the compressor after it."""
    return _compress(streams.sends_each_line_by_itself(_plain()), _admits_gzip)


def finishes_what_is_broken(_app: ASGIApp) -> ASGIApp:
    """Closes the compressor also where the application fails: the content looks whole."""
    return _compress(_plain(), _admits_gzip, finish=True)


def flushes_at_the_end_only(_app: ASGIApp) -> ASGIApp:
    """Leaves what was made in the compressor until there is more of it."""
    return create_app(replace(Settings.from_env(), flush_seconds=3600.0))


def _plain() -> ASGIApp:
    return create_app(replace(Settings.from_env(), gzip=False))


def _admits_gzip(scope: Scope) -> bool:
    return read_field(scope, _ACCEPT) == b"gzip"


def _compress(plain: ASGIApp, wanted: Callable[[Scope], bool], *, finish: bool = False) -> ASGIApp:
    """A careless middleware: it compresses all it is sent, with a flush for each message."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if not wanted(scope):
            await plain(scope, receive, send)
            return
        compressor = zlib.compressobj(wbits=31)
        started = False

        async def send_compressed(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                kept = [it for it in message["headers"] if it[0] != b"content-length"]
                message = {**message, "headers": [*kept, _CODED]}
            elif message["type"] == "http.response.body":
                mode = zlib.Z_SYNC_FLUSH if message.get("more_body", False) else zlib.Z_FINISH
                body = compressor.compress(message.get("body", b"")) + compressor.flush(mode)
                message = {**message, "body": body}
            await send(message)

        try:
            await plain(scope, receive, send_compressed)
        except Exception:
            if started and finish:
                end = compressor.flush(zlib.Z_FINISH)
                await send({"type": "http.response.body", "body": end, "more_body": True})
            raise

    return on_http(plain, broken)
