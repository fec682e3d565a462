"""Verdicts and blame, as they are decided: from values alone, without a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from asgi_conformance.cells import Cell
from asgi_conformance.checks import Check, Severity
from asgi_conformance.expectations import Deviation
from asgi_conformance.requirements import Requirement
from asgi_conformance.results.blame import Blame, find_blame
from asgi_conformance.results.coverage import list_coverage
from asgi_conformance.results.privacy import anonymise
from asgi_conformance.results.result import Result, Results
from asgi_conformance.verdicts import Happening, Verdict, judge

KNOWN = Deviation(
    check="a-b",
    application="raw",
    server="uvicorn",
    middleware="*",
    versions={"pytest": ">=1"},
    deviation="answers 400",
    reason="its own parser",
    evidence="a run",
    file="expectations/some.toml",
)
RAW = Cell("raw_asgi.main:app", "uvicorn", gzip=False)
FRAMEWORK = Cell("starlette_app.main:app", "uvicorn", gzip=False)
WRAPPED = Cell("starlette_app.main:app", "uvicorn", gzip=False, middleware="some.where:Shout")
PROBE = Cell("asgi_conformance.server.probe:app", "hypercorn-trio", gzip=False)


def _make_result(cell: Cell, verdict: Verdict, slug: str = "a-b", requirement: str = "") -> Result:
    check = Check(slug, "must", None, "none", own=False, requirement=requirement or None)
    return Result(cell=cell, check=check, verdict=verdict, module="m", command="c")


def _gather(*results: Result) -> Results:
    gathered = Results()
    for result in results:
        gathered.add(result)
    return gathered


def test_results_stand_in_the_order_of_the_cells_however_they_came() -> None:
    came = _gather(
        _make_result(PROBE, Verdict.PASS, "a-b"),
        _make_result(FRAMEWORK, Verdict.PASS, "c-d"),
        _make_result(RAW, Verdict.PASS, "c-d"),
        _make_result(FRAMEWORK, Verdict.PASS, "a-b"),
    )
    assert [(result.cell, result.check.slug) for result in came.in_order([RAW, FRAMEWORK])] == [
        (RAW, "c-d"),
        (FRAMEWORK, "c-d"),
        (FRAMEWORK, "a-b"),
        (PROBE, "a-b"),
    ]


@pytest.mark.parametrize(
    ("severity", "happening", "verdict", "expected"),
    [
        ("must", Happening.PASSED, "pass", True),
        ("must", Happening.FAILED, "fail", False),
        ("must", Happening.BROKE, "error", False),
        ("must", Happening.SKIPPED, "not applicable", True),
        ("should", Happening.FAILED, "warn", False),
        ("observe", Happening.PASSED, "observed", True),
        ("observe", Happening.FAILED, "observed", True),
        ("observe", Happening.BROKE, "error", False),
    ],
)
def test_the_verdict(
    severity: Severity, happening: Happening, verdict: str, expected: bool
) -> None:
    judgement = judge(severity, happening)
    assert (judgement.verdict, judgement.expected) == (verdict, expected)


def test_what_is_skipped_since_nothing_could_be_asked_is_not_run() -> None:
    judgement = judge("must", Happening.SKIPPED, reason="not run: the subject does not start")
    assert judgement.verdict == "not run"
    assert judgement.note == "the subject does not start"


def test_a_known_deviation_is_expected_to_fail() -> None:
    judgement = judge("must", Happening.FAILED, known=KNOWN)
    assert judgement.expected
    assert judgement.note == "answers 400 (its own parser)"


def test_a_known_deviation_does_not_excuse_an_error() -> None:
    assert not judge("must", Happening.BROKE, known=KNOWN).expected


def test_a_known_deviation_that_passes_names_its_file() -> None:
    judgement = judge("must", Happening.PASSED, known=KNOWN)
    assert judgement.verdict == "pass"
    assert judgement.fails_run(strict=False)
    assert "is gone; remove it from expectations/some.toml: a-b of raw-uvicorn" in judgement.note


def test_a_failure_that_is_there_without_the_middleware_is_expected() -> None:
    judgement = judge("must", Happening.FAILED, baseline=Verdict.WARN)
    assert (judgement.expected, judgement.note) == (True, "fails without the middleware, too")
    assert not judge("must", Happening.FAILED, baseline=Verdict.PASS).expected


def test_an_unexpected_warning_fails_only_a_strict_run() -> None:
    judgement = judge("should", Happening.FAILED)
    assert not judgement.fails_run(strict=False)
    assert judgement.fails_run(strict=True)


def test_a_pass_is_nobodys() -> None:
    result = _make_result(RAW, Verdict.PASS)
    assert find_blame(result, _gather(result)) is None


def test_what_fails_on_the_raw_application_is_the_servers() -> None:
    result = _make_result(RAW, Verdict.FAIL)
    blame = find_blame(result, _gather(result))
    assert blame == Blame("server", "uvicorn", "fails on the raw application")


def test_what_the_probe_shows_is_the_servers() -> None:
    result = _make_result(PROBE, Verdict.WARN)
    blame = find_blame(result, _gather(result))
    assert blame == Blame("server", "hypercorn", "the probe does what it is told")


@pytest.mark.parametrize(
    ("raw", "culprit", "name"),
    [(Verdict.PASS, "application", "starlette"), (Verdict.FAIL, "server", "uvicorn")],
)
def test_what_fails_on_a_framework_is_told_by_the_raw_application(
    raw: Verdict, culprit: str, name: str
) -> None:
    result = _make_result(FRAMEWORK, Verdict.FAIL)
    blame = find_blame(result, _gather(_make_result(RAW, raw), result))
    assert blame is not None
    assert (blame.culprit, blame.name) == (culprit, name)


def test_without_the_raw_application_nobody_is_blamed() -> None:
    result = _make_result(FRAMEWORK, Verdict.FAIL)
    elsewhere = _make_result(replace(RAW, server="hypercorn"), Verdict.PASS)
    blame = find_blame(result, _gather(result, elsewhere))
    assert str(blame) == "not attributed: raw was not run"


def test_what_fails_only_with_a_middleware_is_the_middlewares() -> None:
    result = _make_result(WRAPPED, Verdict.FAIL)
    blame = find_blame(result, _gather(_make_result(FRAMEWORK, Verdict.PASS), result))
    assert blame == Blame("middleware", "some.where:Shout", "passes without the middleware")


def test_what_fails_without_the_middleware_too_is_blamed_there_alone() -> None:
    result = _make_result(WRAPPED, Verdict.FAIL)
    assert find_blame(result, _gather(_make_result(FRAMEWORK, Verdict.FAIL), result)) is None


def test_what_goes_wrong_after_a_check_replaces_its_pass_but_not_its_failure() -> None:
    after = replace(_make_result(RAW, Verdict.ERROR), expected=False, message="died")
    passed = _make_result(RAW, Verdict.PASS)
    assert [result.verdict for result in _gather(passed, after)] == ["error"]
    failed = replace(_make_result(RAW, Verdict.FAIL), expected=False)
    (kept,) = _gather(failed, after)
    assert (kept.verdict, kept.sections) == ("fail", (("after the check", "died"),))


def test_a_requirement_is_covered_by_a_check_that_came_to_a_verdict() -> None:
    def require(name: str, reason: str | None = None, checks: tuple[str, ...] = ()) -> Requirement:
        return Requirement(
            id=name, title="t", keyword="must", source="s", text="x", reason=reason, checks=checks
        )

    requirements = [
        require("RS-01"),
        require("RS-02"),
        require("RS-03", checks=("a-b",)),
        require("RS-04"),
        require("AP-01", reason="binds the application"),
    ]
    results = [
        _make_result(PROBE, Verdict.FAIL, "a-b", "RS-01"),
        _make_result(PROBE, Verdict.NOT_APPLICABLE, "c-d", "RS-02"),
    ]
    coverage = list_coverage(requirements, results)
    assert [(c.requirement.id, c.state, c.checks) for c in coverage] == [
        ("RS-01", "covered", ("a-b",)),
        ("RS-02", "not covered", ("c-d",)),
        ("RS-03", "covered", ("a-b",)),
        ("RS-04", "not covered", ()),
        ("AP-01", "excluded", ()),
    ]


def test_directories_of_the_machine_are_replaced_and_nothing_else() -> None:
    shown = anonymise(
        {"a": ['File "/some/where/else.py"', "GET /some/wherever", 5]},
        [(Path("/some"), "{outer}"), (Path("/some/where"), "{inner}")],
    )
    assert shown == {"a": ['File "{inner}/else.py"', "GET {outer}/wherever", 5]}
