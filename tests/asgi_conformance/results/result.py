"""One result: what became of a check in a cell, with all that the report says of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from asgi_conformance.cells import Cell
from asgi_conformance.checks import Check
from asgi_conformance.expectations import Deviation
from asgi_conformance.findings import Measurement
from asgi_conformance.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a check in a cell.

    `variant` tells the tests of one check in one cell apart; `note` says why the verdict was
    expected, or is none; `message` is the assertion, or the error; `sections` are titles and
    texts of evidence; `command` runs it alone; `duration` is in seconds.
    """

    cell: Cell
    check: Check
    verdict: Verdict
    module: str
    command: str
    variant: str = ""
    expected: bool = True
    note: str = ""
    deviation: Deviation | None = None
    message: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    observations: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    duration: float = 0.0

    @property
    def key(self) -> tuple[str, str, str]:
        """The cell's name, the check's slug, the variant: one result has it."""
        return (str(self.cell), self.check.slug, self.variant)


def write_result(result: Result) -> str:
    """The result as text, to go from one process to another."""
    return json.dumps(asdict(result))


def read_result(text: str) -> Result:
    """The result that `write_result` has written."""
    fields: dict[str, Any] = json.loads(text)
    deviation = fields["deviation"]
    return Result(
        **{
            **fields,
            "cell": Cell(**fields["cell"]),
            "check": Check(**fields["check"]),
            "verdict": Verdict(fields["verdict"]),
            "deviation": None if deviation is None else Deviation(**deviation),
            "sections": tuple((title, text) for title, text in fields["sections"]),
            "observations": tuple(fields["observations"]),
            "measurements": tuple(Measurement(**each) for each in fields["measurements"]),
        }
    )


class Results:
    """The results of a run, in the order in which they came, unless put in another."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str, str], Result] = {}

    def add(self, result: Result) -> None:
        """Take a result in.

        What goes wrong after a check replaces its verdict, unless that is a failure that counts:
        then it is added to what is said of it.
        """
        earlier = self._by_key.get(result.key)
        if earlier is not None and not earlier.expected and earlier.verdict is not Verdict.WARN:
            after = (("after the check", result.message),)
            result = replace(earlier, sections=earlier.sections + after)
        self._by_key[result.key] = result

    def in_order(self, cells: Iterable[Cell]) -> Results:
        """The same, a cell after the other in that order, those of other cells at the end.

        Workers of pytest-xdist run cells side by side, and two runs are to be compared.
        """
        places = {str(cell): place for place, cell in enumerate(cells)}
        ordered = Results()
        for result in sorted(self, key=lambda result: places.get(result.key[0], len(places))):
            ordered.add(result)
        return ordered

    def find(self, cell: Cell, slug: str, variant: str) -> Result | None:
        """The result of a check in a cell, None where it was not asked."""
        return self._by_key.get((str(cell), slug, variant))

    def __iter__(self) -> Iterator[Result]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)
