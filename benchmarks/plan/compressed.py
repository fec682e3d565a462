"""The scenarios with gzip."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks import subjects as known
from benchmarks.loads.download import Download
from benchmarks.material import MIB, ROWS, Material
from benchmarks.plan import figures
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Goal, Scenario, enter


def plan_gzip(material: Material, sizes: Sizes) -> Iterator[Scenario]:
    """A table and a file, compressed by each application's own middleware."""
    rows, limit = ROWS[sizes.table], known.ROWS_ISAL_LIMIT
    yield Scenario(
        "gzip-csv",
        f"{rows:,} rows of SQLite as CSV, compressed",
        ("csv",),
        enter(
            [*known.GZIP, limit, known.CLIENT],
            Download(
                f"/csv/{sizes.table}",
                partial(material.find_csv, sizes.table),
                "/csv/readings_check",
                partial(material.find_csv, "readings_check"),
                gzip=True,
                items=rows,
            ),
        ),
        (figures.ROWS, figures.SENT),
        _set_goals(limit.name),
    )
    size, limit = material.find_file(sizes.text).size // MIB, known.ISAL_LIMIT
    yield Scenario(
        "gzip-file",
        f"a file of {size} MiB of text, compressed",
        ("files",),
        enter(
            [*known.GZIP, limit, known.CLIENT],
            Download(
                f"/files/{sizes.text}",
                partial(material.find_file, sizes.text),
                "/files/quick.txt",
                partial(material.find_file, "quick.txt"),
                gzip=True,
            ),
        ),
        (figures.BYTES, figures.SENT),
        _set_goals(limit.name),
    )


def _set_goals(limit: str) -> tuple[Goal, ...]:
    return (
        Goal("rate", 5, (known.STARLETTE,)),
        Goal("bytes", 1.05, (known.STARLETTE,), at_most=True),
        Goal("rate", 0.8, (limit,)),
    )
