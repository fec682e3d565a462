"""Mistakes of `send` when the client is gone, or slow."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from reference.errors import is_disconnect
from reference.mistakes.departure import hang
from reference.policy import Policy
from reference.request import Request
from reference.types import Application, Message, Receive, Scope, Send

_LOG = logging.getLogger("reference")
_BLOCKED_SECONDS = 0.1
_MIB = 1024 * 1024


class Failure(NamedTuple):
    """What could not be sent, and why."""

    message: Message
    error: OSError


Fail = Callable[[Failure], Awaitable[None]]


def _fail(application: Application, fail: Callable[[], Fail]) -> Application:
    """Put something else in the place of the error that says that the client is gone."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        fails = fail()

        async def try_to(message: Message) -> None:
            try:
                await send(message)
            except OSError as error:
                await fails(Failure(message, error))

        await application(scope, receive, try_to)

    return broken


class LogsDisconnect(Policy):
    """A client's going away is an error."""

    def report(self, request: Request, error: BaseException | None) -> None:
        _LOG.error("%s: the application raised", request.method, exc_info=error)


class EndsWithDisconnect(Policy):
    """What `send` raised ends the server, when the application raises it again."""

    def report(self, request: Request, error: BaseException | None) -> None:
        super().report(request, error)
        if error is not None and is_disconnect(error):
            os._exit(1)


class NeverWaits(Policy):
    """Whatever an application sends is taken."""

    def waits_for_drain(self) -> bool:
        return False


def raising_another_class(application: Application) -> Application:
    """The error is one that says nothing of a connection."""

    async def fail(failure: Failure) -> None:
        raise RuntimeError("the response is over") from failure.error

    return _fail(application, lambda: fail)


def raising_python_own(application: Application) -> Application:
    """The error is Python's own, which an application's own connections raise, too."""

    async def fail(failure: Failure) -> None:
        raise ConnectionResetError from failure.error

    return _fail(application, lambda: fail)


def raising_after_content(application: Application) -> Application:
    """Where nothing of the response is out, nothing is raised."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def try_to(message: Message) -> None:
            nonlocal begun
            try:
                await send(message)
            except OSError:
                if begun:
                    raise
            else:
                begun = begun or message["type"] == "http.response.body"

        await application(scope, receive, try_to)

    return broken


def raising_when_told(application: Application) -> Application:
    """To an application that does not receive, nothing is raised."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        told = False

        async def wait() -> Message:
            nonlocal told
            message = await receive()
            told = told or message["type"] == "http.disconnect"
            return message

        async def try_to(message: Message) -> None:
            try:
                await send(message)
            except OSError:
                if told:
                    raise

        await application(scope, wait, try_to)

    return broken


def waiting_for_ever(application: Application) -> Application:
    """What cannot be sent any more is waited for."""

    async def fail(_: Failure) -> None:
        await hang()

    return _fail(application, lambda: fail)


def waiting_when_full(application: Application) -> Application:
    """What cannot be sent any more is kept, and beyond a mebibyte waited for."""

    def create() -> Fail:
        kept = 0

        async def fail(failure: Failure) -> None:
            nonlocal kept
            kept += len(failure.message.get("body", b""))
            if kept > _MIB:
                await hang()

        return fail

    return _fail(application, create)


def stuck_when_blocked(application: Application) -> Application:
    """A `send` that waits for a slow client does not notice that it leaves."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def try_to(message: Message) -> None:
            began = time.monotonic()
            try:
                await send(message)
            except OSError:
                if time.monotonic() - began > _BLOCKED_SECONDS:
                    await hang()
                raise

        await application(scope, receive, try_to)

    return broken


def losing_after_a_wait(application: Application) -> Application:
    """What is sent right after a `send` that had to wait is lost."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        waited = False

        async def forget(message: Message) -> None:
            nonlocal waited
            if waited and message.get("more_body"):
                waited = False
                return
            began = time.monotonic()
            await send(message)
            waited = time.monotonic() - began > _BLOCKED_SECONDS

        await application(scope, receive, forget)

    return broken


def sending_late(application: Application) -> Application:
    """Everything that is sent waits for 20 milliseconds."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def delay(message: Message) -> None:
            await asyncio.sleep(0.02)
            await send(message)

        await application(scope, receive, delay)

    return broken
