"""Mistakes with several tasks, of one application or of several requests."""

from __future__ import annotations

import asyncio

from reference.types import Application, Message, Receive, Scope, Send

_LARGE = 1024


def sharing_a_place(application: Application) -> Application:
    """What is to be sent lies where the next message is put, too."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        place: list[Message] = []

        async def put(message: Message) -> None:
            place[:] = [message]
            await asyncio.sleep(0)
            await send(place[0])

        await application(scope, receive, put)

    return broken


def refusing_a_second_sender(application: Application) -> Application:
    """One task at most may wait for the client."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        waiting = False

        async def refuse(message: Message) -> None:
            nonlocal waiting
            assert not waiting, "somebody waits already"
            waiting = True
            try:
                await send(message)
            finally:
                waiting = False

        await application(scope, receive, refuse)

    return broken


def halving_messages(application: Application) -> Application:
    """Large messages are sent in two halves, between which others may come."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def halve(message: Message) -> None:
            data = message.get("body", b"")
            if len(data) > _LARGE:
                half = len(data) // 2
                await send({**message, "body": data[:half], "more_body": True})
                await asyncio.sleep(0)
                message = {**message, "body": data[half:]}
            await send(message)

        await application(scope, receive, halve)

    return broken


def doing_one_thing_at_a_time(application: Application) -> Application:
    """Who receives keeps others from sending."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        lock = asyncio.Lock()

        async def wait() -> Message:
            async with lock:
                return await receive()

        async def put(message: Message) -> None:
            async with lock:
                await send(message)

        await application(scope, wait, put)

    return broken


def serving_one_at_a_time(application: Application) -> Application:
    """A request waits until the one before it is done."""
    lock = asyncio.Lock()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async with lock:
            await application(scope, receive, send)

    return broken
