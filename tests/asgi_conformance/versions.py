"""Versions: what is installed of the distributions that a cell is made of."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import packages_distributions

from asgi_conformance.cells import Cell
from asgi_conformance.servers import find_server
from asgi_conformance.servers.server import find_version

# A framework is a distribution of its own beside that of the application written in it.
_FRAMEWORKS = {"starlette": ("starlette",), "fastapi": ("fastapi", "starlette")}


def list_versions(cells: Iterable[Cell]) -> dict[str, str]:
    """The versions of Python and of what the cells are made of, by name of distribution."""
    names = {name for cell in cells for name in _list_distributions(cell)}
    found = {name: find_version(name) for name in sorted(names)}
    return {
        platform.python_implementation(): platform.python_version(),
        **{name: number for name, number in found.items() if number is not None},
    }


def _list_distributions(cell: Cell) -> Iterable[str]:
    yield from find_server(cell.server).distributions
    yield from _FRAMEWORKS.get(cell.application_name, ())
    for import_string in (cell.application, cell.middleware):
        if import_string is not None:
            package = import_string.partition(":")[0].partition(".")[0]
            yield from _read_distributions().get(package, ())


@cache
def _read_distributions() -> Mapping[str, list[str]]:
    return packages_distributions()
