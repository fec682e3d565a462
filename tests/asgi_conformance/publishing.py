"""Publishing: gathers the results of a run and tells of them when it is over.

Registered by the plugin as a plugin of its own, in the process that the run was started in:
with pytest-xdist, the results come to it from the workers.
"""

from __future__ import annotations

import json
import shlex
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from asgi_conformance.cells import list_cells, missing_servers
from asgi_conformance.requirements import read_requirements
from asgi_conformance.results.document import Json, Run, build_document
from asgi_conformance.results.privacy import anonymise
from asgi_conformance.results.result import Results, read_result
from asgi_conformance.results.summary import write_summary
from asgi_conformance.results.terminal import print_summary


def add_report_options(parser: pytest.Parser) -> None:
    """Declare the options of what counts and of what is written."""
    group = parser.getgroup("asgi-conformance")
    group.addoption(
        "--asgi-strict",
        action="store_true",
        help="unexpected warnings (what should hold and does not) fail the run, too",
    )
    group.addoption(
        "--asgi-report",
        metavar="DIR",
        help="write results.json, index.html and summary.md into a directory",
    )


class Publishing:
    """The hooks that gather and tell."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises `pytest.UsageError` where a page is asked for and cannot be made."""
        self._config = config
        self._results = Results()
        self._started = time.monotonic()
        self._document: Json | None = None
        chosen: str | None = config.getoption("asgi_report")
        self._directory = None if chosen is None else config.invocation_params.dir / chosen
        if self._directory is not None and find_spec("jinja2") is None:
            raise pytest.UsageError("--asgi-report needs jinja2: pip install more-body[test]")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        written = getattr(report, "asgi_result", None)
        if written is not None:
            self._results.add(read_result(written))

    def pytest_sessionfinish(self, exitstatus: int | pytest.ExitCode) -> None:
        if not len(self._results):
            return
        run = Run(
            command=shlex.join(["pytest", *map(str, self._config.invocation_params.args)]),
            exit_status=int(exitstatus),
            duration=time.monotonic() - self._started,
            strict=bool(self._config.getoption("asgi_strict")),
            missing=[
                f"{name} ({', '.join(lacking)})"
                for name, lacking in missing_servers(self._config).items()
            ],
        )
        results = self._results.in_order(list_cells(self._config))
        self._document = build_document(results, read_requirements(), run)
        if self._directory is not None:
            publish(self._document, self._directory)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._document is None:
            return
        print_summary(terminalreporter, self._document)
        if self._directory is not None:
            terminalreporter.write_line(f"report: {self._directory / 'index.html'}")


def publish(document: Json, directory: Path) -> None:
    """Write `results.json`, `index.html` and `summary.md` into a directory, made if needed."""
    # Only here: a run without a report does without jinja2.
    from asgi_conformance.results.page import render_page

    public: Json = anonymise(document)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(_write_json(public), "utf-8")
    (directory / "index.html").write_text(render_page(public), "utf-8")
    (directory / "summary.md").write_text(write_summary(public), "utf-8")


def _write_json(document: Json) -> str:
    """JSON with a line an entry, so that two runs can be compared line by line."""
    members = []
    for name, value in document.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in value)
            members.append(f"{json.dumps(name)}: [\n{lines}\n]")
        else:
            members.append(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(members) + "\n}\n"
