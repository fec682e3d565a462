"""The summary of a run: raw_asgi against the best of each kind, scenario by scenario."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.documents import Document, Row, Section, list_ratios
from benchmarks.subjects import FASTAPI, RAW, STARLETTE


@dataclass(frozen=True, slots=True)
class Advantage:
    """How many times as good as another the raw application is: as fast, as short, as small.

    One for each round; `over` is the other's label.
    """

    over: str
    ratios: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.ratios)


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario. None is what it does not have; of several, those are the best."""

    section: Section
    raw: Row
    starlette: Advantage | None
    fastapi: Advantage | None
    idiom: Advantage | None
    peer: Advantage | None
    limit: Advantage | None


def summarize(document: Document) -> list[Line]:
    """The scenarios in which the raw application under uvicorn has figures of its own."""
    lines = []
    for section in document.sections:
        raw = section.find_row(RAW)
        if raw is None or not raw.rounds:
            continue
        starlette, fastapi = section.find_row(STARLETTE), section.find_row(FASTAPI)
        best = {
            kind: _find_best(section, raw, [row for row in section.rows if row.kind == kind])
            for kind in ("idiom", "peer", "limit")
        }
        lines.append(
            Line(
                section,
                raw,
                _find_best(section, raw, [starlette] if starlette else []),
                _find_best(section, raw, [fastapi] if fastapi else []),
                best["idiom"],
                best["peer"],
                best["limit"],
            )
        )
    return lines


def compare(section: Section, own: Row, other: Row) -> Advantage | None:
    """By the section's main figure; None where one of them has none."""
    figure = section.figures[0]
    ratios = list_ratios(own, other, figure.key)
    if not figure.more_is_better:
        ratios = [1 / ratio for ratio in ratios if ratio]
    return Advantage(other.label, ratios) if ratios else None


def _find_best(section: Section, raw: Row, rows: Sequence[Row]) -> Advantage | None:
    found = [it for row in rows if (it := compare(section, raw, row)) is not None]
    return min(found, key=lambda advantage: advantage.median, default=None)
