"""The results as JSON: every count and measurement, and what they were made with."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

import orjson

from benchmarks.conformance import Tallies
from benchmarks.table import Timings


def write_results(
    path: Path, *, command: str, inputs: Mapping[str, object], tallies: Tallies, timings: Timings
) -> None:
    """Write the results to a file; its directory is made where it is missing.

    Amounts are bytes or events, times seconds.
    """
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "inputs": inputs,
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
        },
        "versions": dict(sorted({found.name: found.version for found in distributions()}.items())),
        "cells": [
            {
                "application": cell.application_name,
                "server": cell.server_name,
                "gzip": cell.gzip,
                "family": family,
                "checks": tally,
                "timing": timings.get((cell, family)),
            }
            for (cell, family), tally in tallies.items()
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
