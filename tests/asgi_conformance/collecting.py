"""Collecting: which cells a check is run in, and which checks this run leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from asgi_conformance.cells import Cell, Layer, choose_cells
from asgi_conformance.checks import read_check

_OF_PROBE = frozenset({"probe", "start_probe"})


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Have a test that needs a cell run in each cell of its layer."""
    if "asgi_cell" not in metafunc.fixturenames:
        return
    layer = _name_layer(metafunc.module.__name__, metafunc.fixturenames)
    try:
        cells = choose_cells(metafunc.config, layer)
    except pytest.UsageError:
        cells = []  # said once, when all is collected
    parameters = [pytest.param(cell, id=str(cell)) for cell in cells]
    metafunc.parametrize("asgi_cell", parameters, indirect=True, scope="session")


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop the checks of a layer that is not asked for, and skip those that fit no cell.

    Raises `pytest.UsageError` where the cells of a layer that has checks cannot be chosen.
    """
    layers = {item: _read_layer(item) for item in items}
    cells = {
        layer: choose_cells(config, layer)
        for layer in dict.fromkeys(layers.values())
        if layer is not None
    }
    dropped = [item for item, layer in layers.items() if layer is not None and not cells[layer]]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        gone = set(dropped)
        items[:] = [item for item in items if item not in gone]
    for item in items:
        callspec, layer = getattr(item, "callspec", None), layers[item]
        if callspec is None or layer is None:
            continue
        reason = _find_misfit(item, callspec.params["asgi_cell"], cells[layer])
        if reason is not None:
            item.add_marker(pytest.mark.skip(reason))


def _read_layer(item: pytest.Item) -> Layer | None:
    """The layer of a test that needs a cell, else None."""
    names = getattr(item, "fixturenames", ())
    if not isinstance(item, pytest.Function) or "asgi_cell" not in names:
        return None
    return _name_layer(item.module.__name__, names)


def _name_layer(module: str, fixturenames: Iterable[str]) -> Layer:
    of_server = module.startswith("asgi_conformance.server.")
    return "server" if of_server or _OF_PROBE & set(fixturenames) else "endpoints"


def _find_misfit(item: pytest.Item, cell: Cell, cells: list[Cell]) -> str | None:
    described = read_check(item)
    if described is None:
        return None
    if described.http not in (None, cell.http):
        return f"not applicable: this is about HTTP/{described.http}"
    if described.own and cell.gzip and replace(cell, gzip=False) in cells:
        return "gzip makes no difference: see the plain cell"
    return None
