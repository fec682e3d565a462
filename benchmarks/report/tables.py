"""A section as a table in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from benchmarks.documents import Row, Section
from benchmarks.scenario import Figure
from benchmarks.units import show

_COLOURS = {True: "green", False: "bold red", None: "yellow"}


def show_section(section: Section) -> Group:
    """The medians, with the least and the most of the main figure, and the outcomes."""
    main, *others = section.figures
    table = Table(title=f"{section.name}: {section.title}", title_justify="left")
    table.add_column("subject")
    for figure in section.figures:
        table.add_column(f"{figure.name}, {figure.unit}", justify="right")
    table.add_column("least to most", justify="right")
    table.add_column("n", justify="right")
    table.add_column("client busy", justify="right")
    for row in section.rows:
        if row.problem is not None:
            table.add_row(row.label, Text(row.problem.splitlines()[0], "red"))
            continue
        cells = [show(row.median(figure.key), figure.unit) for figure in (main, *others)]
        busy = row.median("busy")
        table.add_row(
            row.label,
            *cells,
            show_spread(row, main),
            str(len(row.rounds)),
            "" if busy is None else f"{busy:.0%}",
        )
    outcomes = [
        Text(f"{outcome.goal}: {outcome.outcome}", _COLOURS[outcome.met])
        for outcome in section.outcomes
    ]
    return Group(table, *outcomes)


def show_spread(row: Row, figure: Figure) -> str:
    """The least and the most of a figure."""
    values = row.values(figure.key)
    return f"{show(min(values), figure.unit)} to {show(max(values), figure.unit)}" if values else ""
