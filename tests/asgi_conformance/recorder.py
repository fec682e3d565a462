"""The recorder: wraps an application in the server's process and reports what it is told and does.

It changes nothing that passes. A request takes part by the header `asgi-conformance-id`; all
others, and the lifespan, go straight through. `asgi-conformance-hold: N` makes it keep back the
N-th message of the response's body, and those after it, until the test releases them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
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
_BODY_TYPES = frozenset(
    {"http.response.body", "http.response.pathsend", "http.response.zerocopysend"}
)


class Gate:
    """Lets a number of body messages pass and keeps the rest until it is opened further."""

    def __init__(self, hold: int | None) -> None:
        self._allowed = float("inf") if hold is None else float(hold - 1)
        self._moved = anyio.Event()
        self._token = anyio.lowlevel.current_token()

    def holds(self, number: int) -> bool:
        """Whether the message of that number, counted from 1, may not pass yet."""
        return number > self._allowed

    async def wait(self, number: int) -> None:
        """Wait until the message of that number may pass."""
        while self.holds(number):
            await self._moved.wait()

    def release(self, count: int | None) -> None:
        """Let `count` more messages pass, or all of them. Called from another thread."""
        anyio.from_thread.run_sync(self._release, count, token=self._token)

    def _release(self, count: int | None) -> None:
        self._allowed = float("inf") if count is None else self._allowed + count
        self._moved.set()
        self._moved = anyio.Event()


class Recorder:
    """An ASGI application that runs another and hands `report` one dictionary an event."""

    def __init__(self, application: Application, report: Report) -> None:
        self._application = application
        self._report = report
        self._gates: dict[str, Gate] = {}

    def release(self, request_id: str, count: int | None) -> None:
        """Release body messages of a request; of one that is over or unknown, do nothing."""
        gate = self._gates.get(request_id)
        if gate is not None:
            gate.release(count)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        request_id = headers.get(ID_HEADER, b"").decode("latin-1")
        if scope["type"] != "http" or not request_id:
            await self._application(scope, receive, send)
            return
        hold = headers.get(HOLD_HEADER)
        gate = self._gates[request_id] = Gate(None if hold is None else int(hold))
        watched = _Watched(request_id, gate, self._report, receive, send)
        watched.report("call", scope=_summarise(scope))
        how, error = "returned", ""
        try:
            await self._application(scope, watched.receive, watched.send)
        except anyio.get_cancelled_exc_class():
            how = "cancelled"
            raise
        except BaseException as raised:
            how, error = "raised", repr(raised)
            raise
        finally:
            del self._gates[request_id]
            watched.report("end", how=how, error=error)


class _Watched:
    """The receive and send of one request."""

    def __init__(
        self, request_id: str, gate: Gate, report: Report, receive: Receive, send: Send
    ) -> None:
        self._id = request_id
        self._gate = gate
        self._report = report
        self._receive = receive
        self._send = send
        self._bodies = 0

    def report(self, name: str, **fields: object) -> None:
        self._report({"id": self._id, "event": name, **fields})

    async def receive(self) -> Message:
        self.report("receive-begin")
        try:
            message = await self._receive()
        except BaseException as raised:
            self.report("receive-failed", error=repr(raised))
            raise
        self.report("receive", **_describe(message))
        return message

    async def send(self, message: Message) -> None:
        # Described before it is sent: what the application or a middleware does to the message
        # afterwards is not what it said.
        described = _describe(message)
        if message["type"] in _BODY_TYPES:
            self._bodies += 1
            number = self._bodies
            if self._gate.holds(number):
                self.report("hold", **described)
                await self._gate.wait(number)
        self.report("send-begin", **described)
        try:
            await self._send(message)
        except BaseException as raised:
            self.report("send-failed", error=repr(raised), **described)
            raise
        self.report("send-end", **described)


def _describe(message: Message) -> dict[str, object]:
    described: dict[str, object] = {"type": message["type"]}
    if "body" in message:
        described["size"] = len(message["body"])
    if "more_body" in message:
        described["more_body"] = message["more_body"]
    if "status" in message:
        described["status"] = message["status"]
        described["headers"] = [
            [name.decode("latin-1"), value.decode("latin-1")]
            for name, value in message.get("headers", ())
        ]
    return described


def _summarise(scope: Scope) -> dict[str, object]:
    return {
        "type": scope["type"],
        "http_version": scope["http_version"],
        "method": scope["method"],
        "path": scope["path"],
        "raw_path": (scope.get("raw_path") or b"").decode("latin-1"),
        "query_string": scope["query_string"].decode("latin-1"),
        "root_path": scope.get("root_path", ""),
        "spec_version": scope["asgi"].get("spec_version", "2.0"),
        "extensions": sorted(scope.get("extensions") or ()),
    }
