"""Judging: makes a verdict of what pytest saw of a check, and tells pytest what counts.

Registered by the plugin as a plugin of its own, in every process that runs tests.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.checks import Check, list_checks, read_check, read_checks
from asgi_conformance.evidence import gather, shorten, write_command
from asgi_conformance.expectations import DIRECTORY, Expectations, read_deviations, require_checks
from asgi_conformance.hosting import Subject
from asgi_conformance.results.result import Result, write_result
from asgi_conformance.verdicts import Happening, Judgement, Verdict, judge

SUBJECTS = pytest.StashKey[list[Subject]]()
"""The subjects that a check has started for itself."""

_MESSAGE = 2000
_WORDS = {
    Verdict.WARN: ("warned", "w", ("WARN", {"yellow": True})),
    Verdict.OBSERVED: ("observed", "o", ("OBSERVED", {"cyan": True})),
    Verdict.NOT_RUN: ("not run", "n", ("NOT RUN", {"yellow": True})),
    Verdict.ERROR: ("error", "E", ("ERROR", {"red": True})),
}
"""What pytest has no word for, or another: the category, the letter, the word."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A check in a cell; `variant` tells the tests of one check apart."""

    item: pytest.Item
    check: Check
    cell: Cell
    variant: str


class Judging:
    """The hooks between a check's end and pytest's report of it."""

    def __init__(self, config: pytest.Config) -> None:
        self._strict = bool(config.getoption("asgi_strict"))
        self._directories = [DIRECTORY, *config.getini("asgi_expectations")]
        self._expectations = Expectations(())
        self._verdicts: dict[tuple[Cell, str, str], Verdict] = {}

    @pytest.hookimpl(tryfirst=True)  # while the checks that are deselected are still there
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if not any(read_check(item) for item in items):
            return
        try:
            deviations = [known for each in self._directories for known in read_deviations(each)]
            require_checks(deviations, _list_slugs(items))
        except ValueError as error:
            raise pytest.UsageError(str(error)) from error
        self._expectations = Expectations(deviations)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        case = _read_case(item)
        if case is None or (report.when != "call" and report.passed):
            return report
        judgement = self._judge(case, report, call)
        result = _make_result(case, report, call, judgement)
        _tell(report, result, judgement, strict=self._strict)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        verdict = getattr(report, "asgi_verdict", None)
        return None if verdict is None else _WORDS[Verdict(verdict)]

    def _judge(
        self, case: _Case, report: pytest.TestReport, call: pytest.CallInfo[None]
    ) -> Judgement:
        slug, cell = case.check.slug, case.cell
        baseline = None
        if cell.baseline is not None:
            baseline = self._verdicts.get((cell.baseline, slug, case.variant))
        judgement = judge(
            case.check.severity,
            _name_happening(report, call),
            reason=_read_reason(report),
            known=self._expectations.find(slug, cell),
            outdated=self._expectations.find_outdated(slug, cell),
            baseline=baseline,
        )
        if report.when == "call":
            self._verdicts[cell, slug, case.variant] = judgement.verdict
        return judgement


def _list_slugs(items: list[pytest.Item]) -> set[str]:
    """The slugs of the suite's checks, and of all that stand where those that are run stand."""
    modules = {item.module for item in items if isinstance(item, pytest.Function)}
    collected = (each for module in modules for each in read_checks(module))
    return {each.slug for each in (*list_checks(), *collected)}


def _read_case(item: pytest.Item) -> _Case | None:
    check, callspec = read_check(item), getattr(item, "callspec", None)
    if check is None or callspec is None:
        return None
    cell: Cell = callspec.params["asgi_cell"]
    return _Case(item, check, cell, callspec.id.removeprefix(str(cell)).removeprefix("-"))


def _name_happening(report: pytest.TestReport, call: pytest.CallInfo[None]) -> Happening:
    if report.skipped:
        return Happening.SKIPPED
    if report.passed:
        return Happening.PASSED
    error = None if call.excinfo is None else call.excinfo.value
    # pytest.raises, too, fails by the latter.
    fails = isinstance(error, AssertionError | pytest.fail.Exception)
    return Happening.FAILED if fails and report.when == "call" else Happening.BROKE


def _read_reason(report: pytest.TestReport) -> str:
    if not report.skipped or not isinstance(report.longrepr, tuple):
        return ""
    return report.longrepr[2].removeprefix("Skipped: ")


def _make_result(
    case: _Case, report: pytest.TestReport, call: pytest.CallInfo[None], judgement: Judgement
) -> Result:
    command = write_command(case.item, case.cell)
    subjects = list(_list_subjects(case.item))
    message = ""
    if call.excinfo is not None and not report.skipped:
        message = shorten(call.excinfo.exconly().removeprefix("AssertionError: "), _MESSAGE)
        report.sections += gather(case.check, case.cell, subjects, command)
    observations = [text for subject in subjects for text in subject.findings.observations]
    measured = any(subject.findings.measurements for subject in subjects)
    if judgement.verdict is Verdict.OBSERVED and not (observations or measured):
        observations = [f"does not hold: {message}" if message else "holds"]
    return Result(
        cell=case.cell,
        check=case.check,
        verdict=judgement.verdict,
        module=case.item.module.__name__ if isinstance(case.item, pytest.Function) else "",
        command=command,
        variant=case.variant,
        expected=judgement.expected,
        note=judgement.note,
        deviation=judgement.deviation,
        message=message,
        sections=tuple(report.sections) if message else (),
        observations=tuple(observations),
        measurements=tuple(each for subject in subjects for each in subject.findings.measurements),
        duration=report.duration,
    )


def _list_subjects(item: pytest.Item) -> Iterator[Subject]:
    subject = getattr(item, "funcargs", {}).get("subject")
    if isinstance(subject, Subject):
        yield subject
    yield from item.stash.get(SUBJECTS, [])


def _tell(report: pytest.TestReport, result: Result, judgement: Judgement, *, strict: bool) -> None:
    """Have the report say to pytest what the judgement is.

    Attributes of a report travel with it from the workers of pytest-xdist.
    """
    report.asgi_result = write_result(result)  # type: ignore[attr-defined]
    fails = judgement.fails_run(strict=strict)
    if fails and report.passed:
        report.longrepr = judgement.note
    elif fails and judgement.note:
        report.sections.insert(0, ("expectation", judgement.note))
    if judgement.verdict is Verdict.OBSERVED:
        report.outcome = "passed"
    elif fails:
        report.outcome = "failed"
    elif judgement.verdict.failed:
        # As pytest has it for what is expected to fail; a warning has a word of its own.
        report.outcome = "skipped"
        report.wasxfail = judgement.note or f"warning: {result.message}"
    warns = judgement.verdict is Verdict.WARN and not judgement.expected and not fails
    if warns or judgement.verdict in (Verdict.OBSERVED, Verdict.NOT_RUN, Verdict.ERROR):
        report.asgi_verdict = str(judgement.verdict)  # type: ignore[attr-defined]
