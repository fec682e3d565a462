"""The document: a run's results as one JSON object; docs/results.md describes it.

Everything else that tells of a run is made from it.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from asgi_conformance.checks import Check
from asgi_conformance.expectations import Deviation
from asgi_conformance.findings import Measurement
from asgi_conformance.requirements import Requirement
from asgi_conformance.results.blame import Blame, find_blame
from asgi_conformance.results.coverage import Covered, list_coverage
from asgi_conformance.results.result import Result, Results
from asgi_conformance.servers import find_server
from asgi_conformance.verdicts import Verdict
from asgi_conformance.versions import list_versions

SCHEMA_VERSION = 1

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be said of a run as a whole. `duration` is in seconds."""

    command: str
    exit_status: int
    duration: float
    strict: bool
    missing: Sequence[str]


def build_document(results: Results, requirements: Iterable[Requirement], run: Run) -> Json:
    """The document of a run."""
    every = list(results)
    by_cell: dict[str, list[Result]] = {}
    for result in every:
        by_cell.setdefault(result.key[0], []).append(result)
    checks = {result.check.slug: result for result in every}
    coverage = list_coverage(requirements, every)
    return {
        "schema_version": SCHEMA_VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": run.command,
        "exit_status": run.exit_status,
        "duration": round(run.duration, 3),
        "strict": run.strict,
        "machine": _describe_machine(),
        "versions": list_versions(found[0].cell for found in by_cell.values()),
        "missing": list(run.missing),
        "counts": _count(every),
        "coverage": dict(Counter(covered.state for covered in coverage)),
        "cells": [_describe_cell(found) for found in by_cell.values()],
        "checks": [_describe_check(result.check, result) for result in checks.values()],
        "requirements": [_describe_requirement(covered) for covered in coverage],
        "results": [_describe_result(result, find_blame(result, results)) for result in every],
    }


def _describe_machine() -> Json:
    return {
        "system": platform.system(),
        "release": platform.release(),
        "architecture": platform.machine(),
        "processors": os.cpu_count(),
    }


def _count(results: Iterable[Result]) -> Json:
    """How often each verdict was given, and how often against what was expected."""
    given: Counter[Verdict] = Counter()
    unexpected: Counter[Verdict] = Counter()
    for result in results:
        given[result.verdict] += 1
        unexpected[result.verdict] += not result.expected
    return {
        str(verdict): {"total": given[verdict], "unexpected": unexpected[verdict]}
        for verdict in Verdict
    }


def _describe_cell(results: Sequence[Result]) -> Json:
    cell = results[0].cell
    variant = find_server(cell.server)
    return {
        "id": str(cell),
        "layer": cell.layer,
        "application": cell.application,
        "application_name": cell.application_name,
        "server": cell.server,
        "server_name": cell.server_name,
        "mode": variant.mode.name,
        "http": variant.mode.http,
        "compression": cell.compression,
        "middleware": cell.middleware,
        "baseline": None if cell.baseline is None else str(cell.baseline),
        "counts": _count(results),
    }


def _describe_check(check: Check, result: Result) -> Json:
    return {
        "slug": check.slug,
        "layer": result.cell.layer,
        "module": result.module,
        "severity": check.severity,
        "rule": check.rule,
        "requirement": check.requirement,
        "reference": check.reference,
        "http": check.http,
        "own": check.own,
    }


def _describe_requirement(covered: Covered) -> Json:
    requirement = covered.requirement
    return {
        "id": requirement.id,
        "title": requirement.title,
        "keyword": requirement.keyword,
        "source": requirement.source,
        "text": requirement.text,
        "http": requirement.http,
        "reason": requirement.reason,
        "state": covered.state,
        "checks": list(covered.checks),
        "ran": list(covered.ran),
    }


def _describe_result(result: Result, blame: Blame | None) -> Json:
    """What is empty is left out: most results are passes, and there are ten thousands."""
    plain = result.verdict is Verdict.PASS and result.expected
    optional: Json = {
        "variant": result.variant,
        "note": result.note,
        "deviation": None if result.deviation is None else _describe_deviation(result.deviation),
        "blame": None if blame is None else _describe_blame(blame),
        "message": result.message,
        "sections": [{"title": title, "text": text} for title, text in result.sections],
        "observations": list(result.observations),
        "measurements": [_describe_measurement(measured) for measured in result.measurements],
        "command": "" if plain else result.command,
    }
    return {
        "cell": result.key[0],
        "check": result.check.slug,
        "verdict": str(result.verdict),
        "expected": result.expected,
        "duration": round(result.duration, 4),
        **{name: value for name, value in optional.items() if value},
    }


def _describe_deviation(deviation: Deviation) -> Json:
    return {
        "file": deviation.file,
        "deviation": deviation.deviation,
        "reason": deviation.reason,
        "evidence": deviation.evidence,
        "reproduction": deviation.reproduction,
        "shows": deviation.shows,
        "versions": dict(deviation.versions),
    }


def _describe_blame(blame: Blame) -> Json:
    return {"culprit": blame.culprit, "name": blame.name, "reason": blame.reason}


def _describe_measurement(measurement: Measurement) -> Mapping[str, object]:
    values = measurement.values
    return {
        "name": measurement.name,
        "unit": measurement.unit,
        "n": len(values),
        "min": min(values),
        "median": median(values),
        "max": max(values),
        "values": list(values),
    }
