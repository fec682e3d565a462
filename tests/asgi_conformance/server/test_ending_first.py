"""Applications that fail before they have sent anything.

In a server of their own: of those that a failure in mid-answer spoils, it would be seen here.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.cells import Cell
from asgi_conformance.checks import check
from asgi_conformance.hosting import Host
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_answered_with_error
from asgi_conformance.server.script import fail, receive_body

_FAILING = "asgi.rst, Error Handling: must terminate the instance and its connection"


@pytest.fixture(scope="module")
def asgi_host(asgi_cell: Cell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Takes the place of the cell's server in this module."""
    host = Host(asgi_cell, tmp_path_factory.mktemp(f"{asgi_cell}-failing"))
    yield host
    host.stop()


@check("ending-failure-first", requirement="TR-04", reference=_FAILING)
def test_ending_failure_first(probe: Probe) -> None:
    probe.hurry()
    check_answered_with_error(probe.get([fail()]))


@check(
    "ending-failure-first-500",
    severity="should",
    requirement="TR-04",
    reference=f"{_FAILING}; RFC 9110 §15.6.1",
)
def test_ending_failure_first_500(probe: Probe) -> None:
    probe.hurry()
    # The text is content with a closed connection; HTTP has a status for this.
    answer = probe.get([fail()])
    assert (answer.ending, answer.status) == (Ending.CLEAN, 500)


@check(
    "ending-failure-first-of-files",
    severity="should",
    requirement="TR-04",
    reference=f"{_FAILING}; RFC 9110 §15.6.1",
)
def test_ending_failure_first_of_files(probe: Probe) -> None:
    probe.hurry()
    answer = probe.get([fail("OSError")])
    assert (answer.ending, answer.status) == (Ending.CLEAN, 500)


@check(
    "ending-failure-first-with-upload",
    severity="should",
    requirement="TR-04",
    reference=f"{_FAILING}; RFC 9110 §15.6.1",
)
def test_ending_failure_first_with_upload(probe: Probe) -> None:
    probe.hurry()
    script = [receive_body(), fail()]
    answer = probe.request(script, "POST", body=b"hello")
    assert (answer.ending, answer.status) == (Ending.CLEAN, 500)
