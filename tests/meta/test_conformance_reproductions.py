"""Reproductions: a known deviation is shown by its own line, on a server started for it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from asgi_conformance.cells import PROBE, Cell
from asgi_conformance.expectations import Deviation
from asgi_conformance.reproductions import find_cell, reproduce

HARNESS = Path(__file__).parent / "harness"
ENTRIES = """
[[deviation]]
check = "shown-here"
application = "tiny"
server = "uvicorn"
mode = "h11-asyncio"
middleware = "*"
deviation = "d"
reason = "r"
evidence = "e"
reproduction = "curl -si $URL/two; echo under $SERVER"
shows = "^onetwounder uvicorn-h11-asyncio$"

[[deviation]]
check = ["not-shown", "nor-this"]
application = "tiny"
server = "uvicorn"
middleware = "*"
deviation = "d"
reason = "r"
evidence = "e"
reproduction = "curl -si $URL/two"
shows = "^HTTP/1.1 400"

[[deviation]]
check = "of-another"
application = "tiny"
server = "hypercorn"
middleware = "*"
deviation = "d"
reason = "r"
evidence = "e"
"""
SOME = Deviation(
    check="a-b",
    application="*",
    server="*",
    middleware="gzip",
    deviation="d",
    reason="r",
    evidence="e",
    reproduction="echo one; echo two >&2",
    shows="^two$",
)
CELL = Cell("raw_asgi.main:app", "uvicorn", gzip=True)


def test_entries_are_shown_or_not(tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text(ENTRIES, "utf-8")
    finished = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [
            *(sys.executable, "-m", "asgi_conformance", "reproduce", "uvicorn"),
            *("--app", "tiny:app", "--directory", str(tmp_path)),
        ],
        cwd=HARNESS,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 1, finished.stderr
    heads = [line for line in finished.stdout.splitlines() if " of tiny-" in line]
    assert heads == [
        "shown: shown-here of tiny-uvicorn-h11-asyncio-* in tiny-uvicorn-h11-asyncio-plain",
        "NOT SHOWN: not-shown, nor-this of tiny-uvicorn-* in tiny-uvicorn-plain",
    ]
    assert "HTTP/1.1 200 OK" in finished.stdout, "what was written instead is not told"
    assert finished.stdout.endswith("\n1 not shown\n")


def test_both_outputs_are_looked_at() -> None:
    assert reproduce(SOME, "http://127.0.0.1", CELL).matches
    assert not reproduce(replace(SOME, shows="^three$"), "http://127.0.0.1", CELL).matches


def test_what_does_not_end_is_ended_and_what_it_wrote_counts() -> None:
    hanging = replace(SOME, reproduction="echo $$; echo two; sleep 60")
    shown = reproduce(hanging, "http://127.0.0.1", CELL, seconds=0.5)
    assert shown.matches
    with pytest.raises(ProcessLookupError):
        os.kill(int(shown.output.split()[0]), 0)


@pytest.mark.parametrize(
    ("deviation", "server", "cell"),
    [
        (SOME, None, CELL),
        (SOME, "hypercorn", replace(CELL, server="hypercorn")),
        (
            replace(SOME, application="probe", server="hypercorn", middleware="*", mode=["trio"]),
            None,
            Cell(PROBE, "hypercorn-trio", gzip=False),
        ),
        (replace(SOME, server="hypercorn"), "uvicorn", None),
        (replace(SOME, server="hypercorn", mode="trio"), "hypercorn-uvloop", None),
        (replace(SOME, application="nobody"), None, None),
    ],
    ids=["any", "named", "mode", "another server", "another mode", "unknown"],
)
def test_the_cell_is_one_that_the_deviation_is_known_of(
    deviation: Deviation, server: str | None, cell: Cell | None
) -> None:
    assert find_cell(deviation, server, None) == cell
