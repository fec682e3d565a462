"""The client goes away: noticed at once, and not an error.

A server tells of it in two ways. `receive()` gives `http.disconnect` (www.rst, *Disconnect -
receive event*). From version 2.4 of the message format on, `send()` should raise an OSError
(www.rst, *Disconnected Client - send exception*), which is neither guaranteed nor, so far,
done by any server. So both are attended to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

import anyio
from anyio.lowlevel import checkpoint

from raw_asgi.asgi.types import Message, Receive, Send
from raw_asgi.tasks import start_task


class ClientDisconnected(Exception):
    """The client is gone. Nothing is left to do but to release what is held."""


class RequestBody(AsyncIterator[bytes]):
    """The body of a request, as it comes.

    `receive` is the server's, for what wants nothing of the body, and waits for the leaving alone.
    """

    __slots__ = ("complete", "receive")

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.complete = False

    def __aiter__(self) -> Self:
        """The body in the pieces that the server gives, none of them empty.

        The next one is asked for only when the one before was dealt with: that is how a slow
        writer slows the client. Raises ClientDisconnected where the body breaks off
        (www.rst, *Request - receive event*).
        """
        return self

    async def __anext__(self) -> bytes:
        while not self.complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            self.complete = not message.get("more_body", False)
            body: bytes = message.get("body", b"")
            if body:
                return body
        raise StopAsyncIteration

    async def wait_for_disconnect(self) -> None:
        """Return when the client is gone. What is left of the body is dropped."""
        while (await self.receive())["type"] != "http.disconnect":
            # A middleware's `receive` may say the same again and again, and never wait.
            await checkpoint()


class TellDisconnect:
    """A `send` that raises ClientDisconnected for the server's OSError.

    An OSError of the application's own, of a disk for example, thus stays what it is.
    """

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError as error:
            raise ClientDisconnected from error


async def until_disconnect(body: RequestBody, work: Callable[[], Awaitable[None]]) -> bool:
    """Do the work, but cancel it when the client goes away; whether it came to its end.

    For work that wants nothing of the request body, and does not finish the response: a server
    may tell of the disconnect while `send` of the end still closes its connection (www.rst,
    *Disconnect - receive event*), and must not be cancelled in that. Raises what the work raises.
    """
    return await _beside(body.wait_for_disconnect, work)


async def read_until_disconnect(
    body: RequestBody, work: Callable[[AsyncIterator[bytes]], Awaitable[None]]
) -> bool:
    """As `until_disconnect`, but for work that is given the body's pieces.

    For work that answers while the request still arrives. One piece is read ahead, so that
    the client's going is noticed while the work waits in `send`.
    """
    pieces_in, pieces_out = anyio.create_memory_object_stream[bytes]()

    async def read() -> None:
        try:
            async for piece in body:
                await pieces_in.send(piece)
        except (ClientDisconnected, anyio.BrokenResourceError):
            # The latter where the work has ended, and so wants no more pieces. Not closed: the
            # work would take a body that broke off for one that has ended.
            return
        pieces_in.close()
        await body.wait_for_disconnect()

    async def work_with_pieces() -> None:
        # Not `async with`: its checkpoint could be cancelled, and the work's failure be lost.
        with pieces_out:
            await work(pieces_out)

    with pieces_in:
        return await _beside(read, work_with_pieces)


async def _beside(
    watch: Callable[[], Awaitable[None]], work: Callable[[], Awaitable[None]]
) -> bool:
    """Do the work, but cancel it when `watch` returns first; whether the work came to its end.

    Raises what either raises.
    """
    failure: Exception | None = None

    async def cancel_after_watch() -> None:
        nonlocal failure
        try:
            await watch()
        except Exception as error:
            failure = error
        scope.cancel()

    with anyio.CancelScope() as scope:
        stop_watch = start_task(cancel_after_watch)
        try:
            await work()
        finally:
            stop_watch()
    if failure is not None:
        raise failure
    return not scope.cancelled_caught
