"""Running the reference server in a process of its own, for its own tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asgi_conformance.connection import Connection

DEADLINE = 10.0
_HOST = b"Host: x\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on `address`; `log` has its output."""

    address: tuple[str, int]
    process: subprocess.Popen[bytes]
    log: Path
    connections: list[Connection] = field(default_factory=list)

    def connect(self, data: bytes = b"", *, receive_buffer: int | None = None) -> Connection:
        """Open a connection and send these bytes."""
        connection = Connection(self.address, receive_buffer=receive_buffer)
        self.connections.append(connection)
        connection.send(data)
        return connection

    def ask(self, data: bytes) -> bytes:
        """What is answered to these bytes until the connection ends, which the client does not."""
        return self.connect(data).receive_until_closed()

    def told(self, key: str) -> str:
        """What the example has noted under that key; waits for it."""
        answer = self.ask(
            b"GET /told?%b HTTP/1.1\r\nConnection: close\r\n%b" % (key.encode(), _HOST)
        )
        return answer.partition(b"\r\n\r\n")[2].decode()

    def switch(self, mistake: str) -> None:
        """Put a mistake in; none where it is empty."""
        answer = self.ask(b"POST /break/%b HTTP/1.1\r\n%b" % (mistake.encode(), _HOST))
        assert answer.startswith(b"HTTP/1.1 204 "), (
            f"the switch does not take {mistake}: {answer!r}"
        )

    def output(self) -> str:
        return self.log.read_text("utf-8")


@contextmanager
def run(
    directory: Path,
    *arguments: str,
    application: str = "reference.example:app",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Start the server on a socket that it inherits; at the end, kill it."""
    log = directory / "server.log"
    inherited = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        # So small that a client which does not read stops the server before long.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [
                *(sys.executable, "-m", "reference", application),
                *("--fd", str(listener.fileno()), *arguments),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**inherited, "PYTHONUNBUFFERED": "1", **(environment or {})},
            pass_fds=[listener.fileno()],
        )
        running = Running(listener.getsockname(), process, log)
    try:
        yield running
    finally:
        process.kill()
        process.wait()
        for connection in running.connections:
            connection.close()
