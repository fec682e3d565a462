"""Evidence: what is told of a check that did not simply pass, and the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import Check
from asgi_conformance.connection import Connection
from asgi_conformance.hosting import Subject
from asgi_conformance.record import Record
from asgi_conformance.requirements import find_requirement
from asgi_conformance.versions import list_versions

_SHOWN = 4000
_PACKAGE = "asgi_conformance."

Sections = list[tuple[str, str]]


def describe_demand(check: Check) -> tuple[str, str]:
    """A title and the text of what the check demands: its requirement, or its reference."""
    if check.requirement is None:
        return "contract", f"{check.severity}: {check.reference}"
    try:
        requirement = find_requirement(check.requirement)
    except LookupError as error:
        return "requirement", str(error)
    lines = [
        f"{requirement.id} ({requirement.keyword}): {requirement.title}",
        requirement.source,
        requirement.text,
    ]
    return "requirement", "\n".join(lines)


def gather(check: Check, cell: Cell, subjects: Iterable[Subject], command: str) -> Sections:
    """Titles and texts: the demand, what came and went, the versions, the command."""
    sections = [describe_demand(check)]
    several = list(subjects)
    for number, subject in enumerate(several, 1):
        of = f" of server {number}" if len(several) > 1 else ""
        sections += [
            (title + of, shorten(text)) for title, text in _describe_subject(subject) if text
        ]
    versions = [f"{name} {number}" for name, number in list_versions([cell]).items()]
    return [*sections, ("versions", ", ".join(versions)), ("to run it alone", command)]


def _describe_subject(subject: Subject) -> Sections:
    """The bytes and the events, on one clock: seconds since the first connection was made."""
    connections = subject.client.connections
    origin = min((connection.began for connection in connections), default=0.0)
    return [
        ("wire", "\n\n".join(_show_connection(each, origin) for each in connections)),
        (
            "recorder",
            "\n\n".join(_show_record(each, origin) for each in subject.recorder.records()),
        ),
        ("server's output", subject.output()),
    ]


def _show_connection(connection: Connection, origin: float) -> str:
    began = connection.began - origin
    heading = f"connection, made at +{began:.3f}; its times are from there\n" if began else ""
    return f"{heading}{connection}"


def _show_record(record: Record, origin: float) -> str:
    events = [f"{event.time - (origin or event.time):+.3f} {event}" for event in record.events]
    return "\n".join([record.id, *events])


def shorten(text: str, limit: int = _SHOWN) -> str:
    """The text with its middle left out, where it has more than `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[{len(text) - 2 * half} characters]\n{text[-half:]}"


def write_command(item: pytest.Item, cell: Cell) -> str:
    """The command line that runs one check alone, in its cell; for a POSIX shell.

    It works in the directory where the run was started, since what that finds by its ini
    options (more expectations) is found again.
    """
    module: str = item.module.__name__ if isinstance(item, pytest.Function) else ""
    if module.startswith(_PACKAGE):
        target = ["--pyargs", f"{module}::{item.nodeid.partition('::')[2]}"]
    else:
        target = [f"{_locate(item)}::{item.nodeid.partition('::')[2]}"]
    return shlex.join(["pytest", *target, *_choose(cell)])


def _locate(item: pytest.Item) -> str:
    here = item.config.invocation_params.dir
    return str(item.path.relative_to(here) if item.path.is_relative_to(here) else item.path)


def _choose(cell: Cell) -> Sequence[str]:
    options = ["--asgi-server", cell.server]
    if cell.layer == "server":
        options += ["--asgi-layer", "server"]
    else:
        gzip = "middleware" if cell.by_middleware else "on" if cell.gzip else "off"
        options += ["--asgi-app", cell.application, "--asgi-gzip", gzip]
    if cell.middleware is not None:
        options += ["--asgi-middleware", cell.middleware]
    return options
