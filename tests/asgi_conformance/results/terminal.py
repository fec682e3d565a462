"""The terminal: what is said at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from asgi_conformance.results.document import Json
from asgi_conformance.results.ranking import list_blame

_MESSAGE = 120


def print_summary(terminal: pytest.TerminalReporter, document: Json) -> None:
    """Print the section `asgi conformance`."""
    terminal.section("asgi conformance")
    for line in _tabulate(document):
        terminal.write_line(line)
    for result in document["results"]:
        if not result["expected"]:
            _print_unexpected(terminal, result)
    for kind, name, known, new in list_blame(document["results"]):
        terminal.write_line(f"{kind}: {name}: {new} unexpected, {known} known")
    if any(check["layer"] == "server" for check in document["checks"]):
        states = [f"{count} {state}" for state, count in document["coverage"].items()]
        terminal.write_line(f"requirements: {', '.join(states)}")
    for missing in document["missing"]:
        terminal.write_line(f"not installed: {missing}", yellow=True)


def _tabulate(document: Json) -> Iterable[str]:
    width = max(len(cell["id"]) for cell in document["cells"])
    for cell in document["cells"]:
        counts = [
            f"{count['total']} {verdict}{_qualify(verdict, count)}"
            for verdict, count in cell["counts"].items()
            if count["total"]
        ]
        yield f"{cell['id']:<{width}}  {', '.join(counts)}"


def _qualify(verdict: str, count: Json) -> str:
    if count["unexpected"]:
        return f" ({count['unexpected']} unexpected)"
    return " (known)" if verdict in ("fail", "warn") else ""


def _print_unexpected(terminal: pytest.TerminalReporter, result: Json) -> None:
    warns = result["verdict"] == "warn"
    terminal.write(f"unexpected {result['verdict']}", yellow=warns, red=not warns)
    said = (result.get("note") or result.get("message", "")).partition("\n")[0]
    blame = result.get("blame")
    whose = f" [{blame['name'] or blame['reason']}]" if blame else ""
    terminal.write_line(f" {result['check']} in {result['cell']}{whose}: {said[:_MESSAGE]}")
