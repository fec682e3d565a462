"""Servers: those that the suite ships, and how they are named.

A name is `uvicorn` (its default mode), `uvicorn-h11-asyncio`, `uvicorn-all`; `all` stands for
every shipped server in every mode. A server of one's own is named by the import string of its
class in place of `uvicorn`: `package.module:Class-mode`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from asgi_conformance.servers.daphne import Daphne
from asgi_conformance.servers.granian import Granian
from asgi_conformance.servers.hypercorn import Hypercorn
from asgi_conformance.servers.server import SUBJECT, TLS, Mode, Server, Variant
from asgi_conformance.servers.uvicorn import Uvicorn

__all__ = [
    "ALL",
    "SHIPPED",
    "SUBJECT",
    "TLS",
    "Mode",
    "Server",
    "UnknownServer",
    "Variant",
    "find_server",
    "list_servers",
]

ALL = "all"
SHIPPED: Mapping[str, type[Server]] = {
    "uvicorn": Uvicorn,
    "hypercorn": Hypercorn,
    "granian": Granian,
    "daphne": Daphne,
}


class UnknownServer(LookupError):
    """There is no such server, or it has no such mode; the text, of one line, says which."""


@cache
def find_server(name: str) -> Variant:
    """The server of that name in the mode that is named, else in its default mode.

    Raises `UnknownServer`.
    """
    base, mode_name = _split(name)
    server = _find(base)
    modes = {mode.name: mode for mode in server.modes}
    default = server.modes[0]
    if mode_name and mode_name not in modes:
        raise UnknownServer(f"{base} has no mode {mode_name!r}; known: {', '.join(modes)}")
    mode = modes[mode_name] if mode_name else default
    return Variant(base if mode == default else f"{base}-{mode.name}", server, mode)


def list_servers(name: str) -> list[Variant]:
    """What a name stands for: several where it is `all` or ends in `-all`.

    Raises `UnknownServer`.
    """
    if name == ALL:
        return [variant for shipped in SHIPPED for variant in list_servers(f"{shipped}-{ALL}")]
    base, mode_name = _split(name)
    if mode_name != ALL:
        return [find_server(name)]
    return [find_server(f"{base}-{mode.name}") for mode in _find(base).modes]


def _split(name: str) -> tuple[str, str]:
    module, colon, rest = name.rpartition(":")
    attribute, _, mode_name = rest.partition("-")
    return module + colon + attribute, mode_name


@cache
def _find(base: str) -> Server:
    if base in SHIPPED:
        return SHIPPED[base]()
    module, colon, attribute = base.partition(":")
    if not colon:
        raise UnknownServer(f"no server {base!r}; known: {', '.join(SHIPPED)}, module:Class")
    try:
        found = getattr(importlib.import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise UnknownServer(f"no server {base!r}: {error}") from error
    if not isinstance(found, Server):
        raise UnknownServer(f"{base} is no subclass of asgi_conformance.servers.Server")
    return found
