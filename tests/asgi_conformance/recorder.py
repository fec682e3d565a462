"""The recorder: wraps an application in the server's process and reports what it is told and does.

It changes nothing that passes. A request takes part by the header `asgi-conformance-id`, and the
lifespan under the id `lifespan`; all others go straight through. `asgi-conformance-hold: N`
makes it keep back the N-th message of the response's body, and those after it, until the test
releases them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Report = Callable[[dict[str, object]], None]

ID_HEADER = b"asgi-conformance-id"
HOLD_HEADER = b"asgi-conformance-hold"
LIFESPAN = "lifespan"
_BODY_TYPES = frozenset(
    {"http.response.body", "http.response.pathsend", "http.response.zerocopysend"}
)


class Gate:
    """Lets a number of steps pass and keeps the rest until it is opened further."""

    def __init__(self, hold: int | None) -> None:
        self._allowed = float("inf") if hold is None else float(hold - 1)
        self._moved = anyio.Event()
        self._token = anyio.lowlevel.current_token()

    def holds(self, number: int) -> bool:
        """Whether the step of that number, counted from 1, may not pass yet."""
        return number > self._allowed

    async def wait(self, number: int) -> None:
        """Wait until the step of that number may pass."""
        while self.holds(number):
            await self._moved.wait()

    def release(self, count: int | None) -> None:
        """Let `count` more steps pass, or all of them. Called from another thread."""
        anyio.from_thread.run_sync(self._release, count, token=self._token)

    def _release(self, count: int | None) -> None:
        self._allowed = float("inf") if count is None else self._allowed + count
        self._moved.set()
        self._moved = anyio.Event()


class Watch:
    """The recorder's part in one request, or in the lifespan."""

    def __init__(self, request_id: str, report: Report, hold: int | None = None) -> None:
        self._id = request_id
        self._report = report
        self._bodies = Gate(hold)
        self._body_count = 0
        self._steps = Gate(1)
        self._step_count = 0

    def report(self, event: str, /, **fields: object) -> None:
        """Report an event, with the time of the system's monotonic clock in seconds."""
        self._report({"id": self._id, "event": event, "time": time.monotonic(), **fields})

    async def pause(self) -> None:
        """Wait until the test releases the request once more. For applications in the know."""
        self._step_count += 1
        self.report("pause")
        await self._steps.wait(self._step_count)

    def release(self, count: int | None) -> None:
        """Let `count` more messages of the body, or pauses, pass. Called from another thread."""
        self._bodies.release(count)
        self._steps.release(count)

    async def run(
        self, application: Application, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Run the application and report what it is told and does."""

        async def receive_watched() -> Message:
            self.report("receive-begin")
            try:
                message = await receive()
            except BaseException as raised:
                self.report("receive-failed", **_describe_error(raised))
                raise
            self.report("receive", **_describe(message))
            return message

        async def send_watched(message: Message) -> None:
            await self._send(message, send)

        how: dict[str, object] = {"how": "returned", "error": ""}
        try:
            await application(scope, receive_watched, send_watched)
        except anyio.get_cancelled_exc_class():
            how = {"how": "cancelled", "error": ""}
            raise
        except BaseException as raised:
            how = {"how": "raised", **_describe_error(raised)}
            raise
        finally:
            self.report("end", **how)

    async def _send(self, message: Message, send: Send) -> None:
        # Described before it is sent: what the application or a middleware does to the message
        # afterwards is not what it said.
        described = _describe(message)
        if message.get("type") in _BODY_TYPES:
            self._body_count += 1
            number = self._body_count
            if self._bodies.holds(number):
                self.report("hold", **described)
                await self._bodies.wait(number)
        self.report("send-begin", **described)
        try:
            await send(message)
        except BaseException as raised:
            self.report("send-failed", **_describe_error(raised), **described)
            raise
        self.report("send-end", **described)


WATCH: ContextVar[Watch] = ContextVar("watch")
"""The watch over the request that is run, for applications in the know."""


class Recorder:
    """An ASGI application that runs another and hands `report` one dictionary an event.

    `every` has it report the requests without an id, too.
    """

    def __init__(self, application: Application, report: Report, *, every: bool = False) -> None:
        self._application = application
        self._report = report
        self._every = every
        self._watches: dict[str, Watch] = {}

    def release(self, request_id: str, count: int | None) -> None:
        """Release what is held of a request; of one that is over or unknown, do nothing."""
        watch = self._watches.get(request_id)
        if watch is not None:
            watch.release(count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            request_id, hold = LIFESPAN, None
        else:
            request_id = _read_field(scope, ID_HEADER) or ("request" if self._every else "")
            hold = _read_field(scope, HOLD_HEADER)
        if scope["type"] not in ("http", "lifespan") or not request_id:
            WATCH.set(Watch("", _keep_silent))
            await self._application(scope, receive, send)
            return
        watch = Watch(request_id, self._report, None if hold is None else int(hold))
        # Never reset: the context is that of the request's own task, which may be closed in
        # another one.
        WATCH.set(watch)
        self._watches[request_id] = watch
        watch.report("call", scope=_summarise(scope))
        try:
            await watch.run(self._application, scope, receive, send)
        finally:
            self._watches.pop(request_id, None)


def _keep_silent(_: dict[str, object]) -> None:
    """The report of what nobody asked for."""


def _read_field(scope: Scope, wanted: bytes) -> str | None:
    for name, value in scope.get("headers", ()):
        if name.lower() == wanted:
            return bytes(value).decode("latin-1")
    return None


def _describe(message: Message) -> dict[str, object]:
    described: dict[str, object] = {"type": message.get("type")}
    if hasattr(message.get("body"), "__len__"):
        described["size"] = len(message["body"])
    if "more_body" in message:
        described["more_body"] = message["more_body"]
    if "status" in message:
        described["status"] = message["status"]
        fields = message.get("headers", ())
        # An iterable that can be iterated once is left for the server.
        if isinstance(fields, list | tuple):
            described["headers"] = [[_show(part) for part in field] for field in fields]
    return described


def _show(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else repr(value)


def _describe_error(error: BaseException) -> dict[str, object]:
    return {"error": repr(error), "kinds": [kind.__name__ for kind in type(error).__mro__]}


def _summarise(scope: Scope) -> dict[str, object]:
    summary: dict[str, object] = {"type": scope["type"]}
    for key in ("http_version", "method", "path", "root_path"):
        if key in scope:
            summary[key] = scope[key]
    for key in ("raw_path", "query_string"):
        if key in scope:
            summary[key] = (scope[key] or b"").decode("latin-1")
    summary["spec_version"] = scope["asgi"].get("spec_version", "2.0")
    summary["extensions"] = sorted(scope.get("extensions") or ())
    return summary
