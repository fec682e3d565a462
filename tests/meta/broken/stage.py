"""The stage: runs the checks of the suite as functions, on a subject that can be told to err."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing
from types import ModuleType
from typing import Any

import pytest
from asgi_conformance.cells import Cell
from asgi_conformance.checks import find_check
from asgi_conformance.client import Client, eventually
from asgi_conformance.exchange import Ending
from asgi_conformance.findings import Findings
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.process import ServerProcess
from asgi_conformance.record import Record
from asgi_conformance.server.probing import Probe

from broken.fixtures import Fixtures, list_calls

_IMPATIENCE = 0.5
_SHUTDOWN_SECONDS = 3.0


class Stage:
    """Runs checks in one cell, whose subject is whole or broken; see `broken.switch`."""

    def __init__(
        self, cell: Cell, directories: pytest.TempPathFactory, *, strict: bool = False
    ) -> None:
        """`strict` has a check that is skipped fail: it would show nothing."""
        self._cell = cell
        self._strict = strict
        self._directories = directories
        self._host = Host(cell, directories.mktemp("shared"))
        self._own: dict[ModuleType, Fixtures] = {}
        self._passed: dict[tuple[str, str], list[Findings]] = {}

    def run(self, slug: str, mistake: str = "") -> list[Findings]:
        """Run a check; what it found beside its verdict, of each subject that it had.

        Raises what it raises, `AssertionError` where it fails.
        """
        check = find_check(slug)
        module = sys.modules[check.__module__]
        host = self._find_host(module)
        _switch(host, mistake)
        _clear_caches(module)
        with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
            # For the servers that a check starts for itself.
            patch.setenv("BROKEN_BY", mistake)

            subjects = [_attach(host, stack)]

            def start_subject(**changes: Any) -> Subject:
                own = Host(self._cell, self._directories.mktemp("own"), **changes)
                stack.callback(own.stop)
                subjects.append(_attach(own, stack))
                return subjects[-1]

            given = {
                **self._given,
                "asgi_host": host,
                "subject": subjects[0],
                "start_subject": start_subject,
                "probe": Probe(subjects[0]),
                "start_probe": lambda **changes: Probe(start_subject(**changes)),
                "tmp_path": self._directories.mktemp("check"),
            }
            for call in list_calls(check):
                with closing(Fixtures(module, {**given, **call})) as fixtures:
                    try:
                        check(**fixtures.find_all(check))
                    except pytest.skip.Exception as skipped:
                        if not self._strict:
                            raise
                        raise AssertionError(f"not applicable: {skipped}") from skipped
            return [subject.findings for subject in subjects]

    def expect_pass(self, slug: str, mistake: str = "") -> list[Findings]:
        """Run a check that is to pass; once, however often it is asked for."""
        if (slug, mistake) not in self._passed:
            self._passed[slug, mistake] = self.run(slug, mistake)
        return self._passed[slug, mistake]

    def stop(self) -> None:
        self._host.stop()
        for fixtures in self._own.values():
            fixtures.close()

    @property
    def _given(self) -> dict[str, object]:
        return {"asgi_cell": self._cell, "tmp_path_factory": self._directories}

    def _find_host(self, module: ModuleType) -> Host:
        """The host of a check's module: its own where it has one, else the one for all."""
        if "asgi_host" not in vars(module):
            return self._host
        fixtures = self._own.setdefault(module, Fixtures(module, self._given))
        host = fixtures.find("asgi_host")
        assert isinstance(host, Host)
        return host


def _attach(host: Host, stack: ExitStack) -> Subject:
    subject = host.attach()
    stack.callback(subject.leave)
    return subject


def _switch(host: Host, mistake: str) -> None:
    subject = host.attach()
    switched = subject.client.request("POST", f"/break/{mistake}", body=b"").read_all()
    subject.leave()
    if switched.ending is not Ending.CLEAN or switched.status != 204:
        host.stop()  # the next check gets a server anew
        raise LookupError(f"the switch does not take {mistake!r}")


def _clear_caches(module: ModuleType) -> None:
    """Forget what the checks of a module keep for each other: it is not of this mistake."""
    for value in vars(module).values():
        if callable(clear := getattr(value, "cache_clear", None)):
            clear()


def lose_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits of the suite: what is known not to come need not be waited for."""
    for function, name in (
        (Record.wait_for, "timeout"),
        (eventually, "timeout"),
        (Client.__init__, "deadline"),
    ):
        defaults = {**(function.__kwdefaults__ or {}), name: _IMPATIENCE}
        monkeypatch.setattr(function, "__kwdefaults__", defaults)
    monkeypatch.setattr(Record.wait_for_end, "__defaults__", (_IMPATIENCE,))
    monkeypatch.setattr(Record.wait_for_quiet, "__defaults__", (0.3, 2 * _IMPATIENCE))
    wait = ServerProcess.wait
    monkeypatch.setattr(
        ServerProcess, "wait", lambda self, timeout: wait(self, min(timeout, _SHUTDOWN_SECONDS))
    )
