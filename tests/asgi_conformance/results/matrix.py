"""Matrices: what a page shows in one glance, and how each verdict looks there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from asgi_conformance.results.document import Json


@dataclass(frozen=True, slots=True)
class Mark:
    """How a result is shown: a class of the style sheet, a sign, and what that means."""

    name: str
    sign: str
    meaning: str

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to look into."""
        return self in _PLAIN

    @property
    def is_pass(self) -> bool:
        return self is _PASS


_ERROR = Mark("error", "E", "error: the check, the harness, or the subject broke")
_FAIL = Mark("fail", "F", "fails what must hold, unexpectedly")
_GONE = Mark("gone", "!", "passes, though a deviation is known")
_WARN = Mark("warn", "W", "fails what should hold, unexpectedly")
_KNOWN_FAIL = Mark("known", "x", "known deviation from what must hold")
_KNOWN_WARN = Mark("known", "w", "known deviation from what should hold")
_WITHOUT_TOO = Mark("known", "=", "fails without the middleware, too")
_NOT_RUN = Mark("quiet", "?", "not run")
_OBSERVED = Mark("observed", "o", "observed, where the standard is silent")
_PASS = Mark("pass", "✓", "passes")
_NOT_APPLICABLE = Mark("quiet", "-", "not applicable")
NOTHING = Mark("quiet", "", "was not asked")

MARKS = (
    _ERROR, _FAIL, _GONE, _WARN, _KNOWN_FAIL, _KNOWN_WARN, _WITHOUT_TOO, _NOT_RUN, _PASS,
    _OBSERVED, _NOT_APPLICABLE, NOTHING,
)  # fmt: skip
"""Every mark, the one that is to be seen first before the others."""

_PLAIN = frozenset({_NOT_RUN, _OBSERVED, _PASS, _NOT_APPLICABLE, NOTHING})
_BY_VERDICT = {
    ("pass", True): _PASS, ("pass", False): _GONE,
    ("fail", True): _KNOWN_FAIL, ("fail", False): _FAIL,
    ("warn", True): _KNOWN_WARN, ("warn", False): _WARN,
    ("observed", True): _OBSERVED, ("not applicable", True): _NOT_APPLICABLE,
    ("not run", True): _NOT_RUN, ("error", False): _ERROR,
}  # fmt: skip


def mark_result(result: Json) -> Mark:
    """How one result of the document is shown."""
    mark = _BY_VERDICT[result["verdict"], result["expected"]]
    if mark in (_KNOWN_FAIL, _KNOWN_WARN) and "deviation" not in result:
        return _WITHOUT_TOO
    return mark


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a matrix; `target` is the id of what explains it, if anything does."""

    mark: Mark
    target: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A check, or a requirement, in every column."""

    id: str
    title: str
    keyword: str
    fields: Sequence[Field]

    @property
    def is_plain(self) -> bool:
        return all(field.mark.is_plain for field in self.fields)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    name: str
    rows: Sequence[Row]

    @property
    def is_plain(self) -> bool:
        return all(row.is_plain for row in self.rows)

    @property
    def deviating(self) -> int:
        return sum(not row.is_plain for row in self.rows)


def combine(results: Iterable[Json], targets: Mapping[int, str], otherwise: str) -> Field:
    """The field for several results: the mark that is to be seen first.

    `targets` are the ids of the evidence, by `id()` of a result; `otherwise` is that for
    results without.
    """
    marked = [(MARKS.index(mark_result(result)), result) for result in results]
    if not marked:
        return Field(NOTHING, None)
    first, result = min(marked, key=lambda each: each[0])
    plain = MARKS[first].is_pass or MARKS[first] is _NOT_APPLICABLE
    return Field(MARKS[first], None if plain else targets.get(id(result), otherwise))


def group_rows(rows: Iterable[Row], names: Mapping[str, str]) -> list[Group]:
    """The rows by the name that each one's id has in `names`, in order of first mention."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(names[row.id], []).append(row)
    return [Group(name, found) for name, found in groups.items()]
