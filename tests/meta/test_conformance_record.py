"""Records: what waiting for an application's pause takes for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asgi_conformance.record import Event, Record


def _record_process(catch_up: Callable[[Record], None]) -> Record:
    """A record of a process that does `catch_up` before it answers."""
    record = Record("1", lambda _order: None, lambda: catch_up(record))
    record.add(Event("send-begin", {}))
    return record


def test_an_application_that_sends_no_more_has_paused() -> None:
    _record_process(lambda _record: None).wait_for_quiet(0.01, timeout=0.0)


def test_an_application_that_has_ended_is_quiet() -> None:
    record = _record_process(lambda record: record.add(Event("send-end", {})))
    record.add(Event("end", {}))
    record.wait_for_quiet(0.01, timeout=0.0)


def test_a_process_that_stalls_is_no_application_that_waits() -> None:
    record = _record_process(lambda record: record.add(Event("send-end", {})))
    with pytest.raises(AssertionError, match="the application never paused"):
        record.wait_for_quiet(0.01, timeout=0.05)
