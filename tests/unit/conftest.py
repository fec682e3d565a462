"""What unit tests share: the event loops that they run in, the kinds of sources."""

from __future__ import annotations

import pytest
from sources import Making, RecordedSource, iterate_async


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run each `@pytest.mark.anyio` test in both event loops that raw_asgi supports."""
    backend: str = request.param
    return backend


@pytest.fixture(params=["sync", "async"])
def make_source(request: pytest.FixtureRequest) -> Making:
    """Makes the same rows a synchronous and an asynchronous source."""
    if request.param == "sync":
        return RecordedSource
    return lambda rows: RecordedSource(lambda: iterate_async(rows()))
