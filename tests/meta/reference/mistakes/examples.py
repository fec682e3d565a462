"""Mistakes: one of each kind, to copy from. A mistake is one of two things:

* a subclass of `Policy`, which alters one decision: a number, a method, or the bytes that come
  in (`incoming`) and go out (`deliver`);
* a function that takes the application and returns one, which comes between it and the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reference.fields import Fields, find_values
from reference.lifespan import Lifespan
from reference.policy import Policy
from reference.response import Response
from reference.types import Application, Message, Receive, Scope, Send

# A number.


class Impatient(Policy):
    """Waits too short a time for a request."""

    idle_seconds = 0.2


class OneWindow(Policy):
    """A stream that is not read uses up the connection's window, and stops the others."""

    http2_connection_window = 65535


# A decision.


class EndsCleanly(Policy):
    """An application that fails in the middle has given a complete response."""

    def end_early(self, response: Response, status: int) -> None:
        if response.begun:
            response.finish()
        else:
            response.fail(status)


class ForgetsHalfClosed(Policy):
    """A client that sends nothing more is gone."""

    def half_closes(self) -> bool:
        return False


class SharesState(Policy):
    """All requests have the same namespace."""

    def copy_state(self, state: dict[str, Any]) -> dict[str, Any]:
        return state


class KeepsTransferEncoding(Policy):
    """The application's Transfer-Encoding goes out beside the server's own."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        kept = find_values(fields, b"transfer-encoding")
        named = [(b"Transfer-Encoding", value) for value in kept]
        return super().complete_fields(status, fields) + named


# Bytes.


class WithoutLastChunk(Policy):
    """Content is never told to be complete."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        if not data.startswith(b"0\r\n"):
            write(data)


class AcceptsSpaceBeforeColon(Policy):
    """A field name may have a space after it."""

    def incoming(self, data: bytes) -> bytes:
        return data.replace(b" :", b":")


class SendsLater(Policy):
    """What is sent goes out when the loop has time."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        asyncio.get_running_loop().call_soon(write, data)


# The lifespan. Such a mistake is put in at the start, by BROKEN_BY.


class WithoutShutdown(Policy):
    """The application is not told that the server stops."""

    def create_lifespan(self, application: Application) -> Lifespan:
        class Unending(Lifespan):
            async def stop(self) -> None:
                pass

        return Unending(application)


# Between the server and the application.


def without_disconnect(application: Application) -> Application:
    """The application never hears that the client is gone."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def wait() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                await asyncio.Event().wait()
            return message

        await application(scope, wait, send)

    return broken


def holding_content(application: Application) -> Application:
    """Content is kept until it is complete."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[bytes] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.body":
                kept.append(message.get("body", b""))
                if message.get("more_body", False):
                    return
                message = {"type": "http.response.body", "body": b"".join(kept)}
            await send(message)

        await application(scope, receive, hold)

    return broken


def silent_after_disconnect(application: Application) -> Application:
    """`send` tells nobody that the client is gone."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def swallow(message: Message) -> None:
            try:
                await send(message)
            except OSError:
                return

        await application(scope, receive, swallow)

    return broken
