"""The probe: an application that does what the script of a request says.

A request without a script is answered 200 with the content `probe`. The script of the lifespan
is in the environment variable `ASGI_CONFORMANCE_LIFESPAN`; without one, startup and shutdown are
completed. See `asgi_conformance.server.script` for the steps.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import anyio
from anyio.abc import TaskGroup
from anyio.lowlevel import RunVar

from asgi_conformance.recorder import WATCH, Message, Receive, Scope, Send, Watch
from asgi_conformance.server.script import HEADER

LIFESPAN_VARIABLE = "ASGI_CONFORMANCE_LIFESPAN"
_LIFESPAN = (
    {"receive": 1},
    {"set_state": ["probe", []], "catch": True},
    {"send": {"type": "lifespan.startup.complete"}},
    {"receive": 1},
    {"send": {"type": "lifespan.shutdown.complete"}},
)
_DEFAULT = (
    {"send": {"type": "http.response.start", "status": 200, "headers": []}},
    {"send": {"type": "http.response.body", "body": "probe"}},
)
_SHOWN_BYTES = 4096
_LOOP: RunVar[str] = RunVar("asgi_conformance.server.probe")

Step = Mapping[str, Any]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The probe. Raises `NotImplementedError` for scopes that are neither HTTP nor lifespan."""
    watch = WATCH.get()
    watch.report("scope", scope=describe(scope), main_thread=_is_main_thread(), loop=_name_loop())
    steps: Sequence[Step]
    if scope["type"] == "lifespan":
        script = os.environ.get(LIFESPAN_VARIABLE)
        steps = json.loads(script) if script else _LIFESPAN
    elif scope["type"] == "http":
        script = _read_script(scope)
        steps = json.loads(script) if script else _DEFAULT
    else:
        raise NotImplementedError(f"no scope of the type {scope['type']!r}")
    await Player(scope, receive, send, watch).play(steps)


class Leave(Exception):
    """The script returns from the application."""


class Player:
    """Plays one script."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, watch: Watch) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._watch = watch

    async def play(self, steps: Sequence[Step]) -> None:
        """Do all steps. Raises what the script raises, and what `receive` and `send` do."""
        if not any("beside" in step for step in steps):
            # Without a task group, which would wrap what is raised.
            await self._play_alone(steps)
            return
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            try:
                await self._do_all(steps, tasks)
            except Leave:
                tasks.cancel_scope.cancel()
            except Exception as error:
                # Raised below: the task group would wrap it.
                failure = error
                tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def _play_alone(self, steps: Sequence[Step]) -> None:
        try:
            await self._do_all(steps, None)
        except Leave:
            return

    async def _do_all(self, steps: Sequence[Step], tasks: TaskGroup | None) -> None:
        for step in steps:
            try:
                await self._do(step, tasks)
            except Exception as error:
                if not step.get("catch") or isinstance(error, Leave):
                    raise

    async def _do(self, step: Step, tasks: TaskGroup | None) -> None:
        match step:
            case {"send": message}:
                await self._send(read_message(message))
            case {"receive": 1, "within": seconds}:
                with anyio.move_on_after(seconds) as limit:
                    await self._take()
                self._watch.report("note", name="gave up" if limit.cancel_called else "received")
            case {"receive": int(count)}:
                for _ in range(count):
                    await self._take()
            case {"receive": "body"}:
                while (message := await self._take()).get("more_body"):
                    pass
            case {"receive": message_type}:
                while (await self._take())["type"] != message_type:
                    pass
            case {"repeat": count, "steps": steps}:
                done = 0
                while count is None or done < count:
                    await self._do_all(steps, tasks)
                    done += 1
            case {"beside": steps}:
                if tasks is None:
                    raise ValueError("`beside` stands at the top of a script alone")
                tasks.start_soon(self._do_all, steps, tasks)
            case _:
                await self._do_by_itself(step)

    async def _do_by_itself(self, step: Step) -> None:
        """Do a step that has nothing to do with the server."""
        match step:
            case {"wait": _}:
                await self._watch.pause()
            case {"sleep": seconds}:
                await anyio.sleep(seconds)
            case {"block": seconds}:
                time.sleep(seconds)  # noqa: ASYNC251 - to block the loop is what is asked for
            case {"note": name}:
                self._watch.report("note", name=name)
            case {"set_state": [key, value]}:
                self._scope["state"][key] = value
            case {"append_state": [key, value]}:
                self._scope["state"][key].append(value)
            case {"tell_state": _}:
                self._watch.report("state", state=describe(self._scope["state"]))
            case {"raise": name}:
                raise getattr(builtins, name)("as the script says")
            case {"return": _}:
                raise Leave
            case _:
                raise ValueError(f"no such step: {step}")

    async def _take(self) -> Message:
        message = await self._receive()
        self._watch.report("message", message=describe(message))
        return message


def read_message(message: Mapping[str, Any]) -> Message:
    """The message that the script has written; see `asgi_conformance.server.script`."""
    return {key: _read(value, key in ("headers", "body")) for key, value in message.items()}


def _read(value: Any, strings_are_bytes: bool) -> Any:
    match value:
        case {"$str": text}:
            return text
        case {"$bytes": text}:
            return text.encode("latin-1")
        case {"$bytearray": text}:
            return bytearray(text.encode("latin-1"))
        case {"$memoryview": text}:
            return memoryview(text.encode("latin-1"))
        case {"$words": text}:
            return memoryview(text.encode("latin-1")).cast("I")
        case {"$repeat": [text, count]}:
            return text.encode("latin-1") * count
        case {"$tuple": items}:
            return tuple(_read(item, strings_are_bytes) for item in items)
        case {"$iter": items}:
            return iter([_read(item, strings_are_bytes) for item in items])
        case {"$open": content}:
            return _open(content, 0)
        case {"$open_at": [content, position]}:
            return _open(content, position)
        case str() if strings_are_bytes:
            return value.encode("latin-1")
        case list():
            return [_read(item, strings_are_bytes) for item in value]
        case _:
            return value


def _open(content: Any, position: int) -> BinaryIO:
    """A file of that content, which stands at that position."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the server reads it after this
    file.write(_read(content, strings_are_bytes=True))
    file.seek(position)
    return file


def describe(value: object) -> object:
    """A value and its types in words that JSON has; `probing.read_description` reads them."""
    match value:
        case bytes() if len(value) > _SHOWN_BYTES:
            return {"$large": [len(value), hashlib.sha256(value).hexdigest()]}
        case bytes():
            return {"$bytes": value.decode("latin-1")}
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [describe(item) for item in value]
        case tuple():
            return {"$tuple": [describe(item) for item in value]}
        case dict():
            return {"$dict": [[describe(key), describe(item)] for key, item in value.items()]}
        case _:
            kind = type(value)
            return {"$other": [f"{kind.__module__}.{kind.__qualname__}", repr(value)[:200]]}


def _read_script(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name.lower() == HEADER.encode()]
    return values[0].decode("latin-1") if values else ""


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _name_loop() -> str | None:
    """A name for the event loop in which this runs, the same each time; None without a loop."""
    try:
        return _LOOP.get()
    except LookupError:
        name = str(uuid.uuid4())
        _LOOP.set(name)
        return name
    except RuntimeError:
        return None
