"""Expectations: the deviations from the contract that are known, with reason and evidence.

Each `expectations/*.toml` holds entries of this form:

    [[deviation]]
    check = "files-range-unknown-unit"
    application = "starlette"                    # a short name, or "*"
    server = "*"
    middleware = "*"                             # "gzip", "plain" or "*"
    versions = {starlette = ">=1.10,<2"}         # all must be installed in that range
    deviation = "answers 400"
    reason = "…"
    evidence = "…"

A deviation is expected strictly: where the check passes, the run fails. Those of other
applications and servers are read from the directories of the ini option `asgi_expectations`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.specifiers import SpecifierSet

from asgi_conformance.cells import Cell

DIRECTORY = Path(__file__).parent / "expectations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One entry; see the module's text."""

    check: str
    application: str
    server: str
    middleware: str
    deviation: str
    reason: str
    evidence: str
    versions: Mapping[str, str] = field(default_factory=dict)

    def applies_to(self, cell: Cell) -> bool:
        """Whether it is to be expected in that cell, with what is installed."""
        return (
            self.application in ("*", cell.application_name)
            and self.server in ("*", cell.server_name)
            and self.middleware in ("*", cell.compression)
            and all(_is_installed(name, wanted) for name, wanted in self.versions.items())
        )


def read_deviations(directory: Path) -> Iterator[Deviation]:
    """The entries of all files of a directory.

    Raises `ValueError` that names the file where an entry has a missing or an unknown key.
    """
    for path in sorted(directory.glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        for entry in document.get("deviation", []):
            try:
                yield Deviation(**entry)
            except TypeError as error:
                raise ValueError(f"{path.name}: {error}") from error


def _is_installed(distribution: str, wanted: str) -> bool:
    try:
        return SpecifierSet(wanted).contains(version(distribution), prereleases=True)
    except PackageNotFoundError:
        return False
