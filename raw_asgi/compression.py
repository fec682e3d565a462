"""The gzip middleware: CONTRACT.md, *Gzip*."""

from __future__ import annotations

import re
from typing import Any

import anyio
from anyio.abc import TaskGroup

from raw_asgi.asgi.compressed_body import CompressedBody
from raw_asgi.asgi.headers import (
    Headers,
    copy_headers,
    find_media_type,
    join_field,
    vary_by_coding,
    weaken_etag,
)
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.http.conditional import EntityTag, parse_entity_tags
from raw_asgi.http.negotiation import accepts_gzip

# What shrinks. Images, audio, video, archives and everything unknown are left alone.
_SHRINKS = re.compile(
    r"text/.+|application/(json|jsonl|x-ndjson|javascript|ecmascript|xml|xhtml\+xml|wasm|rtf)"
    r"|application/.+\+(json|xml)|image/(svg\+xml|bmp|x-icon)|font/(ttf|otf)"
)
_NO_TRANSFORM = re.compile(r"(?:^|,)[ \t]*no-transform[ \t]*(?:,|$)", re.IGNORECASE)

# Fields that speak of the bytes as they were (RFC 9110 §8.6, RFC 9530 §2, §3).
_OF_PLAIN_BYTES = (b"content-length", b"content-digest", b"repr-digest")

_CONTENT_ENCODING = (b"content-encoding", b"gzip")


class GZipMiddleware:
    """Compresses what an application answers, where client and answer allow it.

    RFC 9110 §8.4, §12.5.3. Answers below `minimum_bytes` are left alone. What waits in the
    compressor is flushed after `flush_seconds`, an event stream's events at once. Nothing that
    the application sends is changed in place.
    """

    def __init__(
        self, app: ASGIApp, *, minimum_bytes: int = 500, flush_seconds: float = 0.05
    ) -> None:
        self._app = app
        self._minimum_bytes = minimum_bytes
        self._flush_seconds = flush_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        accepted = accepts_gzip(join_field(scope["headers"], b"accept-encoding"))
        if not accepted:
            await self._app(scope, receive, _tell_variance(send))
            return
        response = _GZipResponse(send, scope, self._minimum_bytes, self._flush_seconds)
        # A file that the server would send by itself could not be compressed.
        await response.run(self._app, _without_pathsend(scope), receive)


def _without_pathsend(scope: Scope) -> Scope:
    extensions: dict[str, Any] = {**(scope.get("extensions") or {})}
    for name in ("http.response.pathsend", "http.response.zerocopysend"):
        extensions.pop(name, None)
    return {**scope, "extensions": extensions}


def _tell_variance(send: Send) -> Send:
    """For a client that takes no gzip: what another would get compressed varies."""

    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = copy_headers(message)
            if message["status"] in (206, 304) or _may_compress(message["status"], headers):
                headers = vary_by_coding(headers)
            message = {**message, "headers": headers}
        await send(message)

    return send_varying


class _GZipResponse:
    """One response on its way through: left alone or compressed, decided at its first body."""

    def __init__(self, send: Send, scope: Scope, minimum_bytes: int, flush_seconds: float) -> None:
        self._send = send
        self._is_head = scope["method"] == "HEAD"
        self._if_none_match = join_field(scope["headers"], b"if-none-match") or ""
        self._minimum_bytes = minimum_bytes
        self._flush_seconds = flush_seconds
        self._start: Message | None = None
        self._body: CompressedBody | None = None
        self._ended = False

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:

            async def send(message: Message) -> None:
                await self._pass_on(message, tasks)

            try:
                await app(scope, receive, send)
            except Exception as error:
                # Raised below: out of the task group it would come wrapped in a group.
                failure = error
                if self._body is not None:
                    await self._body.break_off()
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def _pass_on(self, message: Message, tasks: TaskGroup) -> None:
        is_body = message["type"] == "http.response.body"
        if message["type"] == "http.response.start":
            await self._begin(message)
            return
        if self._start is not None and is_body:
            self._decide(self._start, message, tasks)
        await self._send_start()
        if self._body is None or self._ended:
            # What comes after the end is for the server to ignore (www.rst, *Response Body*).
            await self._send(message)
        elif not is_body:
            await self._body.send_between(message)
        elif message.get("more_body", False):
            await self._body.write(message.get("body", b""))
        else:
            self._ended = True
            await self._body.finish(message)

    async def _begin(self, message: Message) -> None:
        headers = copy_headers(message)
        if message["status"] == 304:
            await self._send({**message, "headers": self._revalidate(vary_by_coding(headers))})
        elif message["status"] == 206:
            # RFC 9110 §15.3.7: what the 200 would have had, which may be compressed.
            await self._send({**message, "headers": vary_by_coding(headers)})
        elif not _may_compress(message["status"], headers):
            await self._send({**message, "headers": headers})
        else:
            # www.rst, *Response Start*: the start may be held until the first body.
            self._start = {**message, "headers": vary_by_coding(headers)}

    def _revalidate(self, headers: Headers) -> Headers:
        """RFC 9110 §15.4.5: the tag that the 200 would have had, weak if the client's is."""
        tags = parse_entity_tags(self._if_none_match)
        weak = [str(tag) for tag in tags or () if isinstance(tag, EntityTag) and tag.weak]
        weakened = weaken_etag(headers)
        return weakened if join_field(weakened, b"etag") in weak else headers

    def _decide(self, start: Message, message: Message, tasks: TaskGroup) -> None:
        if _known_size(start, message, self._is_head) < self._minimum_bytes:
            return
        headers = [field for field in start["headers"] if field[0] not in _OF_PLAIN_BYTES]
        self._start = {**start, "headers": [*weaken_etag(headers), _CONTENT_ENCODING]}
        if self._is_head:
            return
        at_once = find_media_type(headers) == "text/event-stream"
        self._body = CompressedBody(self._send, self._flush_seconds, at_once=at_once)
        if message.get("more_body", False) and not at_once:
            tasks.start_soon(self._body.write_behind)

    async def _send_start(self) -> None:
        start, self._start = self._start, None
        if start is not None:
            await self._send(start)


def _may_compress(status: int, headers: Headers) -> bool:
    """Whether a response can be compressed at all, by its status and headers."""
    if status < 200 or status in (204, 205, 206, 304):
        return False
    if join_field(headers, b"content-encoding") is not None:
        return False
    # RFC 9111 §5.2.2.6 forbids a change of the content.
    if _NO_TRANSFORM.search(join_field(headers, b"cache-control") or ""):
        return False
    return _SHRINKS.fullmatch(find_media_type(headers)) is not None


def _known_size(start: Message, message: Message, is_head: bool) -> float:
    """The size of the whole body in bytes, infinite where it cannot be known yet."""
    announced = join_field(start["headers"], b"content-length")
    if announced is not None and announced.isascii() and announced.isdigit():
        return int(announced)
    if is_head or message.get("more_body", False):
        return float("inf")
    return len(message.get("body", b""))
