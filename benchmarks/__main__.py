"""`python -m benchmarks`: the applications against idioms, peers and limits."""

from __future__ import annotations

import argparse
import resource
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from asgi_conformance.cells import Cell
from rich.console import Console

from benchmarks.conformance import SuiteError, Tallies, run_suite
from benchmarks.demo import DIRECTORY
from benchmarks.documents import Document, Section, make_section, write_document
from benchmarks.judging import judge
from benchmarks.material import build_material
from benchmarks.measuring import Pace, Refuse, measure
from benchmarks.plan import plan_scenarios
from benchmarks.plan.sizes import FULL, QUICK, Sizes
from benchmarks.pool import Pool
from benchmarks.progress import Steps, show_progress
from benchmarks.report.page import BENCH, write_page
from benchmarks.report.readme import update_readme
from benchmarks.report.tables import show_section
from benchmarks.scenario import Entry, Scenario
from benchmarks.subjects import NAMES, SERVERS

REPORT = Path("report")
UNFINISHED = "unfinished.json"
_UNUSABLE = 2
_DESCRIPTORS = 16384
_SHARES = 3
_EVERYTHING = ("",)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write `bench.json` and `index.html`, and the README's figures.

    They are written to `report/`, those of a run that is quick or of some scenarios alone to
    `report/quick/`. A run that is interrupted leaves what it measured in `unfinished.json`.

    Returns the exit status: 1 where a subject failed its checks, sent anything but what it had
    to, or broke otherwise (not where it is not installed), 2 where nothing could be measured,
    130 or 143 after SIGINT or SIGTERM. Goals that are missed are told, and change nothing in it.
    """
    options = _parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    # The servers and the scratch directory go on this way out too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_DESCRIPTORS, most), most))
    document = Document(
        shlex.join(["python", "-m", "benchmarks", *arguments]),
        "small sizes" if options.quick else "full sizes",
    )
    try:
        return _run(options, document, console)
    except SuiteError as error:
        console.print(f"bench: {error}", markup=False, soft_wrap=True)
        return _UNUSABLE
    except KeyboardInterrupt:
        what = f"; what was measured lies in {UNFINISHED}" if document.sections else ""
        console.print(f"bench: interrupted{what}", soft_wrap=True)
        return 130


def _run(options: argparse.Namespace, document: Document, console: Console) -> int:
    began = time.monotonic()
    sizes = QUICK if options.quick else FULL
    whole = sizes is FULL and options.only == _EVERYTHING
    # What is measured in a hurry does not take the place of what was measured as a whole.
    directory = REPORT if whole else REPORT / "quick"
    DIRECTORY.mkdir(exist_ok=True)
    with show_progress(console) as steps:
        steps.begin("material", 1)
        material = build_material()
        planned = plan_scenarios(material, sizes)
        wanted = [s for s in planned if s.name.startswith(options.only)]
        if not wanted:
            console.print(f"bench: there are {', '.join(s.name for s in planned)}", soft_wrap=True)
            return _UNUSABLE
        tallies: Tallies = {}
        if not (options.quick or options.unchecked):
            tallies = _check(steps)
            console.print(f"checked, after {time.monotonic() - began:.0f} s")
        document.checks = _describe_checks(tallies)
        pacing = _Pacing(sizes, began + sizes.seconds, options.rounds)
        with TemporaryDirectory(dir=DIRECTORY, prefix="bench-") as name:
            pool = Pool(material, Path(name).resolve())
            try:
                for section in _measure_all(wanted, pool, pacing, _Refusing(tallies), steps):
                    document.sections.append(section)
                    document.seconds = time.monotonic() - began
                    console.print(show_section(section))
                    # What was measured stays, also where the run is broken off.
                    write_document(document, directory / UNFINISHED)
            finally:
                pool.keep(set())
    (directory / UNFINISHED).rename(directory / BENCH)
    console.print(f"measured, after {document.seconds:.0f} s: {write_page(directory)}")
    if whole:
        try:
            update_readme(directory / BENCH)
        except (OSError, ValueError) as error:
            console.print(f"the README stays as it is: {error}", markup=False, soft_wrap=True)
    return _tell_problems(document, console)


def _measure_all(
    scenarios: Sequence[Scenario], pool: Pool, pacing: _Pacing, refuse: Refuse, steps: Steps
) -> Iterator[Section]:
    for number, scenario in enumerate(scenarios):
        left = scenarios[number:]
        pool.keep({entry.subject.host for scenario in left for entry in scenario.entries})
        pace = pacing.choose(scenario, len(left))
        steps.begin(
            f"{scenario.name}, {number + 1} of {len(scenarios)}",
            (pace.rounds + 1) * len(scenario.entries),
        )
        yield _measure(scenario, pool, pace, refuse, steps)


def _measure(scenario: Scenario, pool: Pool, pace: Pace, refuse: Refuse, steps: Steps) -> Section:
    began = time.monotonic()
    if not scenario.fresh:
        pool.prepare({entry.subject.host for entry in scenario.entries})
    results = measure(scenario, pool, pace, refuse, steps.advance)
    verdicts = judge(scenario, results)
    return make_section(scenario, results, verdicts, time.monotonic() - began)


def _tell_problems(document: Document, console: Console) -> int:
    """Say once more what has no figures; returns the exit status."""
    broken = False
    for section in document.sections:
        for row in section.rows:
            if row.problem is not None:
                broken = broken or not row.absent
                words = f"{section.name}: {row.label}: {row.problem.splitlines()[0]}"
                console.print(words, markup=False, soft_wrap=True)
    return int(broken)


@dataclass(frozen=True, slots=True)
class _Pacing:
    """How often each subject is measured, so that all scenarios end in time."""

    sizes: Sizes
    end: float
    rounds: int | None

    def choose(self, scenario: Scenario, left: int) -> Pace:
        """For the first of so many scenarios. Some need less than their share of the time."""
        now = time.monotonic()
        until = now + _SHARES * max(0.0, self.end - now) / left
        rounds = 1 if now > self.end else scenario.rounds or self.sizes.rounds
        return Pace(self.rounds or rounds, self.sizes.budget, until)


def _check(steps: Steps) -> Tallies:
    cells = [
        Cell(f"{name}.main:app", server, gzip)
        for name, server, gzip in product(NAMES, SERVERS, (False, True))
    ]
    steps.begin("conformance", 100)
    return run_suite(cells, REPORT, lambda done: steps.move_to(done))


class _Refusing:
    """Refuses the applications that fail their checks."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies

    def __call__(self, entry: Entry, scenario: Scenario) -> str | None:
        cell = entry.subject.cell
        if cell is None or not self._tallies:
            return None
        failed = sum(self._tallies[cell, family].failed for family in scenario.families)
        return f"not measured: fails {failed} checks of the suite" if failed else None


def _describe_checks(tallies: Tallies) -> dict[str, str]:
    return {
        f"{cell}, {family}": f"{tally.passed} pass, {tally.known} deviate, {tally.failed} fail"
        for (cell, family), tally in tallies.items()
    }


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, without the suite")
    parser.add_argument(
        "--only", nargs="+", default=_EVERYTHING, help="what scenarios' names begin with"
    )
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--unchecked", action="store_true", help="without the suite's verdict")
    options = parser.parse_args(arguments)
    options.only = tuple(options.only)
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
