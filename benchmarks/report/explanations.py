"""Explanations: why goals were missed, and the profile that shows it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import benchmarks.plan
from benchmarks.documents import Outcome, Section

PATH = Path(benchmarks.plan.__file__).with_name("explanations.toml")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one goal's time goes into. `goal` is a part of its words, `profile` a path."""

    scenario: str
    goal: str
    why: str
    profile: str | None = None

    @property
    def location(self) -> str | None:
        """The profile's path from where the page lies."""
        return self.profile and self.profile.removeprefix("report/")


def read_explanations(path: Path = PATH) -> list[Explanation]:
    """All that are written down. Raises TypeError where one has other members."""
    return [
        Explanation(**table) for table in tomllib.loads(path.read_text("utf-8")).get("missed", ())
    ]


def explain(
    section: Section, outcome: Outcome, explanations: Sequence[Explanation]
) -> Explanation | None:
    """That of a goal that was missed; None where it was not, or nobody has written one."""
    if outcome.met is not False:
        return None
    return next(
        (it for it in explanations if it.scenario == section.name and it.goal in outcome.goal),
        None,
    )
