"""What a request selects of a table: the parameters that CSV and JSON Lines share."""

from __future__ import annotations

from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.tables import RowSource
from raw_asgi.http.problem import Problem
from raw_asgi.http.query import Query


async def select_rows(
    catalog: Catalog, name: str, query: Query
) -> tuple[RowSource, tuple[str, ...]]:
    """A reading of the table `name` by the query's `columns`, `limit`, `rows` and `delay`.

    Gives the source, not opened yet, and the columns. Raises Problem 404 for an unknown table,
    422 for a parameter that does not fit.
    """
    rows = query.integer("rows", 1000)
    delay = query.decimal("delay", 1.0)
    limit = query.integer("limit", None)
    wanted = query.names("columns")
    table = await catalog.find(name, rows=rows, delay=delay)
    if table is None:
        raise Problem(404, "there is no such table")
    columns = table.columns if wanted is None else wanted
    unknown = [column for column in columns if column not in table.columns]
    if unknown:
        raise Problem(422, f"columns must be among {', '.join(table.columns)}")
    return table.select(columns, limit), columns
