"""Mistakes in how and where the application is called, and in what it is given of the state."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from reference.mistakes.altering import alters_lifespan, alters_scope
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_T = TypeVar("_T")


def sending_synchronously(application: Application) -> Application:
    """`send` is no awaitable callable."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        sent: set[asyncio.Future[None]] = set()

        def put(message: Message) -> None:
            sent.add(asyncio.ensure_future(send(message)))

        await application(scope, receive, cast(Send, put))

    return broken


def called_by_name(application: Application) -> Application:
    call = cast(Callable[..., Awaitable[None]], application)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await call(scope=scope, receive=receive, send=send)

    return broken


def called_twice(application: Application) -> Application:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await application(scope, receive, send)
        await application(scope, receive, send)

    return broken


def called_without_a_loop(application: Application) -> Application:
    """The application is a coroutine that somebody else drives."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        def drive() -> None:
            for _ in application(scope, receive, send).__await__():
                raise RuntimeError("it waits")

        if scope["type"] == "http":
            await asyncio.to_thread(drive)
        else:
            await application(scope, receive, send)

    return broken


def called_in_a_thread(application: Application) -> Application:
    """Each request has a thread, and a loop in it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        home = asyncio.get_running_loop()

        async def ask(awaitable: Awaitable[_T]) -> _T:
            async def wait() -> _T:
                return await awaitable

            future: Future[_T] = asyncio.run_coroutine_threadsafe(wait(), home)
            return await asyncio.wrap_future(future)

        async def call() -> None:
            await application(scope, lambda: ask(receive()), lambda message: ask(send(message)))

        if scope["type"] == "http":
            await asyncio.to_thread(asyncio.run, call())
        else:
            await application(scope, receive, send)

    return broken


# The state.


class CopiesDeeply(Policy):
    """Each request has objects of its own."""

    def copy_state(self, state: dict[str, Any]) -> dict[str, Any]:
        return copy.deepcopy(state)


class CopiesOnce(Policy):
    """What the lifespan binds later, no request has."""

    def __init__(self) -> None:
        self._first: dict[str, Any] | None = None

    def copy_state(self, state: dict[str, Any]) -> dict[str, Any]:
        if self._first is None:
            self._first = dict(state)
        return dict(self._first)


@alters_lifespan
def state_of_the_server(scope: Scope) -> None:
    scope["state"]["server"] = "reference"


@alters_lifespan
def state_for_requests_alone(scope: Scope) -> None:
    del scope["state"]


@alters_scope
def state_with_more_in_it(scope: Scope) -> None:
    scope["state"]["server"] = "reference"


def state_cleared_at_the_end(application: Application) -> Application:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def clear() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                scope["state"].clear()
            return message

        await application(scope, clear, send)

    return broken
