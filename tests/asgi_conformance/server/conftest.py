"""The fixtures of the server layer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asgi_conformance.hosting import Subject
from asgi_conformance.server.probing import Probe


@pytest.fixture
def probe(subject: Subject) -> Probe:
    """The running server with the probe."""
    return Probe(subject)


@pytest.fixture
def start_probe(start_subject: Callable[..., Subject]) -> Callable[..., Probe]:
    """Start one more server with the probe, for this check alone; see `start_subject`."""
    return lambda **changes: Probe(start_subject(**changes))
