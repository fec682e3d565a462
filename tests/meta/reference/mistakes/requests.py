"""Mistakes in what an application receives of a request's body."""

from __future__ import annotations

import asyncio

from reference.mistakes.altering import alters_received
from reference.mistakes.departure import hang
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_LARGE = 4096


@alters_received
def more_after_nothing(_: Scope, message: Message) -> None:
    """An empty body is told to go on."""
    message["more_body"] = message["more_body"] or not message["body"]


@alters_received
def type_of_a_body(_: Scope, message: Message) -> None:
    message["type"] = "http.request.body"


@alters_received
def body_of_bytearray(_: Scope, message: Message) -> None:
    message["body"] = bytearray(message["body"])


@alters_received
def nothing_of_a_get(scope: Scope, message: Message) -> None:
    if scope["method"] == "GET":
        message["body"] = b""


@alters_received
def more_is_a_number(_: Scope, message: Message) -> None:
    message["more_body"] = int(message["more_body"])


@alters_received
def large_pieces_reversed(_: Scope, message: Message) -> None:
    if len(message["body"]) > _LARGE:
        message["body"] = message["body"][::-1]


def taking_the_whole_body_first(application: Application) -> Application:
    """The application is called when all has come."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        whole = b"".join(message.get("body", b"") for message in messages)
        taken = iter([{**messages[-1], "body": whole}])

        async def give() -> Message:
            return next(taken, None) or await receive()

        await application(scope, give, send)

    return broken


def cutting_large_bodies(application: Application) -> Application:
    """What is more than 256 KiB is left out."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0

        async def cut() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return {**message, "more_body": False} if taken >= 262144 else message

        await application(scope, cut, send)

    return broken


def disconnecting_after_the_body(application: Application) -> Application:
    """Who has sent the whole request is taken to be gone."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        complete = False

        async def leave() -> Message:
            nonlocal complete
            if complete:
                return {"type": "http.disconnect"}
            message = await receive()
            complete = not message.get("more_body")
            return message

        await application(scope, leave, send)

    return broken


def losing_what_nobody_waits_for(application: Application) -> Application:
    """A receive that is cancelled takes its message with it, and there is one disconnect."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        told = False

        async def take() -> Message:
            nonlocal told
            message = await receive()
            if message["type"] == "http.disconnect" and told:
                await hang()
            told = told or message["type"] == "http.disconnect"
            return message

        async def lose() -> Message:
            return await asyncio.shield(asyncio.ensure_future(take()))

        await application(scope, lose, send)

    return broken


def completing_what_breaks_off(application: Application) -> Application:
    """The end of the connection is the end of the body."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        complete = False

        async def end() -> Message:
            nonlocal complete
            message = await receive()
            if message["type"] == "http.disconnect" and not complete:
                message = {"type": "http.request", "body": b"", "more_body": False}
            complete = not message.get("more_body")
            return message

        await application(scope, end, send)

    return broken


class SmallMessages(Policy):
    """A message holds a kibibyte."""

    message_bytes = 1024
