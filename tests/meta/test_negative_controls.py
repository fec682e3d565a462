"""Negative controls: what the suite must notice, it notices.

A check is called on the whole application, where it must pass, and on the same one with a
mistake, where it must fail. Both are run by one real server; see `broken.switch`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from asgi_conformance.cells import Cell
from asgi_conformance.checks import RULES, find_check, list_checks, truncate_differences
from asgi_conformance.client import eventually
from asgi_conformance.coding import write_text
from asgi_conformance.connection import DEADLINE
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.material import place_file
from asgi_conformance.record import Record
from broken.control import Control
from broken.controls import CONTROLS

_IMPATIENCE = 0.5


class Stage:
    """Runs checks on the application, whole or broken, in one cell."""

    def __init__(self, cell: Cell, directory: Path, root_path: str = "") -> None:
        self._cell = cell
        self._directory = directory
        self._host = Host(cell, directory, root_path=root_path)
        self._runs = 0
        self._passed: set[tuple[str, str]] = set()

    def run(self, slug: str, mistake: str = "", deadline: float = DEADLINE) -> None:
        """Run a check. Raises what it raises, `AssertionError` where it fails."""
        check = find_check(slug)
        own: list[tuple[Host, Subject]] = []

        def start_subject(
            *, environment: Mapping[str, str] | None = None, **changes: str
        ) -> Subject:
            broken = {**(environment or {}), "BROKEN_BY": mistake}
            host = Host(self._cell, self._make_directory(), environment=broken, **changes)
            own.append((host, host.attach()))
            return own[-1][1]

        subject = self._host.attach()
        subject.client.deadline = deadline
        fixtures = {
            "subject": subject,
            "target": place_file(subject.files, write_text(2000), suffix=".txt").target,
            "start_subject": start_subject,
            "tmp_path": self._make_directory(),
        }
        try:
            self._switch(subject, mistake)
            check(**{name: fixtures[name] for name in inspect.signature(check).parameters})
        finally:
            subject.leave()
            for host, its_subject in own:
                its_subject.leave()
                host.stop()

    def expect_pass(self, slug: str, mistake: str = "") -> None:
        """Run a check that is to pass; once, however often it is asked for."""
        if (slug, mistake) not in self._passed:
            self.run(slug, mistake)
            self._passed.add((slug, mistake))

    def stop(self) -> None:
        self._host.stop()

    def _switch(self, subject: Subject, mistake: str) -> None:
        switched = subject.client.request("POST", f"/break/{mistake}", body=b"")
        if switched.ending is not Ending.CLEAN or switched.status != 204:
            self._host.stop()  # the next check gets a server anew
            raise LookupError(f"the switch does not take {mistake!r}")

    def _make_directory(self) -> Path:
        self._runs += 1
        directory = self._directory / f"run-{self._runs}"
        directory.mkdir()
        return directory


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Control], Stage]]:
    """Finds the stage for a control: with gzip or without, mounted or not."""
    found: dict[tuple[bool, bool], Stage] = {}

    def find(control: Control) -> Stage:
        key = (control.gzip, control.mounted)
        if key not in found:
            middleware = "asgi_conformance.mounting:Mount" if control.mounted else None
            cell = Cell("broken.switch:app", "uvicorn", control.gzip, middleware)
            root_path = "/mounted" if control.mounted else ""
            found[key] = Stage(cell, tmp_path_factory.mktemp(str(cell)), root_path)
        return found[key]

    yield find
    for stage in found.values():
        stage.stop()


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_check_notices_the_mistake_that_is_meant_for_it(
    control: Control, stages: Callable[[Control], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stages(control)
    # On the whole application it passes, or failing would prove nothing.
    stage.expect_pass(control.check)
    stage.expect_pass(control.spared, control.name)
    deadline = DEADLINE
    if control.waits:
        deadline = _IMPATIENCE
        _lose_patience(monkeypatch)
    try:
        with truncate_differences():
            stage.run(control.check, control.name, deadline)
    except AssertionError:
        return
    pytest.fail(f"{control.check} passes {control.name}", pytrace=False)


def _lose_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits of the suite: what is known not to come need not be waited for."""
    for function in (Record.wait_for, eventually):
        defaults = {**(function.__kwdefaults__ or {}), "timeout": _IMPATIENCE}
        monkeypatch.setattr(function, "__kwdefaults__", defaults)
    monkeypatch.setattr(Record.wait_for_end, "__defaults__", (_IMPATIENCE,))


def test_every_rule_has_a_control() -> None:
    controlled = {control.check for control in CONTROLS}
    uncontrolled = RULES - {check.rule for check in list_checks() if check.slug in controlled}
    assert not uncontrolled, f"rules without a negative control: {sorted(uncontrolled)}"


def test_every_control_is_of_a_check() -> None:
    named = {slug for control in CONTROLS for slug in (control.check, control.spared)}
    unknown = named - {check.slug for check in list_checks()}
    assert not unknown, f"controls of checks that are not there: {sorted(unknown)}"


def test_no_control_stands_in_the_table_twice() -> None:
    assert len({str(control) for control in CONTROLS}) == len(CONTROLS)
