"""Reproductions: shows each known deviation by the line that its entry gives for it.

`python -m asgi_conformance reproduce [SERVER]` serves what the entry is about, as `python -m
asgi_conformance serve` does, a server for each entry, and runs its `reproduction` with `bash`:
`URL` is where it is served, `SERVER` and `APP` are what was named to `serve`. What it writes
must match `shows`, as `re.search` does line by line (`re.MULTILINE`), ends of lines being LF.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from threading import Thread

from asgi_conformance.cells import PROBE, Cell
from asgi_conformance.expectations import DIRECTORY, Deviation, read_deviations
from asgi_conformance.servers import SHIPPED, UnknownServer, list_servers

_SECONDS = 60.0
_END_SECONDS = 15.0
_ANNOUNCED = re.compile(r"^URL=(\S+)$")
_APPLICATIONS = {
    "probe": PROBE,
    "*": "raw_asgi.main:app",
    "raw": "raw_asgi.main:app",
    "starlette": "starlette_app.main:app",
    "fastapi": "fastapi_compat.main:app",
}


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What a reproduction wrote, to both its outputs, and whether that shows the deviation."""

    output: str
    matches: bool


def reproduce(
    deviation: Deviation, url: str, cell: Cell, *, seconds: float = _SECONDS
) -> Reproduction:
    """Run the reproduction of a deviation against what is served at `url`.

    What runs longer than `seconds` is ended; what it wrote until then counts.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    named = {"URL": url, "SERVER": cell.server, "APP": cell.application}
    shell = subprocess.Popen(  # noqa: S603 - the line of the entry, as asked for
        ["bash", "-c", deviation.reproduction],  # noqa: S607 - whichever is found first
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": path, **named},
        start_new_session=True,
    )
    try:
        written, _ = shell.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)
        written, _ = shell.communicate()
    output = written.decode("utf-8", "replace").replace("\r\n", "\n")
    return Reproduction(output, re.search(deviation.shows, output, re.MULTILINE) is not None)


@contextmanager
def serve(cell: Cell) -> Iterator[str]:
    """Serve a cell as the command `serve` does; the URL. Raises `RuntimeError` with its output."""
    command = [
        *(sys.executable, "-m", "asgi_conformance", "serve", cell.server),
        *("--app", cell.application, "--port", "0", *(["--gzip"] if cell.gzip else [])),
    ]
    serving = subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert serving.stdout is not None
    lines: list[str] = []
    try:
        for line in serving.stdout:
            lines.append(line)
            if announced := _ANNOUNCED.match(line):
                # Read on, or what it writes would block it.
                Thread(target=serving.stdout.read, daemon=True).start()
                yield announced[1]
                return
        raise RuntimeError("".join(lines))
    finally:
        serving.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            serving.wait(_END_SECONDS)
        serving.kill()
        serving.wait()


def find_cell(deviation: Deviation, server: str | None, application: str | None) -> Cell | None:
    """A cell to show a deviation in, None where none of those is asked for that it is known of.

    `server` names servers as `--asgi-server` does, None any; `application` is an import string
    for entries of an application that is not ours. Raises `UnknownServer`.
    """
    cells = _list_cells(deviation, server, application)
    return next((cell for cell in cells if deviation.applies_to(cell)), None)


def _list_cells(deviation: Deviation, server: str | None, application: str | None) -> list[Cell]:
    default = next(iter(SHIPPED)) if deviation.server == "*" else deviation.server
    chosen = application or _APPLICATIONS.get(deviation.application)
    if chosen is None:
        return []
    variants = list_servers(server or default)
    if [variant.mode for variant in variants] == [variants[0].server.modes[0]]:
        # Named without a mode, or with the default: the entry's own modes, else the default.
        variants = list_servers(f"{variants[0].name}-all")
    return [Cell(chosen, variant.name, deviation.middleware == "gzip") for variant in variants]


def run(arguments: Sequence[str]) -> int:
    """Reproduce; the exit status, 1 where something is not shown or has no reproduction."""
    options = _parse(arguments)
    failures = 0
    try:
        known = read_deviations(options.directory)
        wanted = (each for each in known if options.check in (None, each.check))
        # Those of one entry differ in nothing but the check.
        for _, entry in groupby(wanted, lambda each: replace(each, check="")):
            deviation = _join(list(entry))
            cell = find_cell(deviation, options.server, options.app)
            if cell is not None:
                failures += not _show(deviation, cell, options.verbose)
            elif any(map(deviation.concerns, _list_cells(deviation, options.server, options.app))):
                print(f"not tried, for {deviation.installed} is installed: {deviation}")
    except (UnknownServer, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{failures} not shown" if failures else "all shown")
    return 1 if failures else 0


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m asgi_conformance reproduce", description=__doc__)
    parser.add_argument(
        "server", nargs="?", metavar="SERVER", help="only deviations under it: NAME or NAME-MODE"
    )
    parser.add_argument("--check", metavar="SLUG", help="only the deviations of that check")
    parser.add_argument("--app", metavar="MODULE:APP", help="only those of that application")
    parser.add_argument(
        "--directory", type=Path, default=DIRECTORY, help="of the expectations; the suite's own"
    )
    parser.add_argument("--verbose", action="store_true", help="print what was written, always")
    return parser.parse_args(arguments)


def _join(deviations: Sequence[Deviation]) -> Deviation:
    return replace(deviations[0], check=", ".join(each.check for each in deviations))


def _show(deviation: Deviation, cell: Cell, verbose: bool) -> bool:
    if not deviation.reproduction:
        print(f"no reproduction: {deviation}", flush=True)
        return False
    try:
        with serve(cell) as url:
            shown = reproduce(deviation, url, cell)
    except RuntimeError as error:
        shown = Reproduction(f"does not start: {error}", matches=False)
    print(f"{'shown' if shown.matches else 'NOT SHOWN'}: {deviation} in {cell}", flush=True)
    if verbose or not shown.matches:
        print(f"$ {deviation.reproduction}\n{shown.output}", flush=True)
    return shown.matches
