"""Scheduling under pytest-xdist: a cell stays on one worker, so that its server starts once.

A cell with a middleware stays with its baseline, which it is compared with. All this is in
place of `--dist loadgroup`, which does nothing with pytest 9.2 and xdist 3.8: it marks the node
ids of grouped tests, and pytest no longer lets it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from asgi_conformance.cells import Cell


class CellScheduling(LoadScopeScheduling):
    """Hands out the tests of one cell together, and all others one by one."""

    def __init__(self, config: pytest.Config, log: Producer | None, cells: Iterable[Cell]) -> None:
        super().__init__(config, log)
        groups = {str(cell): str(cell.baseline or cell) for cell in cells}
        # Where one cell's name begins another's, the longer is the right one.
        self._groups = sorted(groups.items(), key=lambda named: len(named[0]), reverse=True)

    def _split_scope(self, nodeid: str) -> str:
        _, bracket, parameters = nodeid.partition("[")
        parameters = parameters.removesuffix("]")
        for cell, group in self._groups if bracket else ():
            if parameters == cell or parameters.startswith(cell + "-"):
                return group
        return nodeid
