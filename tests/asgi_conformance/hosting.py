"""Hosting: a cell's server with its material, and the view of it that a check is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.certificates import find_certificate
from asgi_conformance.client import Client, eventually
from asgi_conformance.exchange import Exchange
from asgi_conformance.findings import Findings
from asgi_conformance.material import prepare_settings
from asgi_conformance.process import ServerProcess
from asgi_conformance.record import Record
from asgi_conformance.server.probe import LIFESPAN_VARIABLE
from asgi_conformance.server.script import Script, write
from asgi_conformance.servers import find_server
from asgi_conformance.settings import Settings
from asgi_conformance.side_channel import SideChannel


class Subject:
    """A running cell, as one check sees it."""

    def __init__(self, cell: Cell, settings: Settings, process: ServerProcess) -> None:
        self.cell = cell
        self.settings = settings
        self.process = process
        self.findings = Findings()
        self.client = Client(
            process.address,
            accept_encoding="gzip" if cell.gzip else None,
            announce=process.side_channel.request,
            tls=process.create_context(),
        )
        self._log_start = process.log.stat().st_size

    @property
    def gzip(self) -> bool:
        """Whether answers are to be compressed; the client then asks for gzip, and decodes."""
        return self.cell.gzip

    @property
    def http(self) -> Literal["1.1", "2"]:
        """The version of HTTP that the cell is about."""
        return self.cell.http

    @property
    def files(self) -> Path:
        """The directory under `/files`; it is there."""
        return self.settings.files

    @property
    def recorder(self) -> SideChannel:
        """What the recorder in the server's process reports."""
        return self.process.side_channel

    @property
    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self.process.alive

    def record(self, exchange: Exchange) -> Record:
        """The recorder's record of an exchange."""
        return self.recorder.request(exchange.id)

    def open_files(self, path: Path | None = None) -> list[str]:
        """What the server's process has open at or below `path`, or the files' directory.

        Skips the check where the system does not tell.
        """
        snapshot = self.recorder.snapshot()
        if snapshot.descriptors is None:
            pytest.skip("this system does not list the descriptors of a process")
        return snapshot.open_below(path or self.files)

    def releases(self, path: Path) -> bool:
        """Whether the server's process comes to have nothing open at or below `path`."""
        return eventually(lambda: not self.open_files(path))

    def output(self) -> str:
        """What the server has written to its output since the check began."""
        return self.process.output(self._log_start)

    def leave(self) -> None:
        """Close the connections and release what is held."""
        self.client.close()
        self.recorder.forget()


class Host:
    """Runs a cell's server; starts it when it is first needed, and anew where it has ended.

    `environment` is added to the settings' variables; an empty value unsets. `middleware` takes
    the place of the cell's; `root_path` is the server's; with `tls` it encrypts. `lifespan` is
    the probe's script for the lifespan. Without `until_ready` the server is not waited for.
    """

    def __init__(
        self,
        cell: Cell,
        directory: Path,
        *,
        environment: Mapping[str, str] | None = None,
        middleware: str | None = None,
        root_path: str = "",
        tls: bool = False,
        lifespan: Script | None = None,
        until_ready: bool = True,
    ) -> None:
        self._cell = cell
        self._directory = directory
        self._environment = dict(environment or {})
        if lifespan is not None:
            self._environment[LIFESPAN_VARIABLE] = write(lifespan)
        self._middleware = middleware or cell.middleware
        self._root_path = root_path
        self._tls = tls
        self._until_ready = until_ready
        self._process: ServerProcess | None = None
        self._starts = 0
        self._settings = prepare_settings(directory, gzip=cell.gzip and not cell.by_middleware)

    def attach(self) -> Subject:
        """The running cell for one check.

        Raises `process.DoesNotStart`; skips the check where the server knows no TLS.
        """
        if self._process is None or not self._process.alive:
            self._start()
        assert self._process is not None
        return Subject(self._cell, self._settings, self._process)

    def stop(self) -> None:
        """End the server."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _start(self) -> None:
        self.stop()
        self._starts += 1
        try:
            self._process = ServerProcess(
                find_server(self._cell.server),
                self._cell.application,
                {**self._settings.environment(), **self._environment},
                self._directory / f"server-{self._starts}.log",
                middleware=self._middleware,
                root_path=self._root_path,
                tls=find_certificate() if self._tls else None,
                until_ready=self._until_ready,
            )
        except NotImplementedError as error:
            pytest.skip(f"not applicable: {self._cell.server_name} is without {error}")
