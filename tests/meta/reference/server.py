"""The server: starts the application, serves a listening socket until it is told to stop."""

from __future__ import annotations

import asyncio
import importlib
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from asgiref.compatibility import guarantee_single_callable

from reference.connection import PREFACE, Connection, Dialect
from reference.errors import StartupFailed
from reference.host import Host
from reference.http1 import Http1
from reference.http2 import Http2
from reference.switch import Switch
from reference.types import Application

_LOG = logging.getLogger("reference")
_LAST_SECONDS = 0.5


def load_application(import_string: str) -> Application:
    """The application that `module:attribute` names, of ASGI 3 or 2.

    Raises `ImportError` and `AttributeError`.
    """
    sys.path.insert(0, str(Path.cwd()))
    module, _, attribute = import_string.partition(":")
    target: object = importlib.import_module(module)
    for name in attribute.split("."):
        target = getattr(target, name)
    adapt = cast(Callable[[object], Application], guarantee_single_callable)
    return adapt(target)


def choose_dialect(connection: Connection, first: bytes) -> Dialect | None:
    """HTTP/2 where the first bytes are its preface; None where that cannot be told yet."""
    if first.startswith(PREFACE):
        return Http2(connection)
    return None if PREFACE.startswith(first) else Http1(connection)


async def serve(
    application: Application,
    listener: socket.socket,
    *,
    root_path: str = "",
    tls: ssl.SSLContext | None = None,
    server_certificate: str | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status."""
    switch = Switch(application)
    lifespan = switch.policy.create_lifespan(switch)
    host = Host(switch, root_path=root_path, server_certificate=server_certificate)
    try:
        await lifespan.start()
    except StartupFailed as failure:
        _LOG.error("the application failed to start: %s", failure)
        return switch.policy.startup_failed_status
    host.state = lifespan.state
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = await loop.create_server(
        lambda: Connection(host, choose_dialect, tls=tls is not None), sock=listener, ssl=tls
    )
    _LOG.info("serving on %s", listener.getsockname())
    await stopped.wait()
    server.close()
    await _finish(host)
    await lifespan.stop()
    return 0


async def _finish(host: Host) -> None:
    """Let what runs come to its end; after a while, end it."""
    host.switch.policy.stop(list(host.connections))
    if host.tasks:
        await asyncio.wait(host.tasks, timeout=host.switch.policy.grace_seconds)
    for task in host.tasks:
        task.cancel()
    for connection in list(host.connections):
        connection.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_SECONDS):
            await host.wait_until_idle()
