"""How to write down a mistake by what it alters of a scope or of what is received."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from reference.types import Application, Message, Receive, Scope, Send

Mistake = Callable[[Application], Application]


def alters_scope(change: Callable[[Scope], Scope | None]) -> Mistake:
    """The mistake that changes the scope of each request, or has another in its place."""

    @wraps(change)
    def mistake(application: Application) -> Application:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope = change(scope) or scope
            await application(scope, receive, send)

        return broken

    return mistake


def alters_lifespan(change: Callable[[Scope], object]) -> Mistake:
    """The mistake that changes the scope of the lifespan. It is put in at the start."""

    @wraps(change)
    def mistake(application: Application) -> Application:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                change(scope)
            await application(scope, receive, send)

        return broken

    return mistake


def alters_received(change: Callable[[Scope, Message], object]) -> Mistake:
    """The mistake that changes each message that a request receives."""

    @wraps(change)
    def mistake(application: Application) -> Application:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            async def receive_changed() -> Message:
                message = await receive()
                if message["type"] == "http.request":
                    change(scope, message)
                return message

            await application(scope, receive_changed, send)

        return broken

    return mistake


def alters_headers(change: Callable[[list[Any]], list[Any]]) -> Mistake:
    """The mistake that has other header fields in the scope of each request."""

    @wraps(change)
    def mistake(application: Application) -> Application:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope["headers"] = change(scope["headers"])
            await application(scope, receive, send)

        return broken

    return mistake
