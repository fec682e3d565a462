"""The page: `report/index.html`, of one file, from the results that lie beside it.

`python -m benchmarks.report.page [directory]` writes it again without measuring.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from benchmarks.documents import Document, Row, Section, read_document
from benchmarks.report.plots import plot_section
from benchmarks.report.sources import format_style, list_sizes, read_sources
from benchmarks.report.tables import show_spread
from benchmarks.scenario import Figure
from benchmarks.units import show

BENCH = "bench.json"
COMPARE = "compare.json"

_TITLES = {BENCH: "Against idioms, peers and limits", COMPARE: "Side by side"}

# What the figures depend on most; the document has all that are installed.
_SHOWN = (
    *("starlette", "fastapi", "uvicorn", "uvloop", "httptools", "hypercorn", "anyio", "isal"),
    *("orjson", "aiohttp", "litestar", "blacksheep", "quart", "sse-starlette"),
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
    page = environment.get_template("page.html").render(
        parts=parts,
        plots=_plot,
        cell=_show_cell,
        spread=_show_spread,
        ratio=_show_ratio,
        versions=_choose_versions,
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


def _show_cell(row: Row, figure: Figure) -> str:
    return show(row.median(figure.key), figure.unit)


def _show_spread(row: Row, section: Section) -> str:
    return show_spread(row, section.figures[0])


def _show_ratio(row: Row, section: Section) -> str:
    """The first row's median to this row's: how many times as much it is."""
    key = section.figures[0].key
    first, own = section.rows[0].median(key), row.median(key)
    return f"{first / own:.3g}" if first and own else ""


def _choose_versions(document: Document) -> dict[str, str]:
    return {name: document.versions[name] for name in _SHOWN if name in document.versions}


if __name__ == "__main__":
    print(write_page(Path(sys.argv[1] if len(sys.argv) > 1 else "report")))
