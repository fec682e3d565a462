"""Judging: whether what had to be reached was reached."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from benchmarks.measuring import Results
from benchmarks.scenario import Goal, Scenario


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, and how it ended.

    `value` is the median ratio, or the figure itself where the goal is against nothing, with the
    least and the most of the rounds; None where it could not be judged, and `note` says why, or
    what stood in for what was not there.
    """

    goal: Goal
    against: str | None
    value: float | None
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None where it could not be judged."""
        if self.value is None:
            return None
        return self.value <= self.goal.bound if self.goal.at_most else self.value >= self.goal.bound


def judge(scenario: Scenario, results: Results) -> list[Verdict]:
    """The verdicts on a scenario's goals."""
    return [_judge_goal(goal, results) for goal in scenario.goals]


def _judge_goal(goal: Goal, results: Results) -> Verdict:
    measured = results[goal.of]
    if not measured.rounds:
        return Verdict(goal, None, None, note=f"{goal.of}: {measured.problem}")
    if not goal.against:
        return _summarize(goal, None, measured.values(goal.key), "")
    against, note = _choose_against(goal, results)
    if against is None:
        return Verdict(goal, goal.against[0], None, note=note)
    other = results[against]
    # Of the same round: what disturbed one then disturbed the other.
    ratios = [
        measured.rounds[turn][goal.key] / other.rounds[turn][goal.key]
        for turn in measured.rounds.keys() & other.rounds.keys()
        if other.rounds[turn][goal.key]
    ]
    return _summarize(goal, against, ratios, note)


def _choose_against(goal: Goal, results: Results) -> tuple[str | None, str]:
    """What the goal is against, and a note where it is not what it should be."""
    medians = {name: results[name].median(goal.key) for name in goal.against}
    there = {name: value for name, value in medians.items() if value is not None}
    if there:
        best = min if goal.at_most else max
        return best(there, key=there.__getitem__), ""
    missing = f"{goal.against[0]}: {results[goal.against[0]].problem}"
    if goal.instead is not None and results[goal.instead].rounds:
        return goal.instead, f"{missing}; against {goal.instead} instead"
    return None, missing


def _summarize(goal: Goal, against: str | None, values: list[float], note: str) -> Verdict:
    if not values:
        return Verdict(goal, against, None, note="not measured in the same round")
    return Verdict(goal, against, statistics.median(values), min(values), max(values), note)
