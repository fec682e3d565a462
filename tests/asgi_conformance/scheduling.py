"""Scheduling under pytest-xdist: a cell stays on one worker, so that its server starts once.

In place of `--dist loadgroup`, which does nothing with pytest 9.2 and xdist 3.8: it marks the
node ids of grouped tests, and pytest no longer lets it.
"""

from __future__ import annotations

from collections.abc import Collection

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


class CellScheduling(LoadScopeScheduling):
    """Hands out the tests of one cell together, and all others one by one."""

    def __init__(self, config: pytest.Config, log: Producer | None, cells: Collection[str]) -> None:
        super().__init__(config, log)
        # Where one cell's name begins another's, the longer is the right one.
        self._cells = sorted(cells, key=len, reverse=True)

    def _split_scope(self, nodeid: str) -> str:
        _, bracket, parameters = nodeid.partition("[")
        parameters = parameters.removesuffix("]")
        for cell in self._cells if bracket else ():
            if parameters == cell or parameters.startswith(cell + "-"):
                return cell
        return nodeid
