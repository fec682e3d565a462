"""Mistakes in the lifespan. They are put in at the start, by BROKEN_BY."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from functools import wraps

from reference.connection import Connection
from reference.lifespan import Lifespan, Phase
from reference.mistakes.altering import Mistake, alters_lifespan
from reference.mistakes.departure import hang
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_TYPES = frozenset(
    f"lifespan.{phase}.{outcome}"
    for phase in ("startup", "shutdown")
    for outcome in ("complete", "failed")
)


@alters_lifespan
def version_is_a_number(scope: Scope) -> None:
    scope["asgi"]["version"] = 3.0


@alters_lifespan
def spec_version_of_http(scope: Scope) -> None:
    scope["asgi"]["spec_version"] = "2.5"


def _alters_sent(change: Callable[[Message], Message | None]) -> Mistake:
    """The mistake that has another message in place of each that the lifespan sends, or none."""

    @wraps(change)
    def mistake(application: Application) -> Application:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            async def put(message: Message) -> None:
                changed = change(message)
                if changed is not None:
                    await send(changed)

            await application(scope, receive, put if scope["type"] == "lifespan" else send)

        return broken

    return mistake


@_alters_sent
def ignoring_unknown_events(message: Message) -> Message | None:
    return message if message["type"] in _TYPES else None


@_alters_sent
def refusing_additional_keys(message: Message) -> Message:
    unknown = message.keys() - {"type", "message"}
    assert not unknown, f"unknown keys: {unknown}"
    return message


@_alters_sent
def without_the_message(message: Message) -> Message:
    return {"type": message["type"]}


@_alters_sent
def requiring_the_message(message: Message) -> Message:
    if message["type"].endswith(".failed"):
        message["message"]
    return message


@_alters_sent
def starting_all_the_same(message: Message) -> Message:
    failed = message["type"] == "lifespan.startup.failed"
    return {"type": "lifespan.startup.complete"} if failed else message


@_alters_sent
def dying_of_a_failed_shutdown(message: Message) -> Message:
    if message["type"] == "lifespan.shutdown.failed":
        os._exit(9)
    return message


def _for_the_lifespan(broken: Application, whole: Application) -> Application:
    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        await (broken if scope["type"] == "lifespan" else whole)(scope, receive, send)

    return choose


def two_lifespans(application: Application) -> Application:
    """There is one that nobody is told the end of."""
    others: set[asyncio.Future[None]] = set()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def swallow(message: Message) -> None:
            pass

        call = application({**scope}, hang, swallow)
        others.add(asyncio.ensure_future(call))
        await asyncio.sleep(0)
        await application(scope, receive, send)

    return _for_the_lifespan(broken, application)


def cancelled_when_started(application: Application) -> Application:
    """The lifespan lasts as long as the startup."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def put(message: Message) -> None:
            await send(message)
            task.cancel()

        task = asyncio.ensure_future(application(scope, receive, put))
        await asyncio.wait({task})

    return _for_the_lifespan(broken, application)


def startup_by_another_name(application: Application) -> Application:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def rename() -> Message:
            message = await receive()
            return {"type": message["type"].replace("startup", "start")}

        await application(scope, rename, send)

    return _for_the_lifespan(broken, application)


def failing_with_the_lifespan(application: Application) -> Application:
    """An application without a lifespan does not start."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(scope, receive, send)
        except RuntimeError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})

    return _for_the_lifespan(broken, application)


def waiting_for_what_has_returned(application: Application) -> Application:
    """Only a message ends the wait for the startup."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await application(scope, receive, send)
        await hang()

    return _for_the_lifespan(broken, application)


def stopping_with_the_lifespan(application: Application) -> Application:
    """A lifespan that is over ends the server."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(scope, receive, send)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    return _for_the_lifespan(broken, application)


def serving_after_the_shutdown(application: Application) -> Application:
    """The application is told of the end first, and nothing else happens."""
    stopped = asyncio.Event()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell() -> Message:
            message = await receive() if not started else None
            if message is None:
                await stopped.wait()
            started.append(True)
            return message or {"type": "lifespan.shutdown"}

        started: list[bool] = []
        if scope["type"] == "lifespan":
            await application(scope, tell, send)
        else:
            # By now the server has made its own arrangement for the signal.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
            await application(scope, receive, send)

    return broken


class FailsWithAnotherStatus(Policy):
    """The exit status is that of a usage error."""

    startup_failed_status = 2


class StartsAtOnce(Policy):
    """Requests come while the application starts."""

    def create_lifespan(self, application: Application) -> Lifespan:
        class Hasty(Lifespan):
            async def start(self) -> None:
                self._task = asyncio.create_task(self._run())

        return Hasty(application)


class EndsAtOnce(Policy):
    """The application is told of the end, and not waited for."""

    def create_lifespan(self, application: Application) -> Lifespan:
        class Hasty(Lifespan):
            async def stop(self) -> None:
                self._enter(Phase.STOPPING)
                await asyncio.sleep(0.1)

        return Hasty(application)


class NeverEnds(Policy):
    """The application is told of the end, and then the server hangs."""

    def create_lifespan(self, application: Application) -> Lifespan:
        class Unending(Lifespan):
            async def stop(self) -> None:
                await super().stop()
                await hang()

        return Unending(application)


class TellsFirst(Policy):
    """The application is told of the end before connections are closed."""

    def create_lifespan(self, application: Application) -> Lifespan:
        self._lifespan = super().create_lifespan(application)
        return self._lifespan

    def stop(self, connections: list[Connection]) -> None:
        self._lifespan._enter(Phase.STOPPING)
        super().stop(connections)
