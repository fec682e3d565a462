"""Coverage: which requirements a run has put to the test."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from asgi_conformance.requirements import Requirement
from asgi_conformance.results.result import Result

State = Literal["covered", "not covered", "excluded"]


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement, the checks of it that the run knows, and those that came to a verdict."""

    requirement: Requirement
    checks: tuple[str, ...]
    ran: tuple[str, ...]

    @property
    def state(self) -> State:
        """`excluded` where the requirement says why no check is possible."""
        if self.requirement.reason:
            return "excluded"
        return "covered" if self.ran else "not covered"


def list_coverage(
    requirements: Iterable[Requirement], results: Collection[Result]
) -> list[Covered]:
    """Each requirement with its checks, in the requirements' order."""
    known: dict[str, dict[str, None]] = {}
    for result in results:
        known.setdefault(result.check.requirement or "", {})[result.check.slug] = None
    ran = {result.check.slug for result in results if result.verdict.ran}
    coverage = []
    for requirement in requirements:
        checks = dict.fromkeys([*known.get(requirement.id, ()), *requirement.checks])
        judged = tuple(slug for slug in checks if slug in ran)
        coverage.append(Covered(requirement, tuple(checks), judged))
    return coverage
