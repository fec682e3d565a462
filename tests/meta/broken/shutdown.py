"""Mistakes in how the application ends when its server is told to."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from functools import partial
from types import FrameType

import anyio

from broken.messages import AT_THE_TURN, on_http
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def never_completes_its_shutdown(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_less(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await anyio.sleep_forever()
            await send(message)

        await app(scope, receive, send_less)

    return broken


def outlives_its_server(app: ASGIApp) -> ASGIApp:
    """Its streams cannot be cancelled, and its shutdown waits for them."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except anyio.get_cancelled_exc_class():
            while True:
                with suppress(anyio.get_cancelled_exc_class()):
                    await anyio.sleep_forever()

    return never_completes_its_shutdown(on_http(app, broken))


def ends_at_once(app: ASGIApp) -> ASGIApp:
    """Leaves the process at the signal, before anything is cleaned up."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        # Not when it is loaded: some servers set their handlers after that.
        before = signal.signal(signal.SIGTERM, _leave)
        if before is not _leave:
            AT_THE_TURN.append(partial(signal.signal, signal.SIGTERM, before))
        await app(scope, receive, send)

    return on_http(app, broken)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)
