"""Starlette's streaming response, and what the contract asks of it besides."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Mapping
from contextlib import aclosing
from typing import Protocol
from urllib.parse import quote

import anyio
from anyio.lowlevel import checkpoint
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

# What a plain `filename` cannot carry to every recipient (RFC 6266 App. D).
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%]')


class ByteStream(AsyncIterable[bytes], Protocol):
    """An asynchronous generator of bytes, or what iterates and closes like one."""

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


class FirstItemStreamingResponse(StreamingResponse):
    """A StreamingResponse that begins once there is a first item, and closes its source.

    What the source raises later on is raised here, after its items and `failure_notice`, so
    that the server breaks the stream off.
    """

    def __init__(
        self,
        content: ByteStream,
        *,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        failure_notice: bytes = b"",
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self.content = content
        self.failure_notice = failure_notice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            # Starlette's own would run the source and leave it to the server to drop its items.
            await self._send_start(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        # Starlette's own sends the head first, which makes a source that fails at once a broken
        # 200, and leaves a source that is not at its end to the garbage collector.
        async with aclosing(self.content) as items:
            first = await anext(items, b"")
            await self._send_start(send)
            await self._send_item(send, first)
            try:
                async for item in items:
                    await self._send_item(send, item)
            except Exception:
                await self._send_item(send, self.failure_notice)
                raise
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_start(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})

    async def _send_item(self, send: Send, item: bytes) -> None:
        if item:
            await send({"type": "http.response.body", "body": item, "more_body": True})
        # Neither a source that has items nor a server that has room waits for anything.
        await checkpoint()


class DuplexStreamingResponse(FirstItemStreamingResponse):
    """A response that is made of the request's body while that still arrives."""

    async def listen_for_disconnect(self, receive: Receive) -> None:  # noqa: ARG002 - Starlette calls it so
        # Starlette's own receives what is left of the body and drops it. `Request.stream`, in
        # the source, is told as well when the client leaves.
        await anyio.sleep_forever()


def format_disposition(kind: str, filename: str) -> str:
    """`Content-Disposition` with an ASCII `filename` and `filename*` (RFC 6266 §4.3, RFC 8187).

    `kind` is `inline` or `attachment`. FileResponse writes one of the two names.
    """
    extended = quote(filename, safe="!#$&+-.^_`|~", errors="replace")
    return f"{kind}; filename=\"{_UNSAFE.sub('_', filename)}\"; filename*=UTF-8''{extended}"
