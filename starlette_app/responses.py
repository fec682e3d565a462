"""Starlette's responses, where the contract asks for more of them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from email.utils import formatdate
from urllib.parse import quote

from anyio import sleep_forever
from anyio.lowlevel import checkpoint
from starlette.datastructures import Headers
from starlette.responses import FileResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.files import FileShrank, OpenFile, guess_type

# What the plain parameter of Content-Disposition cannot carry everywhere (RFC 6266 App. D).
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%]')


class FirstItemStreamingResponse(StreamingResponse):
    """A stream whose first chunk is made before the response starts.

    What fails until then is answered by the exception handlers with a proper status; Starlette's
    own response has sent 200 by then. The chunks are closed on every way out, in the task that
    iterates, which is also where `EncodedRows` wants it.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None] | EncodedRows,
        *,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(chunks, headers=headers, media_type=media_type)
        self.chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            # A route for GET takes HEAD as well, and Starlette would stream to it: without end,
            # where GET has none. Chunks that nobody asks for open nothing.
            await self.start(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.chunks) as chunks:
            first = await anext(chunks, b"")
            await self.start(send)
            await self.send_chunk(send, first)
            async for chunk in chunks:
                await self.send_chunk(send, chunk)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def start(self, send: Send) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})

    async def send_chunk(self, send: Send, chunk: bytes) -> None:
        if chunk:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # Neither chunks that are there already nor a server with room in its buffer await
        # anything; the other requests would have to wait for this one.
        await checkpoint()


class DuplexStreamingResponse(FirstItemStreamingResponse):
    """A stream that is made of the request's body while that still comes.

    Its chunks receive the body, and `Request.stream` tells them when the client leaves.
    """

    async def listen_for_disconnect(self, receive: Receive) -> None:  # noqa: ARG002 - Starlette calls it so
        # Starlette's own listens by receiving, and drops what it receives: the body.
        await sleep_forever()


class OpenFileResponse(FileResponse):
    """A file that is open already, as long as it says or a broken stream; closes it.

    FileResponse looks at a path and opens it later, when another file may have taken its place.
    It sends what it finds, and leaves it to the server to compare that with Content-Length; a
    middleware that compresses takes the field away, and the end of a file that shrank looks clean.
    """

    def __init__(self, file: OpenFile, disposition: str) -> None:
        status = os.fstat(file.descriptor)
        headers = {
            # FileResponse's own tag stays the same where size and time do.
            "ETag": f'"{file.version}"',
            # None may lie in the future (RFC 9110 §8.8.2.1).
            "Last-Modified": formatdate(min(status.st_mtime, time.time()), usegmt=True),
            "Content-Disposition": format_disposition(disposition, file.name),
            "X-Content-Type-Options": "nosniff",
        }
        # A name for the descriptor: opening it opens the same file, wherever its path leads now.
        path = f"/dev/fd/{file.descriptor}"
        super().__init__(
            path, headers=headers, media_type=guess_type(file.name), stat_result=status
        )
        self.file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A server that opens the file itself may do so when the descriptor is closed, or find
        # another one at its path.
        extensions = scope.get("extensions") or {}
        kept = {name: extensions[name] for name in extensions if name != "http.response.pathsend"}
        scope = {**scope, "extensions": kept}
        left = 0

        async def send_exactly(message: Message) -> None:
            nonlocal left
            if message["type"] == "http.response.start":
                left = int(Headers(raw=message["headers"]).get("content-length", "0"))
            elif message["type"] == "http.response.body" and scope["method"] != "HEAD":
                message["body"] = message.get("body", b"")[:left]
                left -= len(message["body"])
                if left and not message.get("more_body", False):
                    raise FileShrank(f"{self.file.name} ends {left} bytes too soon")
            await send(message)

        try:
            await super().__call__(scope, receive, send_exactly)
        finally:
            self.file.close()


def format_disposition(kind: str, filename: str) -> str:
    """Content-Disposition with both names (RFC 6266 §4.3): FileResponse has only one of them.

    `kind` is `inline` or `attachment`.
    """
    extended = quote(filename, safe="!#$&+-.^_`|~")
    return f"{kind}; filename=\"{_UNSAFE.sub('_', filename)}\"; filename*=UTF-8''{extended}"
