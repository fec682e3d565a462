"""Mistakes in what is taken of a client, when, and what becomes of the rest."""

from __future__ import annotations

import asyncio
import time

from reference.content import Decoder, LengthDecoder
from reference.framing import Framing, Head
from reference.policy import Policy
from reference.request import Request
from reference.types import Application, Message, Receive, Scope, Send

_STALLED_SECONDS = 0.1


class ReadsOn(Policy):
    """Whatever a client sends is taken, wanted or not."""

    read_ahead = 1 << 40

    def acknowledges_at_once(self) -> bool:
        return True


class ClosesAtOnce(Policy):
    """A connection is closed while the client still sends, and reset by that."""

    def lingers(self) -> bool:
        return False


class ReadsLittle(Policy):
    """Of what comes after the answer, 64 KiB are read."""

    linger_bytes = 65536


class ClosesUnannounced(Policy):
    """That the rest of a body will not be read is not said."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        return super().closes(request, head, framed, unread and framed is Framing.CLOSE)


class _FirstLine:
    """Takes the size of the first chunk, and its content for the next request."""

    complete = False

    def decode(self, buffer: bytearray) -> bytes:
        line, end, _ = buffer.partition(b"\n")
        if end:
            del buffer[: len(line) + 1]
            self.complete = True
        return b""


class ForgetsContent(Policy):
    """Content with a length is taken for the next request."""

    def create_decoder(self, request: Request) -> Decoder:
        return LengthDecoder(0) if request.length else super().create_decoder(request)


class ForgetsChunk(Policy):
    """The content of a chunk is taken for the next request."""

    def create_decoder(self, request: Request) -> Decoder:
        return _FirstLine() if request.chunked else super().create_decoder(request)


def answering_after_body(application: Application) -> Application:
    """Nothing is answered before all of the request is there."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        complete = False

        async def wait() -> Message:
            nonlocal complete
            message = await receive()
            complete = complete or not message.get("more_body", False)
            return message

        async def hold(message: Message) -> None:
            while scope["type"] == "http" and not complete:
                await wait()
            await send(message)

        await application(scope, wait, hold)

    return broken


def breaking_off_unread(application: Application) -> Application:
    """Who answers before it has received everything has failed."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        complete = scope["method"] == "GET" if scope["type"] == "http" else True

        async def wait() -> Message:
            nonlocal complete
            message = await receive()
            complete = complete or not message.get("more_body", False)
            return message

        async def refuse(message: Message) -> None:
            if not complete:
                raise RuntimeError("the request is not complete")
            await send(message)

        await application(scope, wait, refuse)

    return broken


def losing_after_a_stall(application: Application) -> Application:
    """What had come first is lost where the application is late to receive it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()

        async def lose() -> Message:
            nonlocal began
            message = await receive()
            if message.get("more_body") and time.monotonic() - began > _STALLED_SECONDS:
                message = await receive()
            began = float("inf")
            return message

        await application(scope, lose, send)

    return broken


def telling_late(application: Application) -> Application:
    """That the client is gone is told after 20 milliseconds."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def delay() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await asyncio.sleep(0.02)
            return message

        await application(scope, delay, send)

    return broken


def calling_late(application: Application) -> Application:
    """The application is called after 20 milliseconds."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.02)
        await application(scope, receive, send)

    return broken
