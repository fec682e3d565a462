"""Negative controls of the server layer: what the suite must notice of a server, it notices.

A check is called on the reference server, where it must pass, and on the same one with a mistake,
where it must fail. Both are one process; see `reference.switch`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

import pytest
from asgi_conformance.cells import PROBE, Cell
from asgi_conformance.checks import Check, list_checks, truncate_differences
from asgi_conformance.findings import Findings
from broken.stage import Stage, lose_patience
from reference.control import Control
from reference.controls import CONTROLS

CHECKS = {check.slug: check for check in list_checks() if check.requirement is not None}
_MODES = {"1.1": "h1", "2": "h2"}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Control], Stage]]:
    """Finds the stage for a control: the server, spoken to in the control's protocol."""
    found: dict[str, Stage] = {}

    def find(control: Control) -> Stage:
        mode = _MODES[control.http]
        if mode not in found:
            cell = Cell(PROBE, f"reference.suite:Reference-{mode}", gzip=False)
            found[mode] = Stage(cell, tmp_path_factory, strict=True)
        return found[mode]

    yield find
    for stage in found.values():
        stage.stop()


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_check_notices_the_mistake_that_is_meant_for_it(
    control: Control, stages: Callable[[Control], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stages(control)
    # On the whole server it passes, or failing would prove nothing.
    whole = stage.expect_pass(control.check, control.passing)
    stage.expect_pass(control.spares, control.name)
    if control.waits:
        lose_patience(monkeypatch)
    try:
        with truncate_differences():
            broken = stage.run(control.check, control.name)
    except (AssertionError, pytest.fail.Exception):  # the latter is what `pytest.raises` raises
        return
    observes = CHECKS[control.check].severity == "observe"
    if not (observes and _differs(whole, broken)):
        pytest.fail(f"{control.check} passes {control.name}", pytrace=False)


def _differs(whole: Sequence[Findings], broken: Sequence[Findings]) -> bool:
    """Whether other things were observed, or numbers measured that are half or twice as much."""
    if [each.observations for each in whole] != [each.observations for each in broken]:
        return True
    pairs = zip(_list_medians(whole), _list_medians(broken), strict=True)
    return any(high > 2 * low for low, high in map(sorted, pairs))


def _list_medians(findings: Sequence[Findings]) -> list[float]:
    return [median(each.values) for found in findings for each in found.measurements]


def test_every_check_of_a_server_has_a_control() -> None:
    uncontrolled = CHECKS.keys() - {control.check for control in CONTROLS}
    assert not uncontrolled, f"checks without a negative control: {sorted(uncontrolled)}"


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_control_is_of_checks_that_are_there_and_of_its_protocol(control: Control) -> None:
    for slug in (control.check, control.spares):
        check: Check | None = CHECKS.get(slug)
        assert check is not None, f"there is no check {slug}"
        assert check.http in (None, control.http), f"{slug} is not about HTTP/{control.http}"


def test_no_control_stands_in_the_table_twice() -> None:
    assert len({str(control) for control in CONTROLS}) == len(CONTROLS)
