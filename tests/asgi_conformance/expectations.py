"""Expectations: the deviations that are known, with reason, evidence and reproduction.

Each `expectations/*.toml` (endpoints) and `expectations/server/*.toml` (server layer, where the
application is `probe`) holds entries of this form:

    [[deviation]]
    check = "files-range-unknown-unit"           # a slug, or several: of each, all else is so
    application = "starlette"                    # a short name, or "*"
    server = "*"                                 # a short name, or "*"
    mode = ["h11-asyncio", "h11-uvloop"]         # the server's modes: one, several, or "*"
    middleware = "*"                             # "gzip", "plain" or "*"
    versions = {starlette = ">=1.10,<2"}         # all must be installed in that range
    deviation = "answers 400"
    reason = "…"
    evidence = "…"
    reproduction = "curl -si $URL/…"             # for `python -m asgi_conformance serve`
    shows = "^HTTP/1.1 400"                      # a regular expression that its output matches

`mode` is `"*"` unless told; `reproduction` and `shows` come together. A deviation is expected
strictly: where the check passes, the run fails. What is put around an application by
`--asgi-middleware` is judged by the difference that it makes; a known deviation of its own is
that of an entry whose `middleware` is its name, as it stands in the cell's after the `+`. Those
of other applications and servers are read from the directories of the ini option
`asgi_expectations`.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from asgi_conformance.cells import Cell
from asgi_conformance.servers import SHIPPED
from asgi_conformance.servers.server import find_version

DIRECTORY = Path(__file__).parent / "expectations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One entry; see the module's text. `file` is the name of the file that it stands in."""

    check: str
    application: str
    server: str
    middleware: str
    deviation: str
    reason: str
    evidence: str
    mode: str | Sequence[str] = "*"
    versions: Mapping[str, str] = field(default_factory=dict)
    reproduction: str = ""
    shows: str = ""
    file: str = ""

    @property
    def installed(self) -> str:
        """What is installed of the distributions that it names, as `uvicorn 0.54.0`."""
        found = [f"{name} {find_version(name) or 'missing'}" for name in self.versions]
        return ", ".join(found) or self.server

    @property
    def wanted(self) -> str:
        """The versions that it is known of, as `uvicorn >=0.54,<0.55`."""
        return ", ".join(f"{name} {wanted}" for name, wanted in self.versions.items())

    def concerns(self, cell: Cell) -> bool:
        """Whether it is of that cell, whatever is installed."""
        return (
            self.application in ("*", cell.application_name)
            and self.server in ("*", cell.server_name)
            and (self.mode == "*" or cell.mode in _listed(self.mode))
            and self.middleware in _name_middleware(cell)
        )

    def applies_to(self, cell: Cell) -> bool:
        """Whether it is to be expected in that cell, with what is installed."""
        return self.concerns(cell) and all(
            _is_installed(name, wanted) for name, wanted in self.versions.items()
        )

    def __str__(self) -> str:
        modes = "" if self.mode == "*" else f"-{'|'.join(_listed(self.mode))}"
        return f"{self.check} of {self.application}-{self.server}{modes}-{self.middleware}"


class Expectations:
    """Known deviations, found by check and cell."""

    def __init__(self, deviations: Iterable[Deviation]) -> None:
        self._by_check: dict[str, list[Deviation]] = defaultdict(list)
        for deviation in deviations:
            self._by_check[deviation.check].append(deviation)

    def find(self, slug: str, cell: Cell) -> Deviation | None:
        """The deviation that is to be expected of a check in a cell."""
        return next((d for d in self._by_check.get(slug, ()) if d.applies_to(cell)), None)

    def find_outdated(self, slug: str, cell: Cell) -> Deviation | None:
        """A deviation of other versions than are installed."""
        fitting = (d for d in self._by_check.get(slug, ()) if d.concerns(cell))
        return next((d for d in fitting if not d.applies_to(cell)), None)


def read_deviations(directory: Path) -> Iterator[Deviation]:
    """The entries of a directory's files, in order of their names, then of those in `server`.

    Raises `ValueError` where there is no such directory, and one that names the file where an
    entry lacks a key, has an unknown one, or has a value that is none.
    """
    if not directory.is_dir():
        raise ValueError(f"{directory}: there is no such directory of expectations")
    paths = [*sorted(directory.glob("*.toml")), *sorted(directory.glob("server/*.toml"))]
    for path in paths:
        file = path.relative_to(directory.parent).as_posix()
        try:
            document = tomllib.loads(path.read_text("utf-8"))
            for entry in document.get("deviation", []):
                yield from _read(entry, file)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{file}: {error}") from error


def require_checks(deviations: Iterable[Deviation], slugs: Container[str]) -> None:
    """Raises `ValueError` that names the first of them that is of no check of these slugs."""
    for known in deviations:
        if known.check not in slugs:
            raise ValueError(f"{known.file}: {known}: there is no check {known.check!r}")


_TEXTS = frozenset(entry.name for entry in fields(Deviation)) - {"check", "mode", "versions"}


def _read(entry: Mapping[str, object], file: str) -> Iterator[Deviation]:
    deviation = Deviation(**entry, file=file)  # type: ignore[arg-type]
    slugs = _listed(deviation.check)
    if not slugs or not all(isinstance(slug, str) and slug for slug in slugs):
        raise ValueError(f"check is a slug or several, not {deviation.check!r}")
    name = slugs[0]
    for key in _TEXTS & entry.keys():
        if not isinstance(entry[key], str) or not entry[key]:
            raise ValueError(f"{name}: {key} is a text, not {entry[key]!r}")
    if not all(isinstance(mode, str) and mode for mode in _listed(deviation.mode)):
        raise ValueError(f"{name}: mode is a name or several, not {deviation.mode!r}")
    if deviation.mode != "*" and deviation.server in SHIPPED:
        modes = [mode.name for mode in SHIPPED[deviation.server].modes]
        if unknown := [mode for mode in _listed(deviation.mode) if mode not in modes]:
            told = f"{deviation.server} has no mode {unknown[0]!r}; known: {', '.join(modes)}"
            raise ValueError(f"{name}: {told}")
    try:
        for wanted in deviation.versions.values():
            SpecifierSet(wanted)
    except (AttributeError, InvalidSpecifier) as error:
        raise ValueError(f"{name}: versions: {error}") from error
    if bool(deviation.reproduction) != bool(deviation.shows):
        raise ValueError(f"{name}: reproduction and shows come together")
    try:
        re.compile(deviation.shows)
    except re.error as error:
        raise ValueError(f"{name}: shows: {error}") from error
    for slug in slugs:
        yield replace(deviation, check=slug)


def _name_middleware(cell: Cell) -> tuple[str, ...]:
    if cell.middleware is not None:
        return (cell.middleware.rpartition(":")[2],)
    return ("*", cell.compression)


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


@cache  # asked for each check and cell
def _is_installed(distribution: str, wanted: str) -> bool:
    found = find_version(distribution)
    return found is not None and SpecifierSet(wanted).contains(found, prereleases=True)
