"""Blame: whose a failure is, told by what the same check says elsewhere in the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from asgi_conformance.cells import Cell
from asgi_conformance.results.result import Result, Results
from asgi_conformance.verdicts import Verdict

REFERENCE = "raw_asgi.main:app"
"""The application that leaves nothing to blame but the server."""

Culprit = Literal["server", "application", "middleware"]


@dataclass(frozen=True, slots=True)
class Blame:
    """`culprit` is None where it was not found out; `reason` says why, or how it was."""

    culprit: Culprit | None
    name: str
    reason: str

    def __str__(self) -> str:
        return f"not attributed: {self.reason}" if self.culprit is None else self.name


def find_blame(result: Result, results: Results) -> Blame | None:
    """Whose a failure or a warning is; None where nothing failed that is to be blamed here.

    In a cell with a middleware it is the middleware's, if the same cell without it passes, and
    else nobody's: it is blamed there. It is the server's in its own layer, and where the
    reference application fails, too; else it is the application's.
    """
    if not result.verdict.failed:
        return None
    cell = result.cell
    if cell.baseline is not None:
        return _compare(result, _find(cell.baseline, result, results))
    if cell.layer == "server":
        return Blame("server", cell.server_name, "the probe does what it is told")
    if cell.application == REFERENCE:
        return Blame("server", cell.server_name, "fails on the raw application")
    raw = _find(replace(cell, application=REFERENCE), result, results)
    if raw is None:
        return Blame(None, "", "raw was not run")
    if raw.verdict.failed:
        return Blame("server", cell.server_name, "fails on the raw application, too")
    if raw.verdict is not Verdict.PASS:
        return Blame(None, "", f"raw: {raw.verdict}")
    return Blame("application", cell.application_name, "the raw application passes")


def _compare(result: Result, without: Result | None) -> Blame | None:
    if without is None or without.verdict in (Verdict.NOT_RUN, Verdict.ERROR):
        return Blame(None, "", "the cell without the middleware was not run")
    if without.verdict.failed:
        return None
    # Or the check does not apply without it, which is what the middleware brought.
    return Blame("middleware", result.cell.middleware or "", "passes without the middleware")


def _find(cell: Cell, result: Result, results: Results) -> Result | None:
    return results.find(cell, result.check.slug, result.variant)
