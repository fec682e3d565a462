"""Mistakes in what becomes of an application's messages: their content, when, and their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.types import Application, Message, Receive, Scope, Send

_FEW_BYTES = 1024
_LARGE = 1 << 20
_MANY = 100


def _alter(application: Application, alter: Callable[[Message], Message | None]) -> Application:
    """Put another message, or none, in the place of each of a response."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def altered(message: Message) -> None:
            other = alter(message)
            if other is not None:
                await send(other)

        is_request = scope["type"] == "http"
        await application(scope, receive, altered if is_request else send)

    return broken


def _alter_body(application: Application, alter: Callable[[Any], bytes]) -> Application:
    def in_message(message: Message) -> Message:
        return {**message, "body": alter(message["body"])} if "body" in message else message

    return _alter(application, in_message)


# Content.


def losing_the_last_piece(application: Application) -> Application:
    """What comes with the end is not sent."""

    def lose(message: Message) -> Message:
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        return {**message, "body": b""} if last else message

    return _alter(application, lose)


def losing_many_pieces(application: Application) -> Application:
    """Of a large message, and of many, the rest is not sent."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        count = 0

        async def lose(message: Message) -> None:
            nonlocal count
            count += 1
            if count > _MANY and message.get("more_body", False):
                return
            cut = {"body": message["body"][:_LARGE]} if "body" in message else {}
            await send({**message, **cut})

        await application(scope, receive, lose)

    return broken


def translating_line_ends(application: Application) -> Application:
    """Content is text."""
    return _alter_body(application, lambda body: body.replace(b"\n", b"\r\n"))


def writing_what_is_shown(application: Application) -> Application:
    """What is not bytes is turned into text."""
    return _alter_body(
        application, lambda body: body if isinstance(body, bytes) else str(body).encode()
    )


def writing_items(application: Application) -> Application:
    """An item is a byte."""
    return _alter_body(application, lambda body: bytes(item & 255 for item in body))


def taking_any_buffer(application: Application) -> Application:
    """What has bytes in it is as good as bytes."""
    return _alter_body(application, bytes)


# The keys of a message.


def without_default_body(application: Application) -> Application:
    """A body message has a body."""

    def require(message: Message) -> Message:
        return message if "status" in message else {**message, "body": message["body"]}

    return _alter(application, require)


def expecting_more(application: Application) -> Application:
    """Unless told, there is more to come."""

    def expect(message: Message) -> Message:
        return message if "status" in message else {"more_body": True, **message}

    return _alter(application, expect)


def dropping_empty_messages(application: Application) -> Application:
    """Messages without content say nothing."""
    return _alter(
        application,
        lambda message: message if message.get("body", b"") or "status" in message else None,
    )


# When.


def ending_with_the_application(application: Application) -> Application:
    """The last message is kept until the application has returned."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if last:
                kept.append(message)
            else:
                await send(message)

        await application(scope, receive, keep)
        for message in kept:
            await send(message)

    return broken


def waiting_for_more_bytes(application: Application) -> Application:
    """Small pieces are kept until there are enough of them."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        kept = b""

        async def keep(message: Message) -> None:
            nonlocal kept
            if message["type"] == "http.response.body":
                kept += message.get("body", b"")
                if len(kept) < _FEW_BYTES and message.get("more_body", False):
                    return
                message, kept = {**message, "body": kept}, b""
            await send(message)

        await application(scope, receive, keep)

    return broken


def starting_at_once(application: Application) -> Application:
    """The head is not held back."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def begin(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                await send({"type": "http.response.body", "more_body": True})

        await application(scope, receive, begin)

    return broken
