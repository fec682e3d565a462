"""What the suite does under a server that calls the application for whole requests only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_conformance import gathering
from asgi_conformance.cells import Cell
from asgi_conformance.gathering import NOT_CALLED, gathers, wait_until_left
from asgi_conformance.hosting import Host, Subject
from asgi_conformance.uploading import Listing, begin_put


@pytest.fixture(params=["uvicorn", "daphne"])
def subject(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Subject]:
    """The reference under a server that gathers, and under one that does not."""
    pytest.importorskip(request.param)
    monkeypatch.setattr(gathering, "_found", {})
    host = Host(Cell("raw_asgi.main:app", request.param, gzip=False), tmp_path)
    subject = host.attach()
    yield subject
    subject.leave()
    host.stop()


def test_whether_a_server_gathers_is_found_out_and_leaves_nothing(subject: Subject) -> None:
    listing = Listing(subject)
    assert gathers(subject) is (subject.cell.server == "daphne")
    assert not listing.new


def test_half_a_request_is_left_or_was_never_begun(subject: Subject) -> None:
    answer = begin_put(subject, "half", 1000, b"x" * 500)
    assert bool(subject.record(answer).body_bytes_received) is not gathers(subject)
    answer.close()
    expected = NOT_CALLED if gathers(subject) else "returned"
    assert wait_until_left(subject, answer) == expected
