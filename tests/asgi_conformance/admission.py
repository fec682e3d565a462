"""Admission: a cell's server is started once and must answer; else no check is blamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asgi_conformance.cells import Cell
from asgi_conformance.hosting import Host
from asgi_conformance.process import DoesNotStart
from asgi_conformance.smoke import try_one_request

_REFUSED = pytest.StashKey[set[Cell]]()
_HOSTS = pytest.StashKey[dict[Cell, Host]]()


@contextmanager
def admit(config: pytest.Config, cell: Cell, directory: Path) -> Iterator[None]:
    """Run the cell's server; `find_host` finds it. Fails where it does not start."""
    host = Host(cell, directory)
    refusal = _find_refusal(host)
    if refusal is not None:
        host.stop()
        config.stash.setdefault(_REFUSED, set()).add(cell)
        pytest.fail(f"the subject {cell} does not start: {refusal}", pytrace=False)
    hosts = config.stash.setdefault(_HOSTS, {})
    hosts[cell] = host
    yield
    del hosts[cell]
    host.stop()


def find_host(config: pytest.Config, cell: Cell) -> Host:
    """The host of an admitted cell."""
    return config.stash[_HOSTS][cell]


def skip_refused(item: pytest.Item) -> None:
    """Skip a check whose cell was refused before."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return
    if callspec.params.get("asgi_cell") in item.config.stash.get(_REFUSED, ()):
        pytest.skip("not run: the subject does not start")


def _find_refusal(host: Host) -> str | None:
    # Told by a value, or what is shown would have the whole traceback of this exception.
    try:
        subject = host.attach()
        try:
            try_one_request(subject)
        finally:
            subject.leave()
    except DoesNotStart as error:
        return str(error)
    return None
