"""Conformance: the suite's verdict on every cell, counted by family."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asgi_conformance.endpoints
from asgi_conformance.cells import Cell

FAMILIES = ("files", "csv", "jsonl", "events", "uploads")
OTHER = "other rules"

_WORKERS = 2
_SECONDS = 600.0
_END_SECONDS = 30.0
_PERCENT = re.compile(rb"\[ *([0-9]+)%\]")

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
    `report` is told how many per cent are done. `checks.log` and the suite's own report in
    `directory` / `checks` tell each check's outcome. Raises SuiteError, also after ten minutes.
    """
    results, output = directory / "checks" / "results.json", directory / "checks.log"
    command = [
        *(sys.executable, "-m", "pytest", asgi_conformance.endpoints.__path__[0], "-q"),
        *("-n", str(_WORKERS), "-p", "no:cacheprovider"),
        *("--color", "no", "--tb", "short", "--asgi-gzip", "both"),
        f"--asgi-report={results.parent}",
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
    return count_verdicts(json.loads(results.read_bytes())["results"], cells)


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
            start_new_session=True,
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
            _end(process)
            raise
        finally:
            limit.cancel()
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    # In a session of its own it is interrupted by this alone, and once: it ends its workers and
    # their servers, which would live on if it were killed.
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def count_verdicts(results: Sequence[Mapping[str, Any]], cells: Sequence[Cell]) -> Tallies:
    """The tallies of the suite's results. What only observed, or was not run, is left out."""
    by_name = {str(cell): cell for cell in cells}
    counts: Counter[tuple[Cell, str, str]] = Counter()
    for result in results:
        state = _judge(result["verdict"], result["expected"])
        if state:
            prefix = result["check"].partition("-")[0]
            family = prefix if prefix in FAMILIES else OTHER
            counts[by_name[result["cell"]], family, state] += 1
    return {
        (cell, family): Tally(
            *(counts[cell, family, state] for state in ("passed", "known", "failed"))
        )
        for cell in cells
        for family in (*FAMILIES, OTHER)
    }


def _judge(verdict: str, expected: bool) -> str | None:
    if verdict in ("fail", "warn", "error"):
        return "known" if expected else "failed"
    if verdict == "pass":
        return "passed" if expected else "failed"
    return None
