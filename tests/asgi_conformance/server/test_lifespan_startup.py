"""The start of the lifespan: who waits for whom, and what becomes of failures."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.lifespan import (
    COMPLETE_STARTUP,
    SHUTDOWN,
    StartProbe,
    check_exits,
    describe_end,
    describe_start,
    is_served,
    list_lifespan_messages,
    require_lifespan,
)
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Script, fail, leave, receive, send, wait

_SCOPE = "lifespan.rst, Scope"
_STARTUP = "lifespan.rst, Startup - receive event"
_COMPLETE = "lifespan.rst, Startup Complete - send event"
_FAILED = "lifespan.rst, Startup Failed - send event"
_REASON = "the database is not there"

_FAILING: Script = (receive(), send({"type": "lifespan.startup.failed", "message": _REASON}))
_FAILING_SILENTLY: Script = (receive(), send({"type": "lifespan.startup.failed"}))


@check("lifespan-startup-first", requirement="LF-16", reference=_STARTUP, own=True, slow=True)
def test_lifespan_startup_first(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(until_ready=False)
    # Asked for from the very start.
    answer = own.get()
    called = own.record(answer).wait_for("call")
    told = own.lifespan.wait_for("receive")
    assert list_lifespan_messages(own)[:1] == [{"type": "lifespan.startup"}]
    assert told.time < called.time, "a request comes before lifespan.startup"


@check("lifespan-startup-awaited", requirement="LF-02", reference=_COMPLETE, own=True, slow=True)
def test_lifespan_startup_awaited(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    script = [receive(), wait(), COMPLETE_STARTUP, *SHUTDOWN]
    own = start_probe(lifespan=script, until_ready=False)
    own.lifespan.wait_for("pause")
    answer = own.request()
    # A server that does not wait answers within milliseconds.
    assert answer.is_silent(0.3), "a client is answered before the startup is complete"
    assert not own.record(answer).select("call"), "the application is called before that"
    own.lifespan.release(1)
    assert answer.body == b"done", "who connected early is served when the startup is complete"


@check("lifespan-raises-at-once", requirement="LF-03", reference=_SCOPE, own=True, slow=True)
def test_lifespan_raises_at_once(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    _check_goes_on(start_probe(lifespan=[fail()], until_ready=False))


@check(
    "lifespan-raises-after-startup-event",
    requirement="LF-03",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_raises_after_startup_event(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    _check_goes_on(start_probe(lifespan=[receive(), fail()], until_ready=False))


def _check_goes_on(own: Probe) -> None:
    """Check that a server whose application raised in the lifespan serves, without a lifespan."""
    own.lifespan.wait_for_end()
    assert is_served(own), "the server must continue"
    own.process.terminate()
    check_exits(own)
    calls = own.lifespan.select("call")
    assert len(calls) == 1, f"the application is called for {len(calls)} lifespans"


@check(
    "lifespan-startup-failed-exits",
    severity="should",
    requirement="LF-04",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_exits(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    check_exits(start_probe(lifespan=_FAILING, until_ready=False))


@check(
    "lifespan-startup-failed-raised-exits",
    severity="should",
    requirement="LF-04",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_raised_exits(probe: Probe, start_probe: StartProbe) -> None:
    # Frameworks raise what made the startup fail after they have said so.
    require_lifespan(probe)
    check_exits(start_probe(lifespan=[*_FAILING, fail()], until_ready=False))


@check(
    "lifespan-startup-failed-logged",
    severity="should",
    requirement="LF-04",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_logged(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING, until_ready=False)
    own.lifespan.wait_for_end()
    own.process.wait(1)
    assert _REASON in own.process.output(), "the message is not in the server's output"


@check(
    "lifespan-startup-failed-serves-nobody",
    requirement="LF-02",
    reference=_COMPLETE,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_serves_nobody(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING, until_ready=False)
    assert not is_served(own), "a request is processed, and the startup is not complete"


@check(
    "lifespan-startup-failed-status",
    severity="observe",
    requirement="LF-04",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_status(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING, until_ready=False)
    probe.observe(describe_end(own))


@check(
    "lifespan-startup-failed-without-message",
    severity="should",
    requirement="LF-17",
    reference=_FAILED,
    own=True,
    slow=True,
)
def test_lifespan_startup_failed_without_message(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=_FAILING_SILENTLY, until_ready=False)
    check_exits(own)
    assert own.lifespan.ended is not None
    assert "KeyError" not in own.process.output(), "the message is optional"


@check(
    "lifespan-returns-at-once",
    severity="observe",
    requirement="LF-05",
    reference=_COMPLETE,
    own=True,
    slow=True,
)
def test_lifespan_returns_at_once(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.observe(describe_start(start_probe(lifespan=[leave()], until_ready=False)))


@check(
    "lifespan-returns-after-startup-event",
    severity="observe",
    requirement="LF-05",
    reference=_COMPLETE,
    own=True,
    slow=True,
)
def test_lifespan_returns_after_startup_event(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.observe(describe_start(start_probe(lifespan=[receive(), leave()], until_ready=False)))
