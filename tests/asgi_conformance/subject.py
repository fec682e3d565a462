"""The subject: what a server of the suite really serves, put together from the environment.

The order is server, middleware, recorder, application: the recorder sees what the application
is told by the middleware and what it does, the client what the middleware makes of it.

* `ASGI_CONFORMANCE_APP`: the application's import string.
* `ASGI_CONFORMANCE_MIDDLEWARE`: the import string of a callable that takes an ASGI application
  and returns one; optional.
* `ASGI_CONFORMANCE_RECORDER`: `host:port`, where the test process listens to the recorder;
  without it, what the recorder sees of every request is printed to the standard error stream.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from asgi_conformance.recorder import Application, Receive, Recorder, Scope, Send

_LAST_SECONDS = 5.0
_DESCRIPTORS = Path("/proc/self/fd")


def load(import_string: str) -> object:
    """The object that `module:attribute` names; raises what the import raises."""
    module, _, attribute = import_string.partition(":")
    target: object = importlib.import_module(module)
    for name in attribute.split("."):
        target = getattr(target, name)
    return target


def list_descriptors() -> list[str] | None:
    """What the process's open file descriptors point to; None where the system cannot tell."""
    if not _DESCRIPTORS.is_dir():
        return None
    targets = []
    for descriptor in list(_DESCRIPTORS.iterdir()):
        with suppress(FileNotFoundError):  # closed since it was listed, or the listing's own
            targets.append(str(descriptor.readlink()))
    return targets


class Subject:
    """The composed application, and the server's end of the side channel to `address`."""

    def __init__(self, application: Application, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._recorder = Recorder(application, self._report)
        threading.Thread(target=self._obey, name="side channel", daemon=True).start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._loop is None:
            with suppress(RuntimeError):  # another loop than asyncio's; its tasks are not counted
                self._loop = asyncio.get_running_loop()
        await self._recorder(scope, receive, send)

    def _report(self, line: dict[str, object]) -> None:
        with self._lock:
            self._socket.sendall(json.dumps(line).encode() + b"\n")

    def _obey(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                order = json.loads(line)
                if "release" in order:
                    self._recorder.release(order["release"], order["count"])
                else:
                    seen = self._observe() if order["snapshot"] else {}
                    self._report({"reply": order["reply"], **seen})
        # The test process is gone; a server without it would stay for ever.
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_LAST_SECONDS)
        os._exit(1)

    def _observe(self) -> dict[str, object]:
        return {
            "descriptors": list_descriptors(),
            "threads": threading.active_count(),
            "tasks": None if self._loop is None else len(asyncio.all_tasks(self._loop)),
        }


def _print(report: dict[str, object]) -> None:
    """Show an event to whoever runs the subject by hand."""
    said = {name: value for name, value in report.items() if name not in ("id", "event", "kinds")}
    print(f"{report['id']}: {report['event']} {json.dumps(said)}", file=sys.stderr, flush=True)


def _compose() -> Application:
    application = cast(Application, load(os.environ["ASGI_CONFORMANCE_APP"]))
    address = os.environ.get("ASGI_CONFORMANCE_RECORDER")
    subject: Application = (
        Subject(application, address) if address else Recorder(application, _print, every=True)
    )
    middleware = os.environ.get("ASGI_CONFORMANCE_MIDDLEWARE")
    if middleware:
        wrap = cast(Callable[[Application], Application], load(middleware))
        subject = wrap(subject)
    return subject


app = _compose()
