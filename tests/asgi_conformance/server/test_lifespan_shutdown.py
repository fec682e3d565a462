"""The end of the lifespan: when the application is told of it, and who waits for whom."""

from __future__ import annotations

from contextlib import suppress

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection, Hung, Reset
from asgi_conformance.server.http2 import Http2Connection
from asgi_conformance.server.lifespan import (
    COMPLETE_SHUTDOWN,
    STARTUP,
    StartProbe,
    check_exits,
    describe_end,
    list_lifespan_messages,
    require_lifespan,
    wait_for_shutdown,
)
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, body, note, receive, send, start, wait

_SHUTDOWN = "lifespan.rst, Shutdown - receive event"
_COMPLETE = "lifespan.rst, Shutdown Complete - send event"
_FAILED = "lifespan.rst, Shutdown Failed - send event"
_REASON = "the pool does not close"

_HELD: Script = (*STARTUP, receive(), wait(), note("cleaned up"), COMPLETE_SHUTDOWN)
"""A lifespan whose cleanup takes until the check releases it."""

_FAILING: Script = (
    *STARTUP,
    receive(),
    send({"type": "lifespan.shutdown.failed", "message": _REASON}),
)
_FAILING_SILENTLY: Script = (*STARTUP, receive(), send({"type": "lifespan.shutdown.failed"}))


@check("lifespan-shutdown-told", requirement="LF-18", reference=_SHUTDOWN, own=True, slow=True)
def test_lifespan_shutdown_told(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe()
    wait_for_shutdown(own)
    assert list_lifespan_messages(own)[1] == {"type": "lifespan.shutdown"}


@check(
    "lifespan-shutdown-kept-connection",
    severity="should",
    requirement="LF-18",
    reference=_SHUTDOWN,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_kept_connection(probe: Probe, start_probe: StartProbe) -> None:
    # It is idle, and the client would keep it: to close it is the server's part.
    require_lifespan(probe)
    own = start_probe()
    connection = own.connect()
    assert own.request(connection=connection).body == b"done"
    own.process.terminate()
    _read_to_the_end(connection)
    own.lifespan.wait_for("message", count=2)


def _read_to_the_end(connection: Connection) -> None:
    """Read until the server closes, or the deadline; on HTTP/2, answering its frames."""
    with suppress(Hung, Reset):
        if isinstance(connection, Http2Connection):
            connection.wait_for(lambda: False, "the end of the connection")
        else:
            connection.receive_until_closed()


@check("lifespan-shutdown-awaited", requirement="LF-06", reference=_COMPLETE, own=True, slow=True)
def test_lifespan_shutdown_awaited(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_HELD)
    wait_for_shutdown(own)
    # Without connections nothing else keeps a server: one that does not wait is gone by then.
    assert own.process.wait(1) is None, "the server ends before lifespan.shutdown.complete"
    own.lifespan.release(1)
    check_exits(own)
    ended = own.lifespan.ended
    assert own.lifespan.select("note"), f"the cleanup is not let finish: {ended}"


@check(
    "lifespan-shutdown-after-connections",
    requirement="LF-18",
    reference=_SHUTDOWN,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_after_connections(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_HELD)
    answer = own.request([start(), body("open", more=True), wait(), body("end")])
    answer.read_until(b"open")
    own.process.terminate()
    # A server may break the stream off at once; else it has 0.3 s to err, and a grace of 2 s.
    answer.is_silent(0.3)
    if not own.lifespan.select("message")[1:]:
        own.record(answer).release(1)
        own.lifespan.wait_for("message", count=2)
    # By now nothing more is to come; half a second is for what is on its way.
    answer.connection.deadline = 0.5
    assert answer.ending is not Ending.HUNG, "lifespan.shutdown comes while a stream is open"


@check(
    "lifespan-shutdown-after-accepting",
    requirement="LF-18",
    reference=_SHUTDOWN,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_after_accepting(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_HELD)
    wait_for_shutdown(own)
    try:
        answer = own.request()
    except OSError:
        return  # refused
    answer.is_silent(0.3)
    assert not own.record(answer).select("call"), "a request is taken after lifespan.shutdown"


@check(
    "lifespan-shutdown-endless-stream",
    severity="observe",
    requirement="LF-18",
    reference=_SHUTDOWN,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_endless_stream(probe: Probe, start_probe: StartProbe) -> None:
    # Where a server has such a setting, it is given two seconds of grace.
    require_lifespan(probe)
    own = start_probe()
    answer = own.request([start(), body("open", more=True), wait()])
    answer.read_until(b"open")
    own.process.terminate()
    own.process.wait(6)
    told = len(own.lifespan.select("message")) > 1
    probe.observe("lifespan.shutdown comes" if told else "lifespan.shutdown never comes")


@check(
    "lifespan-shutdown-failed-terminates",
    severity="should",
    requirement="LF-07",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_failed_terminates(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING)
    wait_for_shutdown(own)
    check_exits(own)


@check(
    "lifespan-shutdown-failed-logged",
    severity="should",
    requirement="LF-07",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_failed_logged(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING)
    wait_for_shutdown(own)
    own.process.wait(5)
    assert _REASON in own.process.output(), "the message is not in the server's output"


@check(
    "lifespan-shutdown-failed-status",
    severity="observe",
    requirement="LF-07",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_failed_status(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING)
    own.process.terminate()
    probe.observe(describe_end(own))


@check(
    "lifespan-shutdown-failed-without-message",
    severity="should",
    requirement="LF-19",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_shutdown_failed_without_message(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING_SILENTLY)
    wait_for_shutdown(own)
    check_exits(own)
    assert "KeyError" not in own.process.output(), "the message is optional"
