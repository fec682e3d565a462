"""Hosting: the applications under a server, as the suite runs them but without its recorder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from asgi_conformance.cells import Cell
from asgi_conformance.process import ServerProcess
from asgi_conformance.servers import SUBJECT, TLS, Mode, Server, find_server

from benchmarks.client import Address


class Unrecorded(Server):
    """A server of the suite that serves the application itself.

    The suite's subject puts a recorder around the application, which takes time.
    """

    def __init__(self, server: Server, application: str) -> None:
        self.stop_signal = server.stop_signal
        self._server = server
        self._application = application

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        return [
            self._application if word == SUBJECT else word
            for word in self._server.command(mode, descriptor, root_path, tls)
        ]


@contextmanager
def run_servers(
    cells: Sequence[Cell], environment: Mapping[str, str], logs: Path
) -> Iterator[dict[Cell, Address]]:
    """Run the cells' servers side by side; gives their addresses, ends them afterwards.

    Raises `asgi_conformance.process.DoesNotStart`.
    """

    def start(cell: Cell) -> ServerProcess:
        variant = find_server(cell.server)
        return ServerProcess(
            replace(variant, server=Unrecorded(variant.server, cell.application)),
            cell.application,
            {**environment, "MORE_BODY_GZIP": str(int(cell.gzip))},
            logs / f"{cell}.log",
        )

    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:
            starting = {cell: threads.submit(start, cell) for cell in cells}
        for started in starting.values():
            if started.exception() is None:
                stack.callback(started.result().stop)
        yield {cell: started.result().address for cell, started in starting.items()}
