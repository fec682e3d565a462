"""Hosting: the programs that are measured, each in a process of its own on an inherited socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from asgi_conformance.cells import Cell

from benchmarks.client import Address

_START_SECONDS = 30.0
_BACKLOG = 2048  # a thousand subscribers come at once
_FIRST_WORDS = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class DoesNotStart(Exception):
    """A server ended or stayed dumb; the text says which, with the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a program is given: the listening socket, and a directory of its own."""

    descriptor: int
    port: int
    directory: Path


@dataclass(frozen=True, slots=True)
class Host:
    """A program that serves. `command` is its command line, `variables` its own environment.

    `needs` is the name of an executable that must be on the PATH.
    """

    name: str
    command: Callable[[Place], Sequence[str]] = field(compare=False)
    variables: tuple[tuple[str, str], ...] = ()
    needs: str | None = None


class Server:
    """A host that runs, with whatever processes it makes."""

    def __init__(self, host: Host, environment: Mapping[str, str], directory: Path) -> None:
        """Start it; returns once it answers. `directory` is there. Raises DoesNotStart."""
        self.host = host
        self.directory = directory
        self._log = directory / "output.log"
        with (
            socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener,
            self._log.open("wb") as out,
        ):
            self.address: Address = listener.getsockname()
            place = Place(listener.fileno(), self.address[1], directory)
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                host.command(place),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=_environment(listener.fileno(), environment, dict(host.variables)),
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether that process has not ended by itself."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it and its children at once."""
        with suppress(ProcessLookupError):  # nobody is left in its process group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _wait_until_it_answers(self) -> None:
        try:
            with socket.create_connection(self.address, _START_SECONDS) as connection:
                connection.sendall(_FIRST_WORDS)
                if connection.recv(1):
                    return
        except (TimeoutError, ConnectionError):
            pass
        printed = self._log.read_text("utf-8", "replace")[-2000:].strip()
        raise DoesNotStart(f"{self.host.name} gives no answer\n{printed}")


def _environment(
    descriptor: int, shared: Mapping[str, str], own: Mapping[str, str]
) -> dict[str, str]:
    inherited = {n: v for n, v in os.environ.items() if not n.startswith("MORE_BODY_")}
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)]),
        "PYTHONUNBUFFERED": "1",
        # How nginx is told of a socket that is there already.
        "NGINX": f"{descriptor};",
        **shared,
        **own,
    }


def host_application(
    application: str, server: str, *, gzip: bool = False, workers: int = 1
) -> Host:
    """An ASGI application, by its import string, under `uvicorn` or `hypercorn`.

    As they are installed by default but for the access log, which would be measured as well.
    """
    switch = str(int(gzip))
    name = "-".join([application, server, *["gzip"] * gzip, *[str(workers)] * (workers > 1)])
    return Host(
        name,
        lambda place: [
            *(sys.executable, "-m", f"benchmarks.servers.{server}"),
            *(str(place.descriptor), application, str(workers)),
        ],
        (("MORE_BODY_GZIP", switch),),
    )


def host_module(module: str, *arguments: str) -> Host:
    """A module that is run with the listening socket's descriptor and the arguments."""
    return Host(
        "-".join([module, *arguments]),
        lambda place: [sys.executable, "-m", module, str(place.descriptor), *arguments],
    )


@contextmanager
def run_servers(
    cells: Sequence[Cell], environment: Mapping[str, str], logs: Path
) -> Iterator[dict[Cell, Address]]:
    """Run the cells' servers side by side; gives their addresses, ends them afterwards.

    Raises DoesNotStart.
    """

    def start(cell: Cell) -> Server:
        directory = logs / str(cell)
        directory.mkdir(exist_ok=True)
        host = host_application(cell.application, cell.server, gzip=cell.gzip)
        return Server(host, environment, directory)

    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:
            starting = {cell: threads.submit(start, cell) for cell in cells}
        for started in starting.values():
            if started.exception() is None:
                stack.callback(started.result().stop)
        yield {cell: started.result().address for cell, started in starting.items()}
