"""Ranking: who is blamed for how much."""

from __future__ import annotations

from collections.abc import Iterable

from asgi_conformance.results.document import Json


def list_blame(results: Iterable[Json]) -> list[tuple[str, str, int, int]]:
    """Each culprit: its kind, its name, its known failures and its unexpected ones.

    Those with the most that are unexpected come first.
    """
    counted: dict[tuple[str, str], list[int]] = {}
    for result in results:
        if blame := result.get("blame"):
            kind = blame["culprit"] or "not attributed"
            counts = counted.setdefault((kind, blame["name"] or blame["reason"]), [0, 0])
            counts[not result["expected"]] += 1
    listed = [(kind, name, known, new) for (kind, name), (known, new) in counted.items()]
    return sorted(listed, key=lambda each: (-each[3], -each[2], each[:2]))
