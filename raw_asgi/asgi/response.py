"""Responses: whole ones, problems, and streams with their first item before their start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, suppress
from functools import lru_cache
from typing import Protocol

import msgspec
from anyio.lowlevel import checkpoint

from raw_asgi.asgi.disconnect import ClientDisconnected, TellDisconnect, until_disconnect
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.types import Send
from raw_asgi.http.problem import MEDIA_TYPE, Problem

Headers = Iterable[tuple[str, str]]


class Chunks(Protocol):
    """An iterator of bytes that can be closed: an async generator, for example."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> object:
        """Release what the iterator holds, also where it was never begun."""


@lru_cache
def _encode_name(name: str) -> bytes:
    # Remembered: of each name there are many, and no client chooses one.
    return name.lower().encode()


class Response:
    """The response to one request (www.rst, *Response Start* and *Response Body*)."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = TellDisconnect(send)
        self.started = False
        self.base_headers: Headers = ()
        """What every response of this resource has, also one to an error."""

    async def start(self, status: int, headers: Headers) -> None:
        """Send the status and the headers, each a name and a value of ISO 8859-1."""
        fields = [
            (_encode_name(name), value.encode("latin-1"))
            for name, value in (*self.base_headers, *headers)
        ]
        if self._request.leaves_body_unread and self._request.scope["http_version"] < "2":
            # RFC 9112 §9.6: what the client still sends is not the next request. HTTP/2 has
            # streams for that, and forbids the field (RFC 9113 §8.2.2).
            fields.append((b"connection", b"close"))
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    async def write(self, body: bytes) -> None:
        """Send a piece of the body, unless it is empty; returns when the server has taken it."""
        if body:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece. Not to be called after a failure: the end would look clean."""
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, status: int, headers: Headers = (), body: bytes | None = None) -> None:
        """Send a whole response; without a body where `body` is None (204, 304)."""
        fields = list(headers)
        if body is not None:
            fields.append(("content-length", str(len(body))))
        await self.start(status, fields)
        await self.finish(b"" if self._request.is_head else body or b"")

    async def send_json(self, status: int, value: object, headers: Headers = ()) -> None:
        """Send a value as JSON."""
        fields = [("content-type", "application/json"), *headers]
        await self.send(status, fields, msgspec.json.encode(value))

    async def send_problem(self, problem: Problem) -> None:
        """Send a problem object (RFC 9457 §3)."""
        fields = [("content-type", MEDIA_TYPE), *problem.headers]
        await self.send(problem.status, fields, problem.body())

    async def stream(
        self, status: int, headers: Headers, chunks: Chunks, *, last_words: bytes = b""
    ) -> None:
        """Send the headers and then the chunks, until they end or the client goes away.

        The first chunk is made before the start: what fails before it can still be given a
        status. What fails later is raised, after `last_words` for those who look at content and
        not at framing, and without finishing, so that the server breaks off. `chunks` is closed
        on every way out. HEAD takes nothing from it.
        """
        if self._request.is_head:
            await chunks.aclose()
            await self.start(status, headers)
            await self.finish()
        elif await until_disconnect(
            self._request.body,
            lambda: self.send_chunks(status, headers, chunks, last_words=last_words),
        ):
            await self.finish()

    async def send_chunks(
        self, status: int, headers: Headers, chunks: Chunks, *, last_words: bytes = b""
    ) -> None:
        """What `stream` does for GET, for a caller that watches the client and finishes itself."""
        async with aclosing(chunks):
            iterator = aiter(chunks)
            first = await anext(iterator, b"")
            await self.start(status, headers)
            try:
                if first:
                    await self.write(first)
                async for chunk in iterator:
                    # A server whose buffers have room does not await in `send`, and a source
                    # that is in memory does not either: a long stream would keep the loop.
                    await checkpoint()
                    await self.write(chunk)
            except ClientDisconnected:
                raise
            except Exception:
                # Where the client is gone as well, the failure is still what there is to tell.
                with suppress(ClientDisconnected):
                    await self.write(last_words)
                raise
