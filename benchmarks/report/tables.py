"""A section as a table in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from benchmarks.documents import Row, Section
from benchmarks.report.summary import compare
from benchmarks.scenario import Figure
from benchmarks.units import TIMES, show

_COLOURS = {True: "green", False: "bold red", None: "yellow"}


def show_section(section: Section) -> Group:
    """The medians, with the least and the most of the main figure, how many times as good as each
    the first is, and the outcomes.
    """
    main, *others = section.figures
    table = Table(title=f"{section.name}: {section.title}", title_justify="left")
    table.add_column("subject", no_wrap=True)
    for figure in section.figures:
        table.add_column(f"{figure.name}, {figure.unit}", justify="right")
    table.add_column("least to most", justify="right")
    table.add_column(f"the first is {TIMES}", justify="right")
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
            show_ratio(row, section),
            str(len(row.rounds)),
            "" if busy is None else f"{busy:.0%}",
        )
    outcomes = [
        Text(f"{outcome.goal}: {outcome.outcome}", _COLOURS[outcome.met])
        for outcome in section.outcomes
    ]
    return Group(table, *outcomes)


def show_ratio(row: Row, section: Section) -> str:
    """How many times as good as this row the first one is, by the median of the rounds.

    Empty where they are not asked for the same.
    """
    first = section.rows[0]
    advantage = None if ": " in first.label else compare(section, first, row)
    return f"{advantage.median:.3g}" if advantage else ""


def show_spread(row: Row, figure: Figure) -> str:
    """The least and the most of a figure."""
    values = row.values(figure.key)
    return f"{show(min(values), figure.unit)} to {show(max(values), figure.unit)}" if values else ""
