"""The comparison as tables: one a server, a row a family and gzip setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from asgi_conformance.cells import Cell
from rich.table import Table

from benchmarks.conformance import FAMILIES, OTHER, Tallies, Tally
from benchmarks.documents import Row, Section
from benchmarks.scenario import Figure, Unit
from benchmarks.timing import Timing

BASELINE = "fastapi"

Timings = Mapping[tuple[Cell, str], Timing]

_SCALES = {"MB/s": 1e6, "events/s": 1.0}


def make_tables(cells: Sequence[Cell], tallies: Tallies, timings: Timings) -> Iterator[Table]:
    """One table a server, its columns the applications."""
    for server in dict.fromkeys(cell.server for cell in cells):
        of_server = [cell for cell in cells if cell.server == server]
        table = Table(title=of_server[0].server_name, title_style="bold", caption_justify="left")
        table.add_column("family")
        for name in dict.fromkeys(cell.application_name for cell in of_server):
            table.add_column(name, justify="right")
        for family in (*FAMILIES, OTHER):
            for gzip in (False, True):
                row = [cell for cell in of_server if cell.gzip == gzip]
                texts = [_describe(cell, row, family, tallies, timings) for cell in row]
                table.add_row(f"{family}{', gzip' if gzip else ''}", *texts, end_section=gzip)
        yield table


def make_sections(timings: Timings) -> list[Section]:
    """The same as sections of the report: one a family and gzip setting."""
    sections = []
    for family in FAMILIES:
        for gzip in (False, True):
            found = {
                cell: timing
                for (cell, name), timing in timings.items()
                if (name, cell.gzip) == (family, gzip)
            }
            if not found:
                continue
            unit = next(iter(found.values())).unit
            shown: Unit = "MB/s" if unit == "MB/s" else "1/s"
            name = "content delivered" if shown == "MB/s" else "deliveries"
            rows = [
                Row(
                    f"{cell.application_name}, {cell.server_name}",
                    "application",
                    [{"rate": measurement.rate} for measurement in timing.measurements],
                    timing.problem,
                )
                for cell, timing in found.items()
            ]
            coding = "-gzip" if gzip else ""
            title = f"{family}, {'compressed' if gzip else 'not compressed'}"
            figure = Figure("rate", name, shown)
            sections.append(
                Section(f"compare-{family}{coding}", title, [figure], rows, plotted=["rate"])
            )
    return sections


def _describe(
    cell: Cell, row: Sequence[Cell], family: str, tallies: Tallies, timings: Timings
) -> str:
    """Two lines: the checks, the speed."""
    tally = tallies[cell, family]
    lines = [describe_tally(tally)]
    timing = timings.get((cell, family))
    if timing is not None:
        baseline = next((other for other in row if other.application_name == BASELINE), None)
        base = timings.get((baseline, family)) if baseline else None
        lines.append(describe_timing(timing, base))
    return "\n".join(lines)


def describe_tally(tally: Tally) -> str:
    """The checks in words: `61 pass, 3 deviate`."""
    words = [f"{tally.passed} pass"]
    if tally.known:
        words.append(f"{tally.known} deviate")
    if tally.failed:
        words.append(f"[bold red]fails {tally.failed} check{'s' if tally.failed > 1 else ''}[/]")
    return ", ".join(words)


def describe_timing(timing: Timing, base: Timing | None) -> str:
    """The speed in words: `3,912 MB/s x4.13`, with `~` where the time was up."""
    rate = timing.rate
    if rate is None:
        return f"[bold red]{timing.problem or 'not measured'}[/]"
    text = f"{'' if timing.complete else '~'}{rate / _SCALES[timing.unit]:,.0f} {timing.unit}"
    base_rate = base.rate if base else None
    return f"{text} x{rate / base_rate:.2f}" if base_rate else text
