"""Units: figures as they are shown."""

from __future__ import annotations

from benchmarks.judging import Verdict
from benchmarks.scenario import Figure, Unit

TIMES = "\N{MULTIPLICATION SIGN}"

_SCALES: dict[Unit, float] = {
    "MB/s": 1e6,
    "rows/s": 1.0,
    "1/s": 1.0,
    "ms": 1e-3,
    "MiB": 1 << 20,
    "KiB": 1 << 10,
}


def scale(value: float, unit: Unit) -> float:
    """A figure in bytes, seconds or pieces, in its unit."""
    return value / _SCALES[unit]


def show(value: float | None, unit: Unit) -> str:
    """With as many digits as tell something, without the unit."""
    if value is None:
        return ""
    scaled = scale(value, unit)
    return f"{scaled:,.0f}" if abs(scaled) >= 100 else f"{scaled:,.3g}"


def describe_goal(verdict: Verdict, figures: tuple[Figure, ...]) -> str:
    """What had to be reached, in words."""
    goal = verdict.goal
    figure = next(figure for figure in figures if figure.key == goal.key)
    sign = "≤" if goal.at_most else "≥"
    if not goal.against:
        return f"{goal.of}: {figure.name} {sign} {show(goal.bound, figure.unit)} {figure.unit}"
    against = verdict.against or goal.against[0]
    return f"{goal.of}: {figure.name} {sign} {goal.bound:g} {TIMES} {against}"


def describe_verdict(verdict: Verdict, figures: tuple[Figure, ...]) -> str:
    """How it ended, in words: the median, and the least and the most of the rounds."""
    if verdict.value is None or verdict.least is None or verdict.most is None:
        return f"not judged ({verdict.note})"
    goal = verdict.goal
    figure = next(figure for figure in figures if figure.key == goal.key)
    if goal.against:
        text = f"{TIMES} {verdict.value:.3g} ({verdict.least:.3g} to {verdict.most:.3g})"
    else:
        low, high = show(verdict.least, figure.unit), show(verdict.most, figure.unit)
        text = f"{show(verdict.value, figure.unit)} {figure.unit} ({low} to {high})"
    return f"{'met' if verdict.met else 'missed'}: {text}{f'; {verdict.note}' * bool(verdict.note)}"
