"""The lifespan as the application sees it (ASGI lifespan)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.lifespan import (
    COMPLETE_SHUTDOWN,
    COMPLETE_STARTUP,
    SHUTDOWN,
    STARTUP,
    StartProbe,
    describe_end,
    is_served,
    read_lifespan_scope,
    require_lifespan,
)
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import catching, fail, leave, receive, send, wait

_SCOPE = "lifespan.rst, Scope"
_ERRORS = "asgi.rst, Error Handling"


@check("lifespan-scope", requirement="LF-01", reference=_SCOPE, own=True, slow=True)
def test_lifespan_scope(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    scope = read_lifespan_scope(start_probe())
    assert scope["type"] == "lifespan"
    assert isinstance(scope["asgi"]["version"], str), f'scope["asgi"] is {scope["asgi"]}'
    spec_version = scope["asgi"].get("spec_version", "1.0")
    assert isinstance(spec_version, str), f"spec_version is {spec_version!r}"


@check(
    "lifespan-spec-version",
    severity="observe",
    requirement="LF-01",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_spec_version(probe: Probe, start_probe: StartProbe) -> None:
    # That of the lifespan, of which there are 1.0 and 2.0.
    require_lifespan(probe)
    asgi = read_lifespan_scope(start_probe())["asgi"]
    probe.observe(str(asgi.get("spec_version", "not told")))


@check(
    "lifespan-once",
    severity="should",
    requirement="LF-09",
    reference="lifespan.rst, Lifespan Protocol",
    own=True,
    slow=True,
)
def test_lifespan_once(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe()
    for _ in range(2):
        own.get()
    calls = own.lifespan.select("call")
    assert len(calls) == 1, f"the application is called for {len(calls)} lifespans"


@check(
    "lifespan-same-event-loop",
    requirement="LF-11",
    reference="lifespan.rst, Lifespan Protocol",
    own=True,
    slow=True,
)
def test_lifespan_same_event_loop(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe()
    of_lifespan = own.lifespan.wait_for("scope").fields["loop"]
    of_request = own.record(own.get()).wait_for("scope").fields["loop"]
    assert of_lifespan is not None, "the lifespan runs in no event loop"
    assert of_request == of_lifespan, "the request runs in another event loop"


@check("lifespan-lasts", requirement="LF-12", reference=_SCOPE, own=True, slow=True)
def test_lifespan_lasts(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe()
    own.get()
    # It waits for the shutdown, undisturbed.
    names = [event.name for event in own.lifespan.events]
    assert names[-1] == "receive-begin", f"{names[-1]}: {own.lifespan.events[-1]}"


@check(
    "lifespan-unknown-event-raises",
    severity="should",
    requirement="EV-01",
    reference=_ERRORS,
    own=True,
    slow=True,
)
def test_lifespan_unknown_event_raises(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    unknown = catching(send({"type": "lifespan.startup.done"}))
    own = start_probe(lifespan=[receive(), unknown, COMPLETE_STARTUP, *SHUTDOWN])
    assert own.lifespan.select("send-failed"), "send() takes it without an exception"


@check(
    "lifespan-additional-keys",
    severity="should",
    requirement="EV-06",
    reference=_ERRORS,
    own=True,
    slow=True,
)
def test_lifespan_additional_keys(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    complete = send({"type": "lifespan.startup.complete", "more": 1})
    own = start_probe(lifespan=[receive(), complete, *SHUTDOWN])
    failed = own.lifespan.select("send-failed")
    assert not failed, f"send() raises for a key that it does not know: {failed[0]}"


def _observe_later(probe: Probe, own: Probe) -> None:
    """Have the lifespan end while the server serves, and see how that goes on."""
    own.get()
    own.lifespan.release(1)
    own.lifespan.wait_for_end()
    # A server that stops for it may take its time; one that goes on answers at once.
    status = own.process.wait(0.5)
    if status is not None:
        probe.observe(f"the server exits with status {status}")
        return
    probe.observe("the server serves on" if is_served(own) else "the server answers nobody")


@check(
    "lifespan-raises-later",
    severity="observe",
    requirement="LF-08",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_raises_later(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    _observe_later(probe, start_probe(lifespan=[*STARTUP, wait(), fail()]))


@check(
    "lifespan-returns-later",
    severity="observe",
    requirement="LF-08",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_returns_later(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    _observe_later(probe, start_probe(lifespan=[*STARTUP, wait(), leave()]))


@check(
    "lifespan-returned-shutdown",
    severity="observe",
    requirement="LF-08",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_returned_shutdown(probe: Probe, start_probe: StartProbe) -> None:
    # Nobody is left to be told of the shutdown.
    require_lifespan(probe)
    own = start_probe(lifespan=[*STARTUP, leave()])
    own.lifespan.wait_for_end()
    own.process.terminate()
    probe.observe(describe_end(own))


@check(
    "lifespan-raises-in-shutdown",
    severity="observe",
    requirement="LF-08",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_raises_in_shutdown(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=[*STARTUP, receive(), fail()])
    own.process.terminate()
    probe.observe(describe_end(own))


@check(
    "lifespan-raises-after-shutdown",
    severity="observe",
    requirement="LF-08",
    reference=_SCOPE,
    own=True,
    slow=True,
)
def test_lifespan_raises_after_shutdown(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe(lifespan=[*STARTUP, receive(), COMPLETE_SHUTDOWN, fail()])
    own.process.terminate()
    probe.observe(describe_end(own))
