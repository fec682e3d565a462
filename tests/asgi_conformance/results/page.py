"""The page: a run's document as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from asgi_conformance.evidence import shorten
from asgi_conformance.results.document import Json
from asgi_conformance.results.matrix import (
    MARKS,
    Group,
    Mark,
    Row,
    combine,
    group_rows,
    mark_result,
)
from asgi_conformance.results.ranking import list_blame

_DIRECTORY = Path(__file__).parent
_SHOWN = 1500


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a field opens. Where a deviation is known of several cells, the first shows the bytes
    and the others name it (`like`): the page would be ten times as large.
    """

    id: str
    result: Json
    mark: Mark
    sections: Sequence[tuple[str, str]]
    like: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Cells in which a check came to the same end, what was said of it there, and evidence."""

    mark: Mark
    words: str
    targets: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one thing: the check that did, and for each cell how often, least,
    median and most, as they are shown.
    """

    check: str
    unit: str
    rows: Sequence[tuple[str, int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """A check with all its outcomes."""

    check: Json
    outcomes: Sequence[Outcome]


def render_page(document: Json) -> str:
    """The page of a document."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_DIRECTORY),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        document=document,
        marks=MARKS,
        **_arrange(document),
    )


def _arrange(document: Json) -> dict[str, Any]:
    results: list[Json] = document["results"]
    evidence = list(_list_evidence(results))
    targets = {id(each.result): each.id for each in evidence}
    by_check: dict[str, list[Json]] = {}
    by_cell: dict[tuple[str, str], list[Json]] = {}
    for result in results:
        by_check.setdefault(result["check"], []).append(result)
        by_cell.setdefault((result["check"], result["cell"]), []).append(result)
    cells = {
        layer: [{**c, "label": _label(c)} for c in document["cells"] if c["layer"] == layer]
        for layer in ("server", "endpoints")
    }
    return {
        "cells": cells,
        "contract": _arrange_checks(document, cells["endpoints"], by_cell, targets),
        "requirements": _arrange_requirements(document, cells["server"], by_cell, targets),
        "excluded": [r for r in document["requirements"] if r["state"] == "excluded"],
        "entries": [
            CheckEntry(check, _gather_outcomes(by_check.get(check["slug"], []), targets))
            for check in document["checks"]
        ],
        "slugs": by_check.keys(),
        "evidence": evidence,
        "unexpected": _group_unexpected(evidence),
        "measurements": _group_measurements(results),
        "blame": list_blame(results),
    }


def _label(cell: Json) -> str:
    """What stands at the head of a column: of the server layer, the server and its mode."""
    if cell["layer"] == "endpoints":
        return str(cell["id"])
    _, plus, middleware = cell["id"].partition("+")
    return f"{cell['server_name']} {cell['mode']}{plus}{middleware}"


def _list_evidence(results: Iterable[Json]) -> Iterable[Evidence]:
    taken: dict[str, int] = {}
    shown: dict[tuple[str, str], str] = {}
    for result in results:
        mark = mark_result(result)
        if mark.is_plain:
            continue
        name = f"{result['check']}@{result['cell']}"
        number = taken[name] = taken.get(name, 0) + 1
        name += f".{number}" if number > 1 else ""
        same = (result["check"], str(result.get("deviation", result["cell"])))
        like = shown.setdefault(same, name)
        sections = [(s["title"], shorten(s["text"], _SHOWN)) for s in result.get("sections", ())]
        repeated = result["expected"] and like != name
        yield Evidence(name, result, mark, [] if repeated else sections, like if repeated else None)


def _group_unexpected(evidence: Iterable[Evidence]) -> list[tuple[Mark, str, list[Evidence]]]:
    """What was unexpected: its mark, the check, where; those to be seen first before others."""
    grouped: dict[tuple[Mark, str], list[Evidence]] = {}
    for each in evidence:
        if not each.result["expected"]:
            grouped.setdefault((each.mark, each.result["check"]), []).append(each)
    listed = [(mark, check, found) for (mark, check), found in grouped.items()]
    return sorted(listed, key=lambda each: MARKS.index(each[0]))


def _group_measurements(results: Iterable[Json]) -> dict[str, Measured]:
    """All that was measured, by its name."""
    grouped: dict[str, list[tuple[Json, Json]]] = {}
    for result in results:
        for measured in result.get("measurements", ()):
            grouped.setdefault(measured["name"], []).append((result, measured))
    return {name: _show_measured(found) for name, found in grouped.items()}


def _show_measured(found: Sequence[tuple[Json, Json]]) -> Measured:
    unit, scale, form = found[0][1]["unit"], 1, "{:,.0f}"
    if unit == "s":
        # One unit for all cells, so that they can be compared at a glance.
        in_milliseconds = max(measured["median"] for _, measured in found) < 1
        unit, scale, form = ("ms", 1000, "{:,.3f}") if in_milliseconds else ("s", 1, "{:,.3f}")
    rows = [
        (
            result["cell"],
            measured["n"],
            [form.format(scale * measured[key]) for key in ("min", "median", "max")],
        )
        for result, measured in found
    ]
    return Measured(found[0][0]["check"], unit, rows)


def _arrange_checks(
    document: Json,
    cells: Sequence[Json],
    by_cell: Mapping[tuple[str, str], Sequence[Json]],
    targets: Mapping[int, str],
) -> list[Group]:
    checks = [check for check in document["checks"] if check["layer"] == "endpoints"]
    rows = []
    for check in checks:
        slug = check["slug"]
        fields = [combine(by_cell.get((slug, cell["id"]), ()), targets, slug) for cell in cells]
        rows.append(Row(slug, slug, check["severity"], fields))
    return group_rows(rows, {row.id: row.id.partition("-")[0] for row in rows})


def _arrange_requirements(
    document: Json,
    cells: Sequence[Json],
    by_cell: Mapping[tuple[str, str], Sequence[Json]],
    targets: Mapping[int, str],
) -> list[Group]:
    rows = []
    for requirement in document["requirements"]:
        if requirement["state"] == "excluded":
            continue
        name = requirement["id"]
        fields = [
            combine(
                [r for slug in requirement["checks"] for r in by_cell.get((slug, cell["id"]), ())],
                targets,
                name,
            )
            for cell in cells
        ]
        rows.append(Row(name, requirement["title"], requirement["keyword"], fields))
    return group_rows(rows, {row.id: row.id.partition("-")[0] for row in rows})


def _gather_outcomes(results: Iterable[Json], targets: Mapping[int, str]) -> list[Outcome]:
    gathered: dict[tuple[Mark, str], Outcome] = {}
    for result in results:
        mark = mark_result(result)
        words = "; ".join(result.get("observations", ())) or result.get("note", "")
        if not words and not mark.is_plain:
            words = result.get("message", "").partition("\n")[0]
        outcome = gathered.setdefault((mark, words), Outcome(mark, words))
        outcome.targets.setdefault(result["cell"], targets.get(id(result)))
    return sorted(gathered.values(), key=lambda outcome: MARKS.index(outcome.mark))
