"""Plots: a section's figures as bars against the limit, or as lines over connections."""

from __future__ import annotations

import io
import re
import statistics
from collections.abc import Callable, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from benchmarks.documents import Row, Section
from benchmarks.scenario import Figure
from benchmarks.units import scale, show

COLOURS = {
    "application": "#2563a8",
    "idiom": "#c2571a",
    "peer": "#6b7280",
    "limit": "#15803d",
    "client": "#c4c8ce",
}
RAW_COLOUR = "#0b2f5c"
_LINES = ("#0b2f5c", "#6d9ed1", "#c2571a", "#15803d")

_PROBLEM = "#b91c1c"
_LONGEST = 90  # characters of a problem

# Of no use in a page, and not the same each time.
_METADATA = ("Creator", "Date", "Format", "Type")

# From this ratio on the small bars of a linear axis could not be told apart.
_LOG_RATIO = 30

_CONNECTIONS = re.compile(r"(.+): ([0-9]+)")


def plot_section(section: Section, figure: Figure) -> str:
    """A plot as SVG, to stand in a page; empty where there is nothing to plot."""
    rows = [row for row in section.rows if row.values(figure.key)]
    if not rows:
        return ""
    salt = f"{section.name}-{figure.key}"
    if all(_CONNECTIONS.fullmatch(row.label) for row in rows):
        svg = draw(lambda axes: _draw_lines(axes, rows, figure), 3.2, salt)
    else:
        shown = [row for row in section.rows if row in rows or row.problem is not None]
        svg = draw(lambda axes: _draw_bars(axes, shown, figure), 0.8 + 0.28 * len(shown), salt)
    # Without what stands before the element itself.
    return svg[svg.index("<svg") :]


def draw(place: Callable[[Axes], None], height: float, salt: str, transparent: bool = True) -> str:
    """An SVG as wide as a page and so many inches high.

    Text stays text; the salt keeps the marks of two plots in one page apart.
    """
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "font.size": 9}):
        canvas = Canvas(figsize=(9, height), layout="constrained")
        axes = canvas.add_subplot()
        place(axes)
        axes.spines[["top", "right"]].set_visible(False)
        written = io.StringIO()
        metadata = dict.fromkeys(_METADATA)
        canvas.savefig(written, format="svg", metadata=metadata, transparent=transparent)
    return written.getvalue()


def _draw_bars(axes: Axes, rows: Sequence[Row], figure: Figure) -> None:
    """A bar a subject, as long as the median, with the repetitions on it, or why there is none."""
    medians = []
    for place, row in enumerate(rows):
        if not row.values(figure.key):
            axes.annotate(
                _shorten(row.problem or "not measured"),
                (0, place),
                xycoords=("axes fraction", "data"),
                xytext=(5, 0),
                textcoords="offset points",
                verticalalignment="center",
                color=_PROBLEM,
            )
            continue
        values = [scale(value, figure.unit) for value in row.values(figure.key)]
        median = scale(row.median(figure.key) or 0, figure.unit)
        medians.append(median)
        colour = RAW_COLOUR if row.label.startswith("raw") else COLOURS[row.kind]
        axes.barh(place, median, color=colour, height=0.66, zorder=2)
        axes.hlines(place, min(values), max(values), color="#000000", linewidth=1.2, zorder=3)
        axes.plot(values, [place] * len(values), "|", color="#000000", markersize=5, zorder=3)
        axes.annotate(
            show(row.median(figure.key), figure.unit),
            (max(max(values), median), place),
            xytext=(5, 0),
            textcoords="offset points",
            verticalalignment="center",
        )
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.invert_yaxis()
    axes.set_axisbelow(True)
    axes.grid(axis="x", color="#dddddd")
    least = min((median for median in medians if median > 0), default=0)
    logarithmic = least > 0 and max(medians) / least > _LOG_RATIO
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(left=least / 2, right=max(medians) * 4)
    else:
        axes.margins(x=0.14)
        axes.set_xlim(left=min(0, *medians))
    axes.xaxis.set_major_formatter(format_tick)
    axes.set_xlabel(_name_axis(figure, logarithmic=logarithmic))


def _shorten(problem: str) -> str:
    line = problem.splitlines()[0]
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _draw_lines(axes: Axes, rows: Sequence[Row], figure: Figure) -> None:
    """A line a subject, over the numbers of connections."""
    lines: dict[str, list[tuple[int, list[float]]]] = {}
    for row in rows:
        match = _CONNECTIONS.fullmatch(row.label)
        assert match is not None
        values = [scale(value, figure.unit) for value in row.values(figure.key)]
        lines.setdefault(match[1], []).append((int(match[2]), sorted(values)))
    for colour, (label, points) in zip(_LINES * len(lines), lines.items(), strict=False):
        counts = [count for count, _ in points]
        middles = [statistics.median(values) for _, values in points]
        axes.plot(counts, middles, "o-", color=colour, label=label, markersize=4)
        axes.vlines(
            counts,
            [values[0] for _, values in points],
            [values[-1] for _, values in points],
            colour,
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(format_tick)
    axes.grid(color="#dddddd")
    axes.set_xlabel("connections")
    axes.set_ylabel(_name_axis(figure, logarithmic=False))
    axes.legend(frameon=False)


def format_tick(value: float, _: object) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:g}"


def _name_axis(figure: Figure, *, logarithmic: bool) -> str:
    better = "more" if figure.more_is_better else "less"
    axis = ", logarithmic" if logarithmic else ""
    return f"{figure.name}, {figure.unit} ({better} is better{axis})"
