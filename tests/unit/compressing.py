"""Applications for the gzip middleware to compress, and what a client makes of the pieces."""

from __future__ import annotations

import zlib

from fakes import Sent, call, make_scope

from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.compression import GZipMiddleware

NEVER = 3600.0  # a flush by time that no test lives to see
PLAIN = b"0123456789" * 60
TEXT = (b"content-type", b"text/plain; charset=utf-8")
LENGTH = (b"content-length", b"600")
GZIP = (b"accept-encoding", b"gzip")

Fields = list[tuple[bytes, bytes]]


class ApplicationBroke(Exception):
    """What the applications of these tests raise."""


def make_start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    """A start message."""
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def make_body(body: bytes, *, more_body: bool = False) -> Message:
    """A body message."""
    return {"type": "http.response.body", "body": body, "more_body": more_body}


class Script:
    """An application that sends the messages that it was given."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.scope = scope
        for message in self.messages:
            await send(message)


def answer(*headers: tuple[bytes, bytes], status: int = 200, body: bytes = PLAIN) -> Script:
    """An application that answers with one piece, of 600 bytes unless told."""
    return Script(make_start(*headers, status=status), make_body(body))


async def exchange(app: ASGIApp, *headers: tuple[bytes, bytes], method: str = "GET") -> Sent:
    """What the middleware sends of an application, to a client that takes gzip unless told."""
    middleware = GZipMiddleware(app, flush_seconds=NEVER)
    return await call(middleware, make_scope(method, "/", *(headers or (GZIP,))))


def decode(pieces: list[bytes]) -> bytes:
    """What can be decoded of pieces of a gzip stream that may not have ended."""
    decoder = zlib.decompressobj(wbits=31)
    return b"".join(decoder.decompress(piece) for piece in pieces)
