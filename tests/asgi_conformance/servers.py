"""Servers: how each is started on a socket that it inherits, and what tells it to stop."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

SUBJECT = "asgi_conformance.subject:app"


class Server(Protocol):
    """What the suite must know about a server. To add one, write such a class."""

    stop_signal: signal.Signals

    def command(self, descriptor: int, root_path: str) -> Sequence[str]:
        """The command line that serves `SUBJECT` on the listening socket `descriptor`.

        The server runs in the process that is started, with one worker, and hands
        `root_path` to the application.
        """
        ...


class Uvicorn:
    """uvicorn with httptools and uvloop where they are installed."""

    stop_signal = signal.SIGTERM

    # The option --fd takes any socket for a UNIX domain one, which loses TCP_NODELAY and the
    # client's address; the programming interface keeps the socket what it is.
    _PROGRAM = (
        "import socket, sys, uvicorn\n"
        "descriptor, application, root_path = sys.argv[1:]\n"
        "config = uvicorn.Config(application, root_path=root_path, timeout_graceful_shutdown=2)\n"
        "uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(descriptor))])\n"
    )

    def command(self, descriptor: int, root_path: str) -> Sequence[str]:
        return [sys.executable, "-c", self._PROGRAM, str(descriptor), SUBJECT, root_path]


class Hypercorn:
    """hypercorn on asyncio, in the process that is started."""

    stop_signal = signal.SIGTERM

    def command(self, descriptor: int, root_path: str) -> Sequence[str]:
        return [
            *(sys.executable, "-m", "hypercorn", "--workers", "0", "--bind", f"fd://{descriptor}"),
            *("--graceful-timeout", "2", "--access-logfile", "-", "--error-logfile", "-"),
            *("--root-path", root_path, SUBJECT),
        ]


_SERVERS: dict[str, type[Server]] = {"uvicorn": Uvicorn, "hypercorn": Hypercorn}


def find_server(name: str) -> Server:
    """The server of that name, or of the class that the import string `module:Class` names.

    Raises `pytest.UsageError` where there is none.
    """
    if name in _SERVERS:
        return _SERVERS[name]()
    module, colon, attribute = name.partition(":")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)  # where the server's process looks for the application, too
    if not colon:
        raise pytest.UsageError(f"no server {name!r}; known: {', '.join(sorted(_SERVERS))}")
    try:
        server: Server = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise pytest.UsageError(f"no server {name!r}: {error}") from error
    return server
