"""The lifespan: the application is told of the start before requests come, and of the end."""

from __future__ import annotations

import asyncio
import logging
from enum import Enum, auto
from typing import Any

from reference.errors import InvalidEvent, StartupFailed
from reference.types import Application, Message, Scope
from reference.wakeup import Signal

_LOG = logging.getLogger("reference")
_LAST_SECONDS = 1.0


class Phase(Enum):
    """Where the lifespan is."""

    STARTING = auto()
    RUNNING = auto()
    STOPPING = auto()
    OVER = auto()


class Lifespan:
    """One call of the application. `state` is what it leaves there for the requests."""

    def __init__(self, application: Application) -> None:
        self.state: dict[str, Any] = {}
        self._application = application
        self._phase = Phase.STARTING
        self._failure: str | None = None
        self._received: set[Phase] = set()
        self._changed = Signal()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the application; returns when it is ready, or does without a lifespan.

        Raises `StartupFailed`.
        """
        self._task = asyncio.create_task(self._run())
        await self._wait_while(Phase.STARTING)
        if self._failure is not None:
            raise StartupFailed(self._failure)

    async def stop(self) -> None:
        """Tell the application that the server stops; returns when it is done."""
        if self._phase is Phase.RUNNING and self._task is not None:
            self._enter(Phase.STOPPING)
            await self._wait_while(Phase.STOPPING)
            if self._failure is not None:
                _LOG.error("the application failed to shut down: %s", self._failure)
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_LAST_SECONDS)
            self._task.cancel()

    async def _run(self) -> None:
        scope: Scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._application(scope, self._receive, self._send)
        except Exception as error:
            # An application that does not know the lifespan raises, which is allowed.
            if self._phase is not Phase.STARTING:
                _LOG.error("the application raised in its lifespan", exc_info=error)
        finally:
            self._enter(Phase.OVER)

    async def _receive(self) -> Message:
        events = {Phase.STARTING: "lifespan.startup", Phase.STOPPING: "lifespan.shutdown"}
        while self._phase not in events or self._phase in self._received:
            await self._changed.wait()
        self._received.add(self._phase)
        return {"type": events[self._phase]}

    async def _send(self, message: Message) -> None:
        name = message.get("type")
        if name == f"lifespan.{self._name}.complete":
            pass
        elif name == f"lifespan.{self._name}.failed":
            text = message.get("message", "")
            if not isinstance(text, str):
                raise InvalidEvent(f"message is no string: {text!r:.80}")
            self._failure = text
        else:
            raise InvalidEvent(f"no message of the lifespan, or out of turn: {name!r:.80}")
        complete = self._phase is Phase.STARTING and self._failure is None
        self._enter(Phase.RUNNING if complete else Phase.OVER)

    @property
    def _name(self) -> str:
        """What is being done, as the names of messages have it."""
        return {Phase.STARTING: "startup", Phase.STOPPING: "shutdown"}.get(self._phase, "")

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._changed.notify()

    async def _wait_while(self, phase: Phase) -> None:
        while self._phase is phase:
            await self._changed.wait()
