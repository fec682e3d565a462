"""Streaming: whether a server calls the application while the request's body is still to come."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import pytest

from asgi_conformance.process import ServerProcess
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, receive_body, start

_FOUND: WeakKeyDictionary[ServerProcess, bool] = WeakKeyDictionary()


def require_streaming(probe: Probe) -> None:
    """Skip the check where the server takes the whole body before it calls the application.

    The text allows it to. Each process is asked once, since the answer may take the deadline.
    """
    if probe.process not in _FOUND:
        answer = probe.request([receive_body(), start(), body()], "POST", upload=1)
        try:
            probe.record(answer).wait_for("call")
        except AssertionError:
            _FOUND[probe.process] = False
        else:
            _FOUND[probe.process] = True
        answer.reset()
    if not _FOUND[probe.process]:
        pytest.skip("not applicable: the application is called when the whole body is there")
