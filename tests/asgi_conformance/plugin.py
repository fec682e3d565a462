"""The pytest plugin: options, cells, the `subject` fixture; judging and publishing are its own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from asgi_conformance.admission import admit, find_host, skip_refused
from asgi_conformance.cells import Cell, add_options, list_cells
from asgi_conformance.checks import read_check, truncate_differences
from asgi_conformance.collecting import parametrize, select
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.judging import SUBJECTS, Judging
from asgi_conformance.publishing import Publishing, add_report_options

if TYPE_CHECKING:
    from xdist.remote import Producer

    from asgi_conformance.scheduling import CellScheduling


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)
    add_report_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "asgi_check(check): a check of the conformance suite")
    config.addinivalue_line("markers", "asgi_own: the check needs a server process of its own")
    config.addinivalue_line("markers", "asgi_slow: the check takes more than a tenth of a second")
    config.pluginmanager.register(Judging(config), "asgi_conformance judging")
    if not hasattr(config, "workerinput"):  # what the workers of pytest-xdist have
        config.pluginmanager.register(Publishing(config), "asgi_conformance publishing")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> CellScheduling | None:
    cells = list_cells(config)
    if not cells:
        return None  # no check is to be run
    # Only here: without pytest-xdist there is nothing to import.
    from asgi_conformance.scheduling import CellScheduling

    return CellScheduling(config, log, cells)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize(metafunc)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    select(config, items)  # raises the usage error


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    skip_refused(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    if read_check(item) is None:
        return (yield)
    with truncate_differences():
        return (yield)


@pytest.fixture(scope="session")
def asgi_cell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cell]:
    """The cell whose turn it is; its server runs and answers."""
    cell: Cell = request.param
    with admit(request.config, cell, tmp_path_factory.mktemp(str(cell))):
        yield cell


@pytest.fixture(scope="session")
def asgi_host(asgi_cell: Cell, request: pytest.FixtureRequest) -> Host:
    """The cell's server, which all its checks share."""
    return find_host(request.config, asgi_cell)


@pytest.fixture
def subject(asgi_host: Host) -> Iterator[Subject]:
    """The running cell: its client, its recorder, its files, its settings."""
    subject = asgi_host.attach()
    yield subject
    subject.leave()
    if not subject.alive:
        pytest.fail("the server's process ended during this check", pytrace=False)


@pytest.fixture
def start_subject(
    asgi_cell: Cell, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Subject]]:
    """Start one more server of the cell, for this test alone: `Host`'s keywords change it.

    For what a shared server cannot show: another configuration, a `root_path`, the shutdown.
    """
    hosts: list[Host] = []
    subjects: list[Subject] = request.node.stash.setdefault(SUBJECTS, [])

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
