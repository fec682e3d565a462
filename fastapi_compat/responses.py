"""The streaming responses of the contract, on top of Starlette's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Mapping
from contextlib import aclosing
from typing import Protocol
from urllib.parse import quote

import anyio
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send


class ByteStream(AsyncIterable[bytes], Protocol):
    """An asynchronous generator of bytes, or what iterates and closes like one."""

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


class FirstItemStreamingResponse(StreamingResponse):
    """A StreamingResponse that begins once there is a first item, and closes its source.

    `failure_notice` is sent after what was produced when the source fails later on; then the
    failure is raised, so that the server breaks the stream off.
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
            # Starlette's own would run the producer and leave it to the server to drop the body.
            await self._send_start(send)
            await self._send_body(send, b"", more_body=False)
            return
        try:
            await super().__call__(scope, receive, send)
        except ClientDisconnect:
            return

    async def stream_response(self, send: Send) -> None:
        # Starlette's own sends the head first, so that a failure at once is a broken 200, and
        # leaves an iterator that the client left to the garbage collector.
        async with aclosing(self.content) as chunks:
            first = await anext(chunks, b"")
            await self._send_start(send)
            await self._send_body(send, first)
            try:
                async for chunk in chunks:
                    await self._send_body(send, chunk)
            except Exception:
                if self.failure_notice:
                    await self._send_body(send, self.failure_notice)
                raise
        await self._send_body(send, b"", more_body=False)

    async def _send_start(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})

    async def _send_body(self, send: Send, body: bytes, *, more_body: bool = True) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": more_body})


class DuplexStreamingResponse(FirstItemStreamingResponse):
    """A response that is made of the request's body while that still arrives."""

    async def listen_for_disconnect(self, receive: Receive) -> None:  # noqa: ARG002
        # Starlette's own takes the messages of the body and drops them. Who reads the body is
        # told of the client's leaving by `Request.stream()`.
        await anyio.sleep_forever()


class EventStreamResponse(FirstItemStreamingResponse):
    """An event stream (WHATWG HTML §9.2), never silent for longer than `heartbeat_seconds`."""

    media_type = EventSourceResponse.media_type

    def __init__(
        self, content: ByteStream, *, heartbeat_seconds: float, failure_notice: bytes = b""
    ) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers, failure_notice=failure_notice)
        self.heartbeat_seconds = heartbeat_seconds

    async def stream_response(self, send: Send) -> None:
        # A task beside the source, as in FastAPI's own event streams: a timeout around the
        # source's `__anext__` would cancel, and so end, the generator.
        due = 0.0
        speaking = anyio.Lock()

        async def speak(message: Message) -> None:
            nonlocal due
            async with speaking:
                await send(message)
                due = anyio.current_time() + self.heartbeat_seconds
            if message["type"] == "http.response.start":
                beside.start_soon(beat)

        async def beat() -> None:
            while True:
                await anyio.sleep_until(due)
                async with speaking:
                    silent = anyio.current_time() >= due
                    if silent:
                        await self._send_body(send, b":\n\n")
                # 
        async with anyio.create_task_group() as beside:
            await super().stream_response(speak)
            beside.cancel_scope.cancel()


def format_disposition(kind: str, filename: str) -> str:
    """`Content-Disposition` with an ASCII `filename` and `filename*` (RFC 6266, RFC 8187).

    `kind` is `inline` or `attachment`. FileResponse writes only one of the two.
    """
    fallback = re.sub(r'[^\x20-\x7e]|["\\%]', "_", filename)
    extended = quote(filename, safe="!#$&+-.^_`|~", errors="replace")
    return f"{kind}; filename=\"{fallback}\"; filename*=UTF-8''{extended}"
