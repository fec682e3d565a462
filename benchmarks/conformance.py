"""Conformance: the suite's verdict on every cell, counted by family."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import asgi_conformance.endpoints
from asgi_conformance.cells import Cell

FAMILIES = ("files", "csv", "jsonl", "events", "uploads")
OTHER = "other rules"

_WORKERS = 2
_SECONDS = 600.0
_NAME = re.compile(r"test_([a-z0-9]+)_\w+\[(.+)\]")
_PERCENT = re.compile(rb"\[ *([0-9]+)%\]")
_OBSERVED = "observed only"

Report = Callable[[int], None]


class SuiteError(Exception):
    """The suite gave no verdict; the text is the end of what it printed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks of one family passed, deviated as is known, failed."""

    passed: int = 0
    known: int = 0
    failed: int = 0


Tallies = Mapping[tuple[Cell, str], Tally]


def run_suite(cells: Sequence[Cell], directory: Path, report: Report) -> Tallies:
    """Run the suite over the cells in a process of its own; counts by cell and family.

    The few checks that wait long or need a server of their own are left to `make test`.
    The cells are all combinations of their applications and servers with gzip off and on.
    `report` is told how many per cent are done. `checks.log` and `checks.xml` in `directory`
    tell each check's outcome. Raises SuiteError, also after ten minutes.
    """
    results, output = directory / "checks.xml", directory / "checks.log"
    command = [
        *(sys.executable, "-m", "pytest", asgi_conformance.endpoints.__path__[0], "-q"),
        *("-n", str(_WORKERS), "-p", "no:cacheprovider"),
        *("--color", "no", "--tb", "short", "--asgi-gzip", "both", f"--junitxml={results}"),
        *("-m", "not asgi_own and not asgi_slow"),
        *(f"--asgi-app={name}" for name in dict.fromkeys(cell.application for cell in cells)),
        *(f"--asgi-server={name}" for name in dict.fromkeys(cell.server for cell in cells)),
    ]
    directory.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    status = _run(command, output, report)
    if status not in (0, 1):
        end = output.read_text("utf-8", "replace")[-2000:].strip()
        raise SuiteError(f"the suite gave no verdict, exit status {status}\n{end}")
    return count_verdicts(ElementTree.parse(results).getroot(), cells)  # noqa: S314 - our own


def _run(command: Sequence[str], output: Path, report: Report) -> int:
    # The percentages are wanted as they come, not when a buffer is full.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        output.open("wb", buffering=0) as log,
        subprocess.Popen(  # noqa: S603 - our own suite
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        # An application may hang a check; the servers end when the suite does.
        limit = threading.Timer(_SECONDS, process.kill)
        limit.start()
        try:
            for line in process.stdout:
                log.write(line)
                if percent := _PERCENT.search(line):
                    report(int(percent[1]))
        except BaseException:
            process.kill()
            raise
        finally:
            limit.cancel()
    return process.returncode


def count_verdicts(root: ElementTree.Element, cells: Sequence[Cell]) -> Tallies:
    """The tallies of a report in JUnit's form. What was skipped or only observed is left out."""
    by_name = {str(cell): cell for cell in cells}
    # Where one cell's name begins another's, the longer is tried first.
    name_of_cell = re.compile("|".join(map(re.escape, sorted(by_name, key=len, reverse=True))))
    counts: Counter[tuple[Cell, str, str]] = Counter()
    for case in root.iter("testcase"):
        named = _NAME.fullmatch(case.get("name", ""))
        cell = name_of_cell.search(named[2]) if named else None
        verdict = _judge(case)
        if named and cell and verdict:
            family = named[1] if named[1] in FAMILIES else OTHER
            counts[by_name[cell[0]], family, verdict] += 1
    return {
        (cell, family): Tally(
            *(counts[cell, family, verdict] for verdict in ("passed", "known", "failed"))
        )
        for cell in cells
        for family in (*FAMILIES, OTHER)
    }


def _judge(case: ElementTree.Element) -> str | None:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    if skipped.get("type") == "pytest.xfail" and skipped.get("message") != _OBSERVED:
        return "known"
    return None
