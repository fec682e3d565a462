"""Processes: a server of its own for each cell, on a socket that it inherits."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from asgi_conformance.servers import Server
from asgi_conformance.side_channel import SideChannel

START_SECONDS = 30.0
STOP_SECONDS = 4.0
BUFFER_BYTES = 128 * 1024


class DoesNotStart(Exception):
    """The server ended, or stayed dumb, before it answered anything. Its output is the text."""


class ServerProcess:
    """A running server, its side channel and its output."""

    def __init__(
        self,
        server: Server,
        application: str,
        environment: Mapping[str, str],
        log: Path,
        *,
        middleware: str | None = None,
        root_path: str = "",
    ) -> None:
        """Start the server; returns once it answers. Raises `DoesNotStart`."""
        self.log = log
        self._stop_signal = server.stop_signal
        self.side_channel = SideChannel()
        variables = {
            **{name: v for name, v in os.environ.items() if not name.startswith("MORE_BODY_")},
            **environment,
            "ASGI_CONFORMANCE_APP": application,
            "ASGI_CONFORMANCE_MIDDLEWARE": middleware or "",
            "ASGI_CONFORMANCE_RECORDER": self.side_channel.address,
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)]),
            "PYTHONUNBUFFERED": "1",
        }
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener, log.open("wb") as out:
            self.address: tuple[str, int] = listener.getsockname()
            # The server's connections inherit it. Left to itself, the system buffers megabytes,
            # which every check of flow would have to fill before anything showed.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            self._process = subprocess.Popen(  # noqa: S603 - the server under test, as asked for
                server.command(listener.fileno(), root_path),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=variables,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        # From here the listening socket is the server's alone: if the server ends, those who
        # wait for it are reset.
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def output(self, start: int = 0) -> str:
        """What the server has written from byte `start` of its output on."""
        return self.log.read_bytes()[start:].decode("utf-8", "replace")

    def terminate(self) -> None:
        """Tell the server to stop, and do not wait for it."""
        self._process.send_signal(self._stop_signal)

    def wait(self, timeout: float) -> int | None:
        """The exit status, or None where the server still runs after so many seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the server and its children at once.

        How a server ends when it is told to is a matter of checks, which tell servers of their
        own (`terminate`); here it would only take time.
        """
        with suppress(ProcessLookupError):  # nobody is left in its process group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.side_channel.close()

    def _wait_until_it_answers(self) -> None:
        try:
            with socket.create_connection(self.address, START_SECONDS) as probe:
                probe.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if probe.recv(1):
                    return
        except TimeoutError:
            raise DoesNotStart(f"no answer in {START_SECONDS} s\n{self.output()}") from None
        except ConnectionError:
            pass  # the server ended before it took the connection
        status = self.wait(STOP_SECONDS)
        if status is not None:
            raise DoesNotStart(f"exit status {status}\n{self.output()}")
