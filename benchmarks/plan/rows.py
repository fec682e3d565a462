"""The scenarios of tables: whole ones, small ones, the first byte of large ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import subjects as known
from benchmarks.loads.download import Download
from benchmarks.loads.first_byte import FirstByte
from benchmarks.loads.requests import Request, Requests
from benchmarks.material import ROWS as ROWS_OF
from benchmarks.material import Content, Material
from benchmarks.plan.figures import ANSWERS, P99, ROWS
from benchmarks.plan.sizes import Sizes
from benchmarks.scenario import Figure, Goal, Scenario, enter, enter_part


def plan_rows(material: Material, sizes: Sizes) -> Iterator[Scenario]:
    """Tables of SQLite, and of a program's own generator."""
    rows, limit = ROWS_OF[sizes.table], known.ROWS_LIMIT
    part = f"{ROWS_OF[sizes.part_table]:,} rows"
    csv, jsonl, generated = material.find_csv, material.find_jsonl, material.find_generated
    yield Scenario(
        "csv-export",
        f"{rows:,} rows of SQLite as CSV, to the last byte",
        ("csv",),
        (
            *enter(
                [*known.PLAIN, known.ASYNC, *known.PEERS, limit, known.CLIENT],
                _download("/csv/", sizes.table, csv),
            ),
            enter_part(known.SYNC, _download("/csv/", sizes.part_table, csv), part),
        ),
        (ROWS,),
        (
            Goal("rate", 15, (known.ASYNC.name,)),
            Goal("rate", 150, (f"{known.SYNC.name}: {part}",)),
            Goal("rate", 0.85, (limit.name,)),
        ),
    )
    yield Scenario(
        "jsonl-export",
        f"{rows:,} rows of SQLite as JSON Lines, to the last byte",
        ("jsonl",),
        enter(
            [*known.PLAIN, known.YIELD, limit, known.CLIENT],
            _download("/jsonl/", sizes.table, jsonl),
        ),
        (ROWS,),
        (Goal("rate", 8, (known.YIELD.name,)), Goal("rate", 0.8, (limit.name,))),
    )
    for kind, idiom in (("sync", known.SYNC), ("async", known.ASYNC)):
        yield Scenario(
            f"generated-{kind}",
            f"{sizes.generated:,} rows of a program's own generator ({kind}) as CSV",
            ("csv",),
            enter(
                [*known.PLAIN, idiom, limit, known.CLIENT],
                Download(
                    f"/csv/generated-{kind}?limit={sizes.generated}",
                    partial(generated, sizes.generated),
                    f"/csv/generated-{kind}?limit=1000",
                    partial(generated, 1000),
                    items=sizes.generated,
                ),
            ),
            (ROWS,),
            (Goal("rate", 5, (idiom.name,)),),
        )


def _download(prefix: str, table: str, find: Callable[[str], Content]) -> Download:
    check = "readings_check"
    return Download(
        prefix + table,
        partial(find, table),
        prefix + check,
        partial(find, check),
        items=ROWS_OF[table],
    )


def plan_small(sizes: Sizes) -> Scenario:
    """A stream of ten items."""
    lines = "".join(f'{{"id":{i},"name":"item_{i}","value":{i * 1.5}}}\n' for i in range(10))
    request = Request("/jsonl/numbers?rows=10", lines.encode())
    return Scenario(
        "small-stream",
        "ten small items a stream, 32 connections",
        ("jsonl",),
        enter(
            [
                *(*known.PLAIN, known.ASYNC, known.YIELD, *known.PEERS),
                *(known.SMALL_LIMIT, known.CLIENT),
            ],
            Requests(lambda: [request], sizes.requests, 32),
        ),
        (ANSWERS, P99),
        (Goal("rate", 3, (known.YIELD.name,)),),
    )


def plan_first_byte(sizes: Sizes) -> Iterator[Scenario]:
    """The first byte of a large table, at one connection and at 32."""
    figures = (
        Figure("first", "first byte of content", "ms", more_is_better=False),
        Figure("slowest", "of the last connection", "ms", more_is_better=False),
        Figure("head", "first byte of the head", "ms", more_is_better=False),
    )
    for connections in (1, 32):
        yield Scenario(
            f"first-byte-{connections}",
            f"time to the first byte of {ROWS_OF[sizes.table]:,} rows as JSON Lines,"
            f" {connections} connection{'s' * (connections > 1)}",
            ("jsonl",),
            enter(
                [*known.PLAIN, known.YIELD, known.ROWS_LIMIT],
                FirstByte(f"/jsonl/{sizes.table}", b'{"id":1,', connections),
            ),
            figures,
            (Goal("first", 1, (known.YIELD.name,), at_most=True),),
        )
