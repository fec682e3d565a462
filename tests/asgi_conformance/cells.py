"""Cells: an application under a server, with gzip on or off, and what a run asks for of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Literal

import pytest

from asgi_conformance.servers import ALL, SHIPPED, UnknownServer, Variant, find_server, list_servers

Layer = Literal["server", "endpoints"]

PROBE = "asgi_conformance.server.probe:app"
"""The application of every cell of the server layer."""

_SHORT_NAMES = {
    "raw_asgi": "raw",
    "starlette_app": "starlette",
    "fastapi_compat": "fastapi",
    "asgi_conformance": "probe",
}
_GZIP = {"on": (True,), "off": (False,), "both": (False, True), "middleware": (False,)}
_REFERENCE = "raw_asgi.main:app"


@dataclass(frozen=True, slots=True)
class Cell:
    """One subject of a run.

    `application` is an import string, `server` a name that `servers.find_server` knows,
    `middleware` the import string of what is put around the application, or None. With `gzip`
    the client asks for it, and what compresses is the application, or, `by_middleware`, that
    middleware.
    """

    application: str
    server: str
    gzip: bool
    middleware: str | None = None
    by_middleware: bool = False

    @property
    def layer(self) -> Layer:
        """Which checks are run in it: those of the server, or those of the endpoints."""
        return "server" if self.application == PROBE else "endpoints"

    @property
    def application_name(self) -> str:
        """The short name of the application: that of its package, `raw` for `raw_asgi`."""
        package = self.application.partition(":")[0].partition(".")[0]
        return _SHORT_NAMES.get(package, package)

    @property
    def shipped(self) -> bool:
        """Whether the application is one of the suite's own, not one that it is asked to judge."""
        return self.application.partition(":")[0].partition(".")[0] in _SHORT_NAMES

    @property
    def server_name(self) -> str:
        """The server's name without its mode; of an import string, the class's, lower-case."""
        return self._server_label.partition("-")[0]

    @property
    def mode(self) -> str:
        """The name of the server's mode, also where it is the default."""
        return find_server(self.server).mode.name

    @property
    def http(self) -> Literal["1.1", "2"]:
        """The version of HTTP that the client speaks."""
        return find_server(self.server).mode.http

    @property
    def compression(self) -> str:
        """`gzip` or `plain`, or `middleware` where that is what compresses."""
        if self.by_middleware:
            return "middleware"
        return "gzip" if self.gzip else "plain"

    @property
    def baseline(self) -> Cell | None:
        """The cell that this one is compared with: the same without the middleware."""
        if self.middleware is None:
            return None
        gzip = self.gzip and not self.by_middleware
        return replace(self, gzip=gzip, middleware=None, by_middleware=False)

    @property
    def _server_label(self) -> str:
        _, _, label = self.server.rpartition(":")
        name, dash, mode = label.partition("-")
        return name.lower() + dash + mode

    def __str__(self) -> str:
        name = f"{self.application_name}-{self._server_label}-{self.compression}"
        return f"{name}+{self.middleware.rpartition(':')[2]}" if self.middleware else name


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and the ini options that choose a run's cells."""
    group = parser.getgroup("asgi-conformance", "the ASGI conformance suite")
    group.addoption(
        "--asgi-layer",
        choices=("server", "endpoints", "both"),
        help="what is judged: the server by the probe application, the endpoints of the contract,"
        " or both; both unless told, the endpoints alone with --asgi-app",
    )
    group.addoption(
        "--asgi-app",
        action="append",
        metavar="MODULE:APP",
        help="the application to judge, an import string; may be repeated",
    )
    group.addoption(
        "--asgi-server",
        action="append",
        metavar="NAME[-MODE]",
        help=f"the server to run it under: {', '.join(SHIPPED)}, or module:Class, in its default"
        " mode, in the one named, or in all (NAME-all); all is every shipped server in every"
        " mode; may be repeated",
    )
    group.addoption(
        "--asgi-gzip",
        choices=sorted(_GZIP),
        help="the state of MORE_BODY_GZIP; middleware: it is off, and --asgi-middleware is what"
        " compresses",
    )
    group.addoption(
        "--asgi-middleware",
        metavar="MODULE:CALLABLE",
        help="takes an ASGI application and returns one; is put around the application, and"
        " judged by the difference",
    )
    parser.addini("asgi_apps", "the applications judged by default", type="linelist")
    parser.addini("asgi_servers", "the servers they run under by default", type="linelist")
    parser.addini("asgi_probe_servers", "those of the server layer, if others", type="linelist")
    parser.addini("asgi_gzip", "on, off, both or middleware", default="both")
    parser.addini("asgi_expectations", "directories of more known deviations", type="paths")


def choose_cells(config: pytest.Config, layer: Layer) -> list[Cell]:
    """The cells of that layer in this run: what the options say, else what the ini options say.

    None where the layer is not asked for. A cell with a middleware follows right after its
    baseline. Raises `pytest.UsageError` where an application or a server is not to be found or
    not installed.
    """
    if layer not in _choose_layers(config):
        return []
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)  # where the server's process looks, too
    variants = [variant for variant in _choose_servers(config, layer) if not variant.missing]
    if layer == "endpoints":
        return _choose_endpoint_cells(config, variants)
    cells = [Cell(PROBE, variant.name, gzip=False) for variant in variants]
    return _put_around(cells, config.getoption("asgi_middleware"), by_middleware=False)


def list_cells(config: pytest.Config) -> list[Cell]:
    """The cells of both layers; none of a layer where they cannot be chosen."""
    found: list[Cell] = []
    layers: tuple[Layer, ...] = ("endpoints", "server")
    for layer in layers:
        with suppress(pytest.UsageError):
            found += choose_cells(config, layer)
    return found


def missing_servers(config: pytest.Config) -> dict[str, tuple[str, ...]]:
    """What this run leaves out: names of servers, and the distributions that each lacks.

    A server that is not installed is one entry; a mode of an installed one is an entry of its
    own.
    """
    try:
        chosen = [v for layer in _choose_layers(config) for v in _choose_servers(config, layer)]
    except pytest.UsageError:
        return {}  # said when the checks were collected, if there were any
    missing: dict[str, tuple[str, ...]] = {}
    for variant in chosen:
        own = [name for name in variant.server.distributions if name in variant.missing]
        if own:
            missing[variant.name.partition("-")[0]] = tuple(own)
        elif variant.missing:
            missing[variant.name] = variant.missing
    return missing


def _choose_layers(config: pytest.Config) -> tuple[Layer, ...]:
    layer = config.getoption("asgi_layer")
    if layer in ("server", "endpoints"):
        return (layer,)
    alone = layer is None and config.getoption("asgi_app")
    return ("endpoints",) if alone else ("server", "endpoints")


def _choose_servers(config: pytest.Config, layer: Layer) -> list[Variant]:
    """The servers that are asked for, installed or not. Those that are named are installed."""
    named: list[str] = config.getoption("asgi_server") or []
    if not named and layer == "server":
        named = config.getini("asgi_probe_servers")
    named = named or config.getini("asgi_servers")
    chosen: dict[str, Variant] = {}
    for name in named or SHIPPED:
        try:
            variants = list_servers(name)
        except UnknownServer as error:
            raise pytest.UsageError(str(error)) from error
        if named and name != ALL:
            _require(name, variants)
        # A mode that is named twice is run once.
        chosen |= {variant.name: variant for variant in variants}
    if all(variant.missing for variant in chosen.values()):
        raise pytest.UsageError(f"none of these servers is installed: {', '.join(chosen)}")
    return list(chosen.values())


def _require(name: str, variants: list[Variant]) -> None:
    if missing := min((variant.missing for variant in variants), key=len):
        raise pytest.UsageError(f"{name} is not installed: pip install {' '.join(missing)}")


def _choose_endpoint_cells(config: pytest.Config, variants: list[Variant]) -> list[Cell]:
    applications = config.getoption("asgi_app") or config.getini("asgi_apps") or [_REFERENCE]
    gzip = config.getoption("asgi_gzip") or config.getini("asgi_gzip")
    middleware = config.getoption("asgi_middleware")
    for application in applications:
        package = application.partition(":")[0].partition(".")[0]
        # Looked for, not imported: that is for the server's process.
        if find_spec(package) is None:
            raise pytest.UsageError(f"no application {application!r}: there is no {package!r}")
    if gzip not in _GZIP:
        raise pytest.UsageError(f"asgi_gzip is {', '.join(_GZIP)}, not {gzip!r}")
    if gzip == "middleware" and not middleware:
        raise pytest.UsageError("gzip by which middleware? Give --asgi-middleware")
    servers = [variant.name for variant in variants if variant.mode.http == "1.1"]
    if not servers and config.getoption("asgi_layer") == "endpoints":
        raise pytest.UsageError("the endpoints are checked over HTTP/1.1, which no server speaks")
    cells = [Cell(*chosen) for chosen in product(applications, servers, _GZIP[gzip])]
    return _put_around(cells, middleware, by_middleware=gzip == "middleware")


def _put_around(
    cells: Iterable[Cell], middleware: str | None, *, by_middleware: bool
) -> list[Cell]:
    if middleware is None:
        return list(cells)
    return [
        each
        for cell in cells
        for each in (
            cell,
            replace(
                cell,
                gzip=cell.gzip or by_middleware,
                middleware=middleware,
                by_middleware=by_middleware,
            ),
        )
    ]
