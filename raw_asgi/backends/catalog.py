"""Which tables there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anyio import to_thread

from raw_asgi.backends import numbers
from raw_asgi.backends.database import find_table
from raw_asgi.backends.tables import Table


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of an application: made ones, the program's own, those of a database."""

    database: Path | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)
    faults: bool = False

    async def find(self, name: str, *, rows: int = 1000, delay: float = 1.0) -> Table | None:
        """The table of that name, or None. `rows` and `delay` (seconds) shape the made ones.

        Raises sqlite3.Error where the database cannot be read.
        """
        made = self._make(name, rows, delay)
        if made is not None:
            return made
        if name in self.tables:
            return self.tables[name]
        if self.database is None or "\0" in name:
            return None
        return await to_thread.run_sync(find_table, self.database, name)

    def _make(self, name: str, rows: int, delay: float) -> Table | None:
        if name == "numbers":
            return numbers.numbers(rows)
        if not self.faults:
            return None
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
