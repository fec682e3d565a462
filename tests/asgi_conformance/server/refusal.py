"""What is refused, and how that shows: an application's message by an exception out of `send`."""

from __future__ import annotations

from asgi_conformance.client import Headers
from asgi_conformance.connection import Connection
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, Step, catching, leave

LAST_SENT = ("send-end", "send-failed")


def check_raises(
    probe: Probe,
    invalid: Step,
    before: Script = (),
    *,
    headers: Headers = (),
    connection: Connection | None = None,
) -> None:
    """Check that `send` raises for this message, and for none of those before it.

    It must be that very call: by the next one, the application has gone on with what it meant to
    do after it. The application swallows the exception and leaves. `headers` are the request's,
    which is made on `connection`, else on one of its own.
    """
    script = [*before, catching(invalid), leave()]
    answer = probe.request(script, headers=headers, connection=connection)
    record = probe.record(answer)
    record.wait_for_end()
    sends = [event.name for event in record.events if event.name in LAST_SENT]
    wanted = len([step for step in before if "send" in step]) + 1
    assert len(sends) == wanted, f"of {wanted} messages {len(sends)} came back from send()"
    assert "send-failed" not in sends[:-1], "send() raises for a message before it"
    assert sends[-1] == "send-failed", "send() takes it without an exception"


def describe_last(probe: Probe, answer_id: str) -> str:
    """How the last call of `send` went, as an observation."""
    record = probe.recorder.request(answer_id)
    record.wait_for_end()
    sends = [event for event in record.events if event.name in LAST_SENT]
    return "send() raises" if sends and sends[-1].name == "send-failed" else "send() returns"
