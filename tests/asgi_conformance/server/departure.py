"""Departure: that an application is told when its client is gone."""

from __future__ import annotations

from contextlib import suppress

from asgi_conformance.answer import Answer
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, receive_until

LISTENING: Script = (receive_until("http.disconnect"),)
"""Receives what there is of a request, then waits for its client's leaving."""

_SOON = 1.0


def wait_for_listening(probe: Probe, answer: Answer) -> None:
    """Wait until the application is in `receive`, with nothing to come but its client's leaving.

    The request has no body. Of a server that has no `http.request` for it, which is for other
    checks, the first call is waited in.
    """
    record = probe.record(answer)
    record.wait_for("receive-begin")
    with suppress(AssertionError):
        record.wait_for("receive-begin", count=2, timeout=_SOON)


def is_cancelled(probe: Probe, answer: Answer) -> bool:
    """Whether the server has cancelled the application by now."""
    ended = probe.record(answer).ended
    return ended is not None and ended.how == "cancelled"


def check_told(probe: Probe, answer: Answer) -> None:
    """Check that the application learns that its client is gone; fails at the deadline.

    The text knows one way, `http.disconnect`. A server that cancels the application tells it,
    too, though ASGI does not speak of that, and nobody is left to call `receive`.
    """
    record = probe.record(answer)
    try:
        record.wait_for(lambda event: event.type == "http.disconnect" or event.name == "end")
    except AssertionError:
        raise AssertionError("the application is not told that the client is gone") from None
    told = record.select("receive", "http.disconnect")
    assert told or is_cancelled(probe, answer), f"the application ended untold: {record.ended}"
