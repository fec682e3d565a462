"""The README's figures: a plot and two tables, from the results that stand in the repository.

`python -m benchmarks.report.readme` writes them again without measuring.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.documents import Document, Section, read_document
from benchmarks.report.explanations import Explanation, explain, read_explanations
from benchmarks.report.overview import plot_overview
from benchmarks.report.page import BENCH, choose_versions
from benchmarks.report.summary import Advantage, Line, summarize
from benchmarks.subjects import RAW
from benchmarks.units import TIMES, show

README = Path("README.md")
BEGIN = "<!-- Of `make bench`: written by `python -m benchmarks.report.readme`, not by hand. -->"
END = "<!-- the end of it -->"


def update_readme(document: Path, readme: Path = README) -> None:
    """Write the figures of `bench.json` into the README, and the plot beside the former.

    Raises ValueError where the README does not say between which two lines.
    """
    read = read_document(document)
    plot = document.with_suffix(".svg")
    text = replace(readme.read_text("utf-8"), render(read, plot, read_explanations()))
    plot.write_text(plot_overview(summarize(read)), "utf-8")
    readme.write_text(text, "utf-8")


def replace(text: str, figures: str) -> str:
    """The README with other figures. Raises ValueError where it has no place for them."""
    before, begins, rest = text.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not begins or not ends:
        raise ValueError(f"the README needs two lines:\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n{figures}\n{END}{after}"


def render(document: Document, plot: Path, explanations: Sequence[Explanation]) -> str:
    """The figures as Markdown."""
    return "\n".join(
        [
            *_describe(document),
            "",
            f"![How near to its limit each subject comes, scenario by scenario]({plot})",
            "",
            *_tabulate(summarize(document)),
            "",
            f"What {RAW} has to reach, and what it reached (median, least to most of the rounds):",
            "",
            *_list_goals(document, explanations),
            "",
        ]
    )


def _describe(document: Document) -> Iterator[str]:
    machine = document.machine
    versions = ", ".join(f"{name} {number}" for name, number in choose_versions(document).items())
    yield (
        f"`{document.command}` on {document.date[:10]}, in {document.seconds / 60:.0f} minutes:"
        f" {machine['processor']}, {machine['cores']} cores, {machine['system']},"
        f" {machine['python']}; {versions}."
    )
    outcomes = [outcome for section in document.sections for outcome in section.outcomes]
    met = Counter(outcome.met for outcome in outcomes)
    yield (
        f"{met[True]} of {len(outcomes)} goals met, {met[False]} missed,"
        f" {met[None]} not judged; the [page](report/index.html) has everything."
    )
    absent = dict.fromkeys(
        row.label for section in document.sections for row in section.rows if row.absent
    )
    if absent:
        yield f"Not installed there, so not measured: {', '.join(absent)}."


def _tabulate(lines: Sequence[Line]) -> Iterator[str]:
    yield (
        "How many times as fast as each other (where less is better: as short, as small) raw_asgi"
        " under uvicorn is, by the median of the rounds:"
    )
    yield ""
    yield (
        "| scenario | raw_asgi | to Starlette | to FastAPI | to the best tutorial idiom"
        " | to the best peer | to the limit |"
    )
    yield "|---|---|---|---|---|---|---|"
    for line in lines:
        figure = line.section.figures[0]
        cells = [
            f"{line.section.name}: {figure.name}",
            _show_figure(line),
            *(_show(advantage) for advantage in (line.starlette, line.fastapi)),
            *(_show(advantage, named=True) for advantage in (line.idiom, line.peer)),
            _show(line.limit),
        ]
        yield f"| {' | '.join(cells)} |"


def _show_figure(line: Line) -> str:
    figure = line.section.figures[0]
    shown = show(line.raw.median(figure.key), figure.unit)
    return f"{shown}/s" if figure.unit == "1/s" else f"{shown} {figure.unit}"


def _show(advantage: Advantage | None, *, named: bool = False) -> str:
    if advantage is None:
        return ""
    return f"{TIMES} {advantage.median:.3g}{f' ({advantage.over})' * named}"


def _list_goals(document: Document, explanations: Sequence[Explanation]) -> Iterator[str]:
    yield "| scenario | goal | outcome |"
    yield "|---|---|---|"
    for section in document.sections:
        for number, outcome in enumerate(section.outcomes):
            goal = outcome.goal.removeprefix(f"{RAW}: ")
            words = f"{outcome.outcome}{_add_why(section, number, explanations)}"
            yield f"| {section.name if number == 0 else ''} | {goal} | {words} |"


def _add_why(section: Section, number: int, explanations: Sequence[Explanation]) -> str:
    explanation = explain(section, section.outcomes[number], explanations)
    if explanation is None:
        return ""
    shown = f" ([profile]({explanation.profile}))" if explanation.profile else ""
    return f". {explanation.why}{shown}"


if __name__ == "__main__":
    try:
        update_readme(Path("report") / BENCH)
    except (OSError, ValueError) as error:
        sys.exit(f"readme: {error}")
