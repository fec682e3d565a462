"""Negative controls: what the suite must notice, it notices.

A check is called on the whole application, where it must pass, and on the same one with a
mistake, where it must fail. Both are run by one real server; see `broken.switch`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from asgi_conformance.cells import Cell
from asgi_conformance.checks import list_checks, truncate_differences
from broken.control import Control
from broken.controls import CONTROLS
from broken.stage import Stage, lose_patience


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Control], Stage]]:
    """Finds the stage for a control: its server, with gzip or without."""
    found: dict[Cell, Stage] = {}

    def find(control: Control) -> Stage:
        cell = Cell("broken.switch:app", control.server, control.gzip)
        if cell not in found:
            found[cell] = Stage(cell, tmp_path_factory)
        return found[cell]

    yield find
    for stage in found.values():
        stage.stop()


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_check_notices_the_mistake_that_is_meant_for_it(
    control: Control, stages: Callable[[Control], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stages(control)
    # On the whole application it passes, or failing would prove nothing.
    stage.expect_pass(control.check, control.passing)
    stage.expect_pass(control.spared, control.name)
    if control.waits:
        lose_patience(monkeypatch)
    try:
        with truncate_differences():
            stage.run(control.check, control.name)
    except (AssertionError, pytest.fail.Exception):  # the latter is what `pytest.raises` raises
        return
    pytest.fail(f"{control.check} passes {control.name}", pytrace=False)


def test_every_check_of_an_endpoint_has_a_control() -> None:
    controlled = {control.check for control in CONTROLS}
    # Those of the server layer have a requirement, and controls of their own.
    checks = {check.slug for check in list_checks() if check.requirement is None}
    uncontrolled = checks - controlled
    assert not uncontrolled, f"checks without a negative control: {sorted(uncontrolled)}"


def test_every_control_is_of_a_check() -> None:
    named = {slug for control in CONTROLS for slug in (control.check, control.spared)}
    unknown = named - {check.slug for check in list_checks()}
    assert not unknown, f"controls of checks that are not there: {sorted(unknown)}"


def test_no_control_stands_in_the_table_twice() -> None:
    assert len({str(control) for control in CONTROLS}) == len(CONTROLS)
