"""The main plot: how near to its limit each subject comes, scenario by scenario."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes

from benchmarks.documents import Row
from benchmarks.report.plots import COLOURS, RAW_COLOUR, draw, format_tick
from benchmarks.report.summary import Line, compare
from benchmarks.subjects import FASTAPI, RAW, STARLETTE

_HEIGHT = 0.36  # of a scenario, in inches

# Over the others is what is drawn last.
_MARKS = {
    "peers": ("peer", "D", COLOURS["peer"]),
    "tutorial idioms": ("idiom", "X", COLOURS["idiom"]),
    "starlette_app": (STARLETTE, "s", "#8ab4e8"),
    "fastapi_compat": (FASTAPI, "^", "#2563a8"),
    "raw_asgi": (RAW, "o", RAW_COLOUR),
}


def plot_overview(lines: Sequence[Line]) -> str:
    """A row a scenario that has a limit, on a logarithmic axis, as an SVG of its own."""
    limited = [line for line in lines if line.limit is not None]

    def place(axes: Axes) -> None:
        _place(axes, limited)

    return draw(place, 1.5 + _HEIGHT * len(limited), "overview", transparent=False)


def _place(axes: Axes, lines: Sequence[Line]) -> None:
    axes.axvline(1, color=COLOURS["limit"], linewidth=2, zorder=1, label="limit: without ASGI")
    for name, (wanted, mark, colour) in _MARKS.items():
        middles, places = [], []
        for place, line in enumerate(lines):
            for ratios in _find_ratios(line, wanted):
                middles.append(statistics.median(ratios))
                places.append(place)
                axes.hlines(place, min(ratios), max(ratios), color=colour, linewidth=1.5, zorder=2)
        size = 8 if wanted == RAW else 6
        (marks,) = axes.plot(middles, places, mark, label=name, color=colour, zorder=3)
        marks.set(markersize=size, markeredgewidth=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(format_tick)
    axes.set_yticks(range(len(lines)), [line.section.name for line in lines])
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.grid(color="#e5e5e5")
    axes.set_axisbelow(True)
    axes.set_xlabel(
        "the limit being 1 (right is better, logarithmic; lines: least to most of the rounds)"
    )
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)


def _find_ratios(line: Line, wanted: str) -> Iterator[Sequence[float]]:
    """Those of the rows of a label, or of a kind, to the best limit."""
    limit = line.section.find_row(line.limit.over) if line.limit else None
    assert limit is not None
    for row in _choose(line, wanted):
        advantage = compare(line.section, row, limit)
        if advantage is not None:
            yield advantage.ratios


def _choose(line: Line, wanted: str) -> list[Row]:
    return [row for row in line.section.rows if wanted in (row.label, row.kind)]
