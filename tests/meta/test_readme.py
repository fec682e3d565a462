"""The README's tables of the conformance run that stands in the repository."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RESULTS = json.loads((ROOT / "report/conformance/results.json").read_text("utf-8"))
APPLICATIONS = ("raw", "starlette", "fastapi")
JUDGED = ("pass", "fail", "warn", "error")


def _count(cell: dict[str, Any], *verdicts: str) -> int:
    return sum(cell["counts"][verdict]["total"] for verdict in verdicts)


def _list_servers() -> Iterator[str]:
    for cell in RESULTS["cells"]:
        if cell["layer"] == "server":
            counts = [_count(cell, verdict) for verdict in ("pass", "fail", "warn", "observed")]
            cells = (f"{cell['server_name']} {cell['mode']}", cell["http"], *counts)
            yield f"| {' | '.join(map(str, cells))} |"


def _list_endpoints() -> Iterator[str]:
    found: dict[str, dict[str, list[str]]] = {}
    for cell in RESULTS["cells"]:
        if cell["layer"] == "endpoints":
            of_server = found.setdefault(cell["server_name"], {})
            passed = f"{_count(cell, 'pass')}/{_count(cell, *JUDGED)}"
            of_server.setdefault(cell["application_name"], []).append(passed)
    for server, of_server in found.items():
        columns = [" + ".join(of_server[name]) for name in APPLICATIONS]
        yield f"| {server} | {' | '.join(columns)} |"


@pytest.mark.parametrize("line", [*_list_servers(), *_list_endpoints()])
def test_the_readme_has_what_the_committed_run_has_counted(line: str) -> None:
    assert line in (ROOT / "README.md").read_text("utf-8").splitlines()


def test_the_readme_tells_the_day_of_the_run_and_how_many_checks_a_server_has() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    server = sum(check["layer"] == "server" for check in RESULTS["checks"])
    assert f"as `make conformance` measured on {RESULTS['created'][:10]}" in text
    assert f"the rest of its {server} does not concern that mode" in text
