"""The pytest plugin: options, cells, the `subject` fixture, expectations, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asgi_conformance.cells import Cell, add_options, choose_cells
from asgi_conformance.checks import read_check, truncate_differences
from asgi_conformance.expectations import DIRECTORY, read_deviations
from asgi_conformance.hosting import Host, Subject

if TYPE_CHECKING:
    from xdist.remote import Producer

    from asgi_conformance.scheduling import CellScheduling

_SHOWN = 4000


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "asgi_check(check): a check of the conformance suite")
    config.addinivalue_line("markers", "asgi_own: the check needs a server process of its own")
    config.addinivalue_line("markers", "asgi_slow: the check takes more than a tenth of a second")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CellScheduling | None:
    try:
        cells = choose_cells(config)
    except pytest.UsageError:
        return None  # no check is to be run
    # Only here: without pytest-xdist there is nothing to import.
    from asgi_conformance.scheduling import CellScheduling

    return CellScheduling(config, log, [str(cell) for cell in cells])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "asgi_cell" not in metafunc.fixturenames:
        return
    try:
        cells: list[Cell] = choose_cells(metafunc.config)
    except pytest.UsageError:
        cells = []  # said once, when all is collected
    parameters = [pytest.param(cell, id=str(cell)) for cell in cells]
    metafunc.parametrize("asgi_cell", parameters, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    checks = [item for item in items if "asgi_cell" in getattr(item, "fixturenames", ())]
    if not checks:
        return
    cells = choose_cells(config)  # raises the usage error
    directories = [DIRECTORY, *config.getini("asgi_expectations")]
    deviations = [known for directory in directories for known in read_deviations(directory)]
    for item in checks:
        described = read_check(item)
        callspec = getattr(item, "callspec", None)
        if described is None or callspec is None:
            continue
        cell: Cell = callspec.params["asgi_cell"]
        if described.own and cell.gzip and replace(cell, gzip=False) in cells:
            item.add_marker(pytest.mark.skip("gzip makes no difference: see the plain cell"))
        if described.severity == "observe":
            item.add_marker(
                pytest.mark.xfail(strict=False, raises=AssertionError, reason="observed only")
            )
        for deviation in deviations:
            if deviation.check == described.slug and deviation.applies_to(cell):
                reason = f"{deviation.deviation} ({deviation.reason})"
                item.add_marker(
                    pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)
                )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    if read_check(item) is None:
        return (yield)
    with truncate_differences():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    subject = getattr(item, "funcargs", {}).get("subject")
    if report.when == "call" and not report.passed and isinstance(subject, Subject):
        report.sections.extend((title, text[-_SHOWN:]) for title, text in subject.describe())
    return report


@pytest.fixture(scope="session")
def asgi_cell(request: pytest.FixtureRequest) -> Cell:
    """The cell whose turn it is."""
    cell: Cell = request.param
    return cell


@pytest.fixture(scope="session")
def asgi_host(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The cell's server, started for the first check that needs it."""
    host = Host(asgi_cell, tmp_path_factory.mktemp(str(asgi_cell)))
    yield host
    host.stop()


@pytest.fixture
def subject(asgi_host: Host) -> Iterator[Subject]:
    """The running cell: its client, its recorder, its files, its settings."""
    subject = asgi_host.attach()
    yield subject
    subject.leave()
    if not subject.alive:
        pytest.fail("the server's process ended during this check", pytrace=False)


@pytest.fixture
def start_subject(asgi_cell: Cell, tmp_path: Path) -> Iterator[Callable[..., Subject]]:
    """Start one more server of the cell, for this test alone: `Host`'s keywords change it.

    For what a shared server cannot show: another configuration, a `root_path`, the shutdown.
    """
    hosts: list[Host] = []
    subjects: list[Subject] = []

    def start(**changes: object) -> Subject:
        directory = tmp_path / str(len(hosts))
        directory.mkdir()
        hosts.append(Host(asgi_cell, directory, **changes))  # type: ignore[arg-type]
        subjects.append(hosts[-1].attach())
        return subjects[-1]

    yield start
    for subject in subjects:
        subject.leave()
    for host in hosts:
        host.stop()
