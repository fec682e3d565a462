"""The lifespan: what the checks of it share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_conformance.connection import DEADLINE
from asgi_conformance.server.probing import Probe, read_description
from asgi_conformance.server.script import Script, receive, send

COMPLETE_STARTUP = send({"type": "lifespan.startup.complete"})
COMPLETE_SHUTDOWN = send({"type": "lifespan.shutdown.complete"})

STARTUP: Script = (receive(), COMPLETE_STARTUP)
SHUTDOWN: Script = (receive(), COMPLETE_SHUTDOWN)

StartProbe = Callable[..., Probe]


def require_lifespan(probe: Probe) -> None:
    """Skip the check where the server does not call the application for a lifespan."""
    if not probe.lifespan.select("call"):
        pytest.skip("not applicable: the server has no lifespan")


def read_lifespan_scope(probe: Probe) -> dict[str, Any]:
    """The scope of the lifespan, as it was when the probe was called."""
    event = probe.lifespan.wait_for("scope")
    scope: dict[str, Any] = read_description(event.fields["scope"])
    return scope


def list_lifespan_messages(probe: Probe) -> list[dict[str, Any]]:
    """What the lifespan has received so far."""
    events = probe.lifespan.select("message")
    return [read_description(event.fields["message"]) for event in events]


def list_states(probe: Probe) -> list[dict[str, Any]]:
    """The namespace of the lifespan, each time that its script has told it."""
    events = probe.lifespan.select("state")
    return [read_description(event.fields["state"]) for event in events]


def wait_for_shutdown(probe: Probe) -> None:
    """Tell the server to stop, and wait until the lifespan has received a second message."""
    probe.process.terminate()
    probe.lifespan.wait_for("message", count=2)


def check_exits(probe: Probe) -> None:
    """Check that the server ends by itself before the deadline."""
    assert probe.process.wait(DEADLINE) is not None, f"the server still runs {DEADLINE} s later"


def describe_end(probe: Probe) -> str:
    """How a server ends that is to do so; negative statuses are those of signals."""
    status = probe.process.wait(DEADLINE)
    return "the server runs on" if status is None else f"exit status {status}"


def is_served(probe: Probe) -> bool:
    """Whether the application is called for a request, now or within the deadline."""
    try:
        answer = probe.request().read_all()
    except OSError:
        return False  # nobody takes connections any more
    return bool(probe.record(answer).select("call"))


def describe_start(probe: Probe) -> str:
    """What becomes of a server that was not waited for: whether it serves, ends, or waits."""
    served = is_served(probe)
    status = None if served else probe.process.wait(1)
    if status is not None:
        return f"the server exits with status {status}"
    return "the server serves" if served else "the server waits"
