"""Mistakes with connections on which nothing happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from reference.types import Application, Message, Receive, Scope, Send

_PATIENCE = 0.3


def cutting_silent_requests(application: Application) -> Application:
    """A request that takes long is ended."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            async with asyncio.timeout(_PATIENCE):
                await application(scope, receive, send)
        else:
            await application(scope, receive, send)

    return broken


def giving_clients_up(application: Application) -> Application:
    """A client that sends nothing for long is taken to be gone."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def give_up() -> Message:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    return await receive()
            return {"type": "http.disconnect"}

        await application(scope, give_up if scope["type"] == "http" else receive, send)

    return broken


def refusing_slow_uploads(application: Application) -> Application:
    """A body that does not come soon is answered 408."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def refuse() -> Message:
            try:
                async with asyncio.timeout(_PATIENCE):
                    return await receive()
            except TimeoutError:
                await send({"type": "http.response.start", "status": 408})
                await send({"type": "http.response.body"})
                raise

        uploads = scope.get("method") == "POST"
        await application(scope, refuse if uploads else receive, send)

    return broken
