"""`python -m benchmarks.compare`: the applications checked and timed side by side."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from asgi_conformance.cells import Cell
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.conformance import FAMILIES, SuiteError, Tallies, run_suite
from benchmarks.demo import DIRECTORY, build_demo
from benchmarks.documents import Document, write_document
from benchmarks.fanout import Fanout
from benchmarks.hosting import DoesNotStart, run_servers
from benchmarks.inputs import InputError, InputFile, InputTable, choose_file, choose_table
from benchmarks.report.page import COMPARE, write_page
from benchmarks.scenarios import Download, Scenario, Upload
from benchmarks.table import describe_tally, make_sections, make_tables
from benchmarks.timing import Pace, Timing, group_cells, time_scenario

APPLICATIONS = ("raw_asgi.main:app", "starlette_app.main:app", "fastapi_compat.main:app")
SERVERS = ("uvicorn", "hypercorn")
REPORT = Path("report")

_FAILED = 1
_UNUSABLE = 2

_LEGEND = """\
pass, deviate: the suite's checks, and the known deviations from the contract; the checks that
wait long or need a server of their own are left to `make test`.
MB/s: content delivered in a second, counted as it is without gzip. x2.00: twice FastAPI's.
events/s: events delivered in a second to 50 subscribers of a channel.
uploads: 16 MiB, until they are hashed and durable on the disk; without a receipt, none counts.
Median of {rounds} by turns.
~: stopped after {seconds} s (uploads {patience} s); what had arrived counts."""


def main(arguments: Sequence[str]) -> int:
    """Check, time, print, write `report/compare.json` and `report/index.html`.

    Returns the exit status: 1 where a check failed or other content arrived than was served,
    2 where what is to be compared cannot be used.
    """
    options = _parse(arguments)
    cells = [
        Cell(application, server, gzip)
        for server, gzip, application in product(SERVERS, (False, True), options.apps)
    ]
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    # The servers and the scratch directory go on this way out too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _compare(cells, options, arguments, console)
    except (InputError, SuiteError, DoesNotStart) as error:
        console.print(f"compare: {error}", markup=False, soft_wrap=True)
        return _UNUSABLE
    except KeyboardInterrupt:
        return 130


def _compare(
    cells: Sequence[Cell],
    options: argparse.Namespace,
    arguments: Sequence[str],
    console: Console,
) -> int:
    began = time.monotonic()
    file, table = _choose_inputs(options.files, options.database, console)
    console.print(f"file: {file.name}, {len(file.content):,} bytes", markup=False)
    console.print(f"table: {table.name}, {table.rows:,} rows of it", markup=False)
    pace = Pace(options.seconds, options.rounds)
    DIRECTORY.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=DIRECTORY, prefix="compare-") as name, _progress(console) as bars:
        scratch = Path(name).resolve()
        checking = bars.add_task("checking", total=100)
        tallies = run_suite(cells, REPORT, lambda done: bars.update(checking, completed=done))
        console.print(f"checked, after {time.monotonic() - began:.0f} s")
        steps = len(cells) * len(FAMILIES) * (pace.rounds + 1)
        measuring = bars.add_task("timing", total=steps)
        timings = _time_all(
            cells, (file, table), tallies, pace, scratch, lambda: bars.advance(measuring)
        )
    console.print(f"timed, after {time.monotonic() - began:.0f} s")
    for shown in make_tables(cells, tallies, timings):
        console.print(shown)
    console.print(
        _LEGEND.format(
            rounds=pace.rounds, seconds=pace.seconds, patience=Upload.PATIENCE * pace.seconds
        ),
        markup=False,
    )
    document = Document(
        shlex.join(["python", "-m", "benchmarks.compare", *arguments]),
        f"{file.name} of {len(file.content):,} bytes, {table.rows:,} rows of {table.name}",
        checks={f"{cell}, {family}": describe_tally(it) for (cell, family), it in tallies.items()},
        sections=make_sections(timings),
    )
    write_document(document, REPORT / COMPARE)
    console.print(f"results: {write_page(REPORT)}; checks: {REPORT / 'checks.log'}")
    failed = any(tally.failed for tally in tallies.values())
    return _FAILED if failed or any(timing.problem for timing in timings.values()) else 0


def _time_all(
    cells: Sequence[Cell],
    inputs: tuple[InputFile, InputTable],
    tallies: Tallies,
    pace: Pace,
    scratch: Path,
    report: Callable[[], None],
) -> dict[tuple[Cell, str], Timing]:
    """Time every family in every cell that passes its checks."""
    file, table = inputs
    downloads: list[Scenario] = [
        Download("files", file.target, file.content),
        Download("csv", table.csv_target, table.csv),
        Download("jsonl", table.jsonl_target, table.jsonl),
        Fanout(),
    ]
    served = {"MORE_BODY_FILES": str(file.directory), "MORE_BODY_DATABASE": str(table.database)}
    # Nothing is ever written to the directory that was given.
    received = {"MORE_BODY_FILES": str(scratch / "uploads")}
    timings: dict[tuple[Cell, str], Timing] = {}
    for group in group_cells(cells):
        for scenarios, environment in ((downloads, served), ([Upload()], received)):
            wanted = {
                scenario.family: [c for c in group if not tallies[c, scenario.family].failed]
                for scenario in scenarios
            }
            to_start = [c for c in group if any(c in passing for passing in wanted.values())]
            with run_servers(to_start, environment, scratch) as addresses:
                for scenario in scenarios:
                    timed = {cell: addresses[cell] for cell in wanted[scenario.family]}
                    found = time_scenario(scenario, timed, pace, report)
                    timings |= {(cell, scenario.family): found[cell] for cell in timed}
    return timings


def _choose_inputs(
    files: Path | None, database: Path | None, console: Console
) -> tuple[InputFile, InputTable]:
    """What was given, and the demo set for what was not."""
    file = choose_file(files.expanduser()) if files else None
    table = choose_table(database.expanduser()) if database else None
    if file is None or table is None:
        console.print(f"demo set: {DIRECTORY}, built once")
        demo = build_demo()
        file, table = file or choose_file(demo.files), table or choose_table(demo.database)
    return file, table


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("--files", type=Path, help="a directory; its largest file is served")
    parser.add_argument("--database", type=Path, help="a SQLite file; its largest table is served")
    parser.add_argument(
        "--apps", type=_parse_applications, default=list(APPLICATIONS), help="import strings"
    )
    parser.add_argument("--seconds", type=float, default=Pace().seconds, help="of a measurement")
    parser.add_argument("--rounds", type=int, default=Pace().rounds, help="measurements of each")
    options = parser.parse_args(arguments)
    if options.seconds <= 0 or options.rounds < 1:
        parser.error("--seconds is above 0, --rounds at least 1")
    return options


def _parse_applications(text: str) -> list[str]:
    applications = text.replace(",", " ").split()
    for application in applications:
        if ":" not in application:
            raise argparse.ArgumentTypeError(f"{application!r} is not of the form module:app")
        package = application.partition(":")[0].partition(".")[0]
        if find_spec(package) is None:
            raise argparse.ArgumentTypeError(f"there is no package {package!r}")
    packages = {Cell(application, "", gzip=False).application_name for application in applications}
    if not applications or len(packages) < len(applications):
        raise argparse.ArgumentTypeError("applications of different packages are wanted")
    return applications


def _progress(console: Console) -> Progress:
    # Not on a terminal, an animation would be a line of rubbish for each of its pictures.
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
