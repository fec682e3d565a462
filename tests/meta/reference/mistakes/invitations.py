"""Mistakes in telling a client to send the content of its request: 100 (Continue)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from reference.policy import Policy
from reference.request import Request
from reference.request_body import RequestBody
from reference.types import Application, Message, Receive, Scope, Send


class NeverInvites(Policy):
    """Who waits to be told to send the body is not told."""

    def invites(self, request: Request, body: RequestBody) -> bool:
        del request, body
        return False


class AlwaysInvites(Policy):
    """Everybody is told to send the body."""

    def invites(self, request: Request, body: RequestBody) -> bool:
        del request, body
        return True


class InvitesHttp10(Policy):
    """HTTP/1.0 is told what it does not know."""

    def __init__(self) -> None:
        self._due = False

    def incoming(self, data: bytes) -> bytes:
        self._due = b" HTTP/1.0\r\n" in data
        return data

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        write(b"HTTP/1.1 100 Continue\r\n\r\n" * self._due + data)
        self._due = False


def receiving_ahead(application: Application) -> Application:
    """The body is asked for before the application asks for it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        first: list[asyncio.Future[Message]] = [asyncio.ensure_future(receive())]

        async def give() -> Message:
            return await (first.pop() if first else receive())

        try:
            # The task is to have its turn before the application has.
            await asyncio.sleep(0)
            await application(scope, give, send)
        finally:
            for unasked in first:
                unasked.cancel()

    return broken
