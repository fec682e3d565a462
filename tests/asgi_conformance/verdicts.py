"""Verdicts: what became of a check in a cell, and whether that was to be expected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from asgi_conformance.checks import Severity
from asgi_conformance.expectations import Deviation

WITHOUT_TOO = "fails without the middleware, too"


class Verdict(StrEnum):
    """What became of a check in a cell."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    """What must hold does not."""
    WARN = "warn"
    """What should hold does not."""
    OBSERVED = "observed"
    """The standard is silent: what was seen is told, and not judged."""
    NOT_APPLICABLE = "not applicable"
    NOT_RUN = "not run"
    ERROR = "error"
    """The check or the harness is at fault, or the subject did not survive it."""

    @property
    def ran(self) -> bool:
        """Whether the check came to a judgement, or to an observation."""
        return self in (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.OBSERVED)

    @property
    def failed(self) -> bool:
        """Whether the check found the subject otherwise than it must or should be."""
        return self in (Verdict.FAIL, Verdict.WARN)


class Happening(Enum):
    """What pytest saw of a test."""

    PASSED = auto()
    FAILED = auto()
    """An assertion did not hold."""
    BROKE = auto()
    """Anything else was raised, or a fixture failed."""
    SKIPPED = auto()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and whether it was to be expected; `note` says why, or why it was not."""

    verdict: Verdict
    expected: bool = True
    note: str = ""
    deviation: Deviation | None = None

    def fails_run(self, *, strict: bool) -> bool:
        """Whether the run fails for it. Warnings count where `strict`."""
        return not self.expected and (strict or self.verdict is not Verdict.WARN)


def judge(
    severity: Severity,
    happening: Happening,
    *,
    reason: str = "",
    known: Deviation | None = None,
    outdated: Deviation | None = None,
    baseline: Verdict | None = None,
) -> Judgement:
    """Judge one check in one cell.

    `reason` is why it was skipped. `known` is the deviation that is expected of the cell,
    `outdated` one that would be, were other versions installed. `baseline` is the verdict of
    the same check in the same cell without the middleware.
    """
    if happening is Happening.SKIPPED:
        # So begins the reason where nothing could be asked; else there is nothing to ask.
        not_run = reason.startswith(f"{Verdict.NOT_RUN}: ")
        verdict = Verdict.NOT_RUN if not_run else Verdict.NOT_APPLICABLE
        return Judgement(verdict, note=reason.removeprefix(f"{verdict}: "))
    if happening is Happening.BROKE:
        return Judgement(Verdict.ERROR, expected=False)
    if severity == "observe":
        return Judgement(Verdict.OBSERVED)
    if happening is Happening.PASSED:
        if known is not None:
            return Judgement(Verdict.PASS, expected=False, note=_say_gone(known), deviation=known)
        return Judgement(Verdict.PASS)
    verdict = Verdict.FAIL if severity == "must" else Verdict.WARN
    if baseline is not None and baseline.failed:
        return Judgement(verdict, note=WITHOUT_TOO)
    if known is not None:
        return Judgement(verdict, note=f"{known.deviation} ({known.reason})", deviation=known)
    note = "" if outdated is None else _say_outdated(outdated)
    return Judgement(verdict, expected=False, note=note)


def _say_gone(known: Deviation) -> str:
    return f"{known.installed}: this deviation is gone; remove it from {known.file}: {known}"


def _say_outdated(known: Deviation) -> str:
    return (
        f"{known.installed}: known of other versions ({known.wanted}); "
        f"look at it anew, then change {known.file}: {known}"
    )
