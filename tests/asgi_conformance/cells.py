"""Cells: an application under a server, with gzip on or off, and what a run asks for of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from asgi_conformance.servers import find_server

_SHORT_NAMES = {"raw_asgi": "raw", "starlette_app": "starlette", "fastapi_compat": "fastapi"}
_GZIP = {"on": (True,), "off": (False,), "both": (False, True)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One subject of a run.

    `application` is an import string, `server` a name that `servers.find_server` knows,
    `middleware` the import string of what is put around the application, or None.
    """

    application: str
    server: str
    gzip: bool
    middleware: str | None = None

    @property
    def application_name(self) -> str:
        """The short name of the application: that of its package, `raw` for `raw_asgi`."""
        package = self.application.partition(":")[0].partition(".")[0]
        return _SHORT_NAMES.get(package, package)

    @property
    def server_name(self) -> str:
        """The server's name; of a class given as an import string, the class's, lower-case."""
        return self.server.rpartition(":")[2].lower()

    @property
    def compression(self) -> str:
        """`gzip` or `plain`."""
        return "gzip" if self.gzip else "plain"

    def __str__(self) -> str:
        name = f"{self.application_name}-{self.server_name}-{self.compression}"
        return f"{name}+{self.middleware.rpartition(':')[2]}" if self.middleware else name


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and the ini options that choose a run's cells."""
    group = parser.getgroup("asgi-conformance", "the ASGI conformance suite")
    group.addoption(
        "--asgi-app",
        action="append",
        metavar="MODULE:APP",
        help="the application to judge, an import string; may be repeated",
    )
    group.addoption(
        "--asgi-server",
        action="append",
        metavar="NAME",
        help="the server to run it under: uvicorn, hypercorn, or module:Class; may be repeated",
    )
    group.addoption("--asgi-gzip", choices=sorted(_GZIP), help="the state of MORE_BODY_GZIP")
    group.addoption(
        "--asgi-middleware",
        metavar="MODULE:CALLABLE",
        help="takes an ASGI application and returns one; is put around the application",
    )
    parser.addini("asgi_apps", "the applications judged by default", type="linelist")
    parser.addini("asgi_servers", "the servers they run under by default", type="linelist")
    parser.addini("asgi_gzip", "on, off or both", default="both")
    parser.addini("asgi_expectations", "directories of more known deviations", type="paths")


def choose_cells(config: pytest.Config) -> list[Cell]:
    """The cells of this run: what the options say, else what the ini options say.

    Raises `pytest.UsageError` where an application or a server is missing or not to be found.
    """
    applications = config.getoption("asgi_app") or config.getini("asgi_apps")
    servers = config.getoption("asgi_server") or config.getini("asgi_servers")
    gzip = config.getoption("asgi_gzip") or config.getini("asgi_gzip")
    if not applications:
        raise pytest.UsageError("which application? Give --asgi-app MODULE:APP or ini asgi_apps")
    if not servers:
        raise pytest.UsageError("under which server? Give --asgi-server NAME or ini asgi_servers")
    for server in servers:
        find_server(server)
    for application in applications:
        package = application.partition(":")[0].partition(".")[0]
        # Looked for, not imported: that is for the server's process.
        if find_spec(package) is None and not Path(package).exists():
            raise pytest.UsageError(f"no application {application!r}: there is no {package!r}")
    if gzip not in _GZIP:
        raise pytest.UsageError(f"asgi_gzip is on, off or both, not {gzip!r}")
    middleware = config.getoption("asgi_middleware")
    return [
        Cell(application, server, on, middleware)
        for application, server, on in product(applications, servers, _GZIP[gzip])
    ]
