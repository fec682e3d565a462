"""What the benchmarks show: the README's figures, explanations of misses, profiles as text."""

# ruff: noqa: RUF001 - ratios are shown with the sign of multiplication

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.documents import Document, Outcome, Row, Section, read_document, write_document
from benchmarks.hotspots import summarize as summarize_profile
from benchmarks.report.explanations import Explanation, explain, read_explanations
from benchmarks.report.page import write_page
from benchmarks.report.readme import BEGIN, END, render, replace, update_readme
from benchmarks.scenario import Figure

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "report" / "bench.json"
PLOT = Path("report/bench.svg")


def _row(label: str, kind: str, *values: float) -> Row:
    return Row(label, kind, [{"rate": value} for value in values])


def _document() -> Document:
    section = Section(
        "csv-export",
        "rows",
        [Figure("rate", "rows delivered", "rows/s")],
        [
            _row("raw_asgi, uvicorn", "application", 100, 200, 400),
            _row("starlette_app, uvicorn", "application", 50, 50, 200),
            _row("Starlette, async yield", "idiom", 10, 20, 20),
            _row("Starlette, sync yield", "idiom", 1, 1, 1),
            Row("nginx", "peer", [], "not installed", absent=True),
            Row("Quart", "peer", [], "broke off"),
            _row("limit: blocking rows", "limit", 200, 400, 400),
        ],
        [
            Outcome("raw_asgi, uvicorn: rows delivered ≥ 2 × X", "met: × 4", True),
            Outcome("raw_asgi, uvicorn: rows delivered ≥ 1 × limit: Y", "missed: × 0.5", False),
        ],
        ["rate"],
        12.0,
    )
    document = Document("python -m benchmarks", "full", "2026-01-02T03:04:05+00:00")
    document.machine = {"processor": "P", "cores": 2, "system": "S", "python": "C", "memory_gib": 1}
    document.versions = {"uvicorn": "1.2", "other": "3"}
    document.sections, document.seconds = [section], 600.0
    return document


WHY = Explanation("csv-export", "limit: Y", "The lock takes a half.", "report/profiles/csv.txt")


def test_the_readme_has_the_figures_of_the_committed_results() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    if RESULTS.exists():
        made = replace(text, render(read_document(RESULTS), PLOT, read_explanations()))
        assert made == text, "python -m benchmarks.report.readme brings it up to date"
        assert (ROOT / PLOT).exists()
    else:
        assert f"{BEGIN}\n{END}" in text


def test_the_readmes_figures_are_ratios_to_the_best_of_each_kind() -> None:
    assert render(_document(), PLOT, [WHY]) == (
        "`python -m benchmarks` on 2026-01-02, in 10 minutes: P, 2 cores, S, C; uvicorn 1.2.\n"
        "1 of 2 goals met, 1 missed, 0 not judged; the [page](report/index.html) has everything.\n"
        "Not installed there, so not measured: nginx.\n"
        "\n"
        "![How near to its limit each subject comes, scenario by scenario](report/bench.svg)\n"
        "\n"
        "How many times as fast as each other (where less is better: as short, as small) raw_asgi"
        " under uvicorn is, by the median of the rounds:\n"
        "\n"
        "| scenario | raw_asgi | to Starlette | to FastAPI | to the best tutorial idiom"
        " | to the best peer | to the limit |\n"
        "|---|---|---|---|---|---|---|\n"
        "| csv-export: rows delivered | 200 rows/s | × 2 |  | × 10 (Starlette, async yield) |"
        "  | × 0.5 |\n"
        "\n"
        "What raw_asgi, uvicorn has to reach, and what it reached (median, least to most of the"
        " rounds):\n"
        "\n"
        "| scenario | goal | outcome |\n"
        "|---|---|---|\n"
        "| csv-export | rows delivered ≥ 2 × X | met: × 4 |\n"
        "|  | rows delivered ≥ 1 × limit: Y | missed: × 0.5. The lock takes a half."
        " ([profile](report/profiles/csv.txt)) |\n"
    )


def test_the_readmes_figures_are_written_between_its_two_lines(tmp_path: Path) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "bench.json"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    write_document(_document(), results)
    update_readme(results, readme)
    once = readme.read_text("utf-8")
    update_readme(results, readme)
    assert readme.read_text("utf-8") == once
    assert once.startswith(f"before\n{BEGIN}\n\n`python -m benchmarks` on 2026-01-02")
    assert once.endswith(f"|\n\n{END}\nafter\n")
    assert "old" not in once
    assert "csv-export" in (tmp_path / "bench.svg").read_text("utf-8")


def test_a_readme_without_a_place_for_figures_stays_as_it_is(tmp_path: Path) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "bench.json"
    readme.write_text("nothing\n", "utf-8")
    write_document(_document(), results)
    with pytest.raises(ValueError, match="needs two lines"):
        update_readme(results, readme)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["README.md", "bench.json"]
    assert readme.read_text("utf-8") == "nothing\n"


def test_what_is_not_installed_and_what_broke_are_told_on_the_page(tmp_path: Path) -> None:
    write_document(_document(), tmp_path / "bench.json")
    page = write_page(tmp_path).read_text("utf-8")
    # On top, in the plot, and in the table behind it.
    assert page.count(">not installed<") == 3
    assert page.count("broke off") >= 2
    assert "600 s" in page


def test_a_goal_that_was_met_needs_no_explanation() -> None:
    (section,) = _document().sections
    met, missed = section.outcomes
    other = Explanation("jsonl-export", "limit: Y", "another scenario's")
    both = Explanation("csv-export", "rows delivered", "of any goal of it")
    assert explain(section, missed, [other, WHY]) == WHY
    assert explain(section, missed, [other]) is None
    assert explain(section, met, [both]) is None


def test_explanations_lead_to_profiles_that_are_there() -> None:
    profiles = [it.profile for it in read_explanations() if it.profile is not None]
    assert [profile for profile in profiles if not (ROOT / profile).is_file()] == []


def test_explanations_are_read(tmp_path: Path) -> None:
    path = tmp_path / "explanations.toml"
    path.write_text('[[missed]]\nscenario = "s"\ngoal = "g"\nwhy = "w"\n', "utf-8")
    assert read_explanations(path) == [Explanation("s", "g", "w", None)]


def _frame(name: str, y: int, first: int, samples: int) -> str:
    return (
        f"<g><title>{name} ({samples} samples, 1.00%)</title>"
        f'<rect x="0%" y="{y}" width="1%" height="15" fg:x="{first}" fg:w="{samples}"/></g>'
    )


def test_a_flame_graph_is_summed_up_by_thread_line_and_function(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("first\n    second(line)\n", "utf-8")
    svg = "".join(
        [
            _frame("all", 36, 0, 100),
            _frame("thread (12): MainThread", 52, 0, 75),
            _frame("thread (34)", 52, 75, 25),
            _frame("run (own.py:2)", 68, 0, 75),
            # It calls itself, and something else.
            _frame("run (own.py:1)", 84, 0, 50),
            _frame("&lt;lambda&gt; (there.py:7)", 84, 50, 10),
            _frame("work (there.py:3)", 68, 75, 25),
        ]
    )
    text = summarize_profile(svg, tmp_path)
    head, _, rest = text.partition("\n\nRunner.run")
    lines, _, functions = rest.partition("By line, without the Python that it calls:\n")[
        2
    ].partition("\nBy function, with all that it calls:\n")
    assert head == (
        "100 samples of threads that worked, in\n 75.0 %  MainThread\n 25.0 %  nameless"
    )
    assert lines == (
        " 50.0 %  own.py:1  run\n"
        "         | first\n"
        " 25.0 %  there.py:3  work\n"
        " 15.0 %  own.py:2  run\n"
        "         | second(line)\n"
        " 10.0 %  there.py:7  <lambda>\n"
    )
    assert functions == (
        " 75.0 %  own.py  run\n 25.0 %  there.py  work\n 10.0 %  there.py  <lambda>\n"
    )


def test_a_picture_without_frames_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no sample"):
        summarize_profile("<svg></svg>", tmp_path)
