"""Which tables there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anyio import to_thread

from raw_asgi.backends import numbers
from raw_asgi.backends.database import find_table
from raw_asgi.backends.tables import Table
from raw_asgi.backends.turns import Turn


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of an application: `numbers`, the database's, the program's own, the faults."""

    database: Path | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)
    faults: bool = False

    async def find(self, name: str, *, rows: int = 1000, delay: float = 1.0) -> Table | None:
        """The table of that name, or None. `rows` and `delay` (seconds) shape the made ones.

        Raises sqlite3.Error where the database cannot be read.
        """
        if name == "numbers":
            return numbers.numbers(rows)
        # In the order of the contract: what stands earlier is not hidden by what comes later.
        stored = await self._find_stored(name)
        if stored is not None:
            return stored
        if name in self.tables:
            return self.tables[name]
        return self._make_fault(name, rows, delay) if self.faults else None

    async def _find_stored(self, name: str) -> Table | None:
        if self.database is None or "\0" in name:
            return None
        async with Turn():
            return await to_thread.run_sync(find_table, self.database, name)

    def _make_fault(self, name: str, rows: int, delay: float) -> Table | None:
        match name:
            case "fails-first":
                return numbers.fails_first()
            case "fails-after":
                return numbers.fails_after(rows)
            case "endless":
                return numbers.endless()
            case "trickle":
                return numbers.trickle(rows, delay)
        return None
