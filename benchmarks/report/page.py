"""The page: `report/index.html`, of one file, from the results that lie beside it.

`python -m benchmarks.report.page [directory]` writes it again without measuring.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from benchmarks.documents import Document, Row, Section, read_document
from benchmarks.report.explanations import explain, read_explanations
from benchmarks.report.overview import plot_overview
from benchmarks.report.plots import plot_section
from benchmarks.report.sources import format_style, list_sizes, read_sources
from benchmarks.report.summary import summarize
from benchmarks.report.tables import show_ratio, show_spread
from benchmarks.scenario import Figure
from benchmarks.units import show

BENCH = "bench.json"
COMPARE = "compare.json"

_TITLES = {BENCH: "Against idioms, peers and limits", COMPARE: "Side by side"}

# What the figures depend on most; the document has all that are installed.
_SHOWN = (
    *("starlette", "fastapi", "uvicorn", "uvloop", "httptools", "hypercorn", "anyio", "isal"),
    *("msgspec", "aiohttp", "litestar", "blacksheep", "quart", "sse-starlette", "nginx"),
)


def write_page(directory: Path) -> Path:
    """Write `index.html` from the documents in the directory; returns its path."""
    environment = Environment(
        loader=PackageLoader("benchmarks.report", "."),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    parts = [
        (title, read_document(directory / name))
        for name, title in _TITLES.items()
        if (directory / name).exists()
    ]
    explanations = read_explanations()
    page = environment.get_template("page.html").render(
        parts=parts,
        plots=_plot,
        overview=_plot_overview,
        explain=lambda section, outcome: explain(section, outcome, explanations),
        cell=_show_cell,
        spread=_show_spread,
        ratio=show_ratio,
        versions=choose_versions,
        sources=read_sources(),
        sizes=list_sizes(),
        style=Markup(format_style()),  # noqa: S704 - Pygments' own
        markup=Markup,
    )
    path = directory / "index.html"
    path.write_text(page, "utf-8")
    return path


def _plot(section: Section) -> list[Markup]:
    figures = {figure.key: figure for figure in section.figures}
    plots = [plot_section(section, figures[key]) for key in section.plotted]
    return [Markup(plot) for plot in plots if plot]  # noqa: S704 - matplotlib's own


def _plot_overview(document: Document) -> Markup | None:
    lines = [line for line in summarize(document) if line.limit is not None]
    if not lines:
        return None
    svg = plot_overview(lines)
    return Markup(svg[svg.index("<svg") :])  # noqa: S704 - matplotlib's own


def _show_cell(row: Row, figure: Figure) -> str:
    return show(row.median(figure.key), figure.unit)


def _show_spread(row: Row, section: Section) -> str:
    return show_spread(row, section.figures[0])


def choose_versions(document: Document) -> dict[str, str]:
    """Those that the figures depend on most."""
    return {name: document.versions[name] for name in _SHOWN if name in document.versions}


if __name__ == "__main__":
    print(write_page(Path(sys.argv[1] if len(sys.argv) > 1 else "report")))
