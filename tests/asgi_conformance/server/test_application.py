"""How the application is called, and where it runs (ASGI, Overview and Applications)."""

from __future__ import annotations

from collections.abc import Callable

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, receive_body, sleep, start

_NAMED_OTHERWISE = "asgi_conformance.server.calling:name_otherwise"

StartProbe = Callable[..., Probe]


@check("application-arguments", requirement="SC-12", reference="asgi.rst, Overview; Applications")
def test_application_arguments(probe: Probe) -> None:
    # Of other arguments, or of things that cannot be awaited, the recorder's part raises.
    answer = probe.request([receive_body(), start(), body("done")], "POST", body=b"hello")
    answer.read_all()
    events = probe.record(answer).events
    failed = [event for event in events if event.name in ("receive-failed", "send-failed")]
    assert not failed, f"receive and send are no awaitable callables: {failed[0]}"
    assert answer.body == b"done"


@check(
    "application-arguments-by-name",
    severity="observe",
    requirement="SC-12",
    reference="asgi.rst, Applications",
    own=True,
    slow=True,
)
def test_application_arguments_by_name(start_probe: StartProbe) -> None:
    # The text has names for the arguments, but does not say that parameters must have them.
    probe = start_probe(middleware=_NAMED_OTHERWISE)
    called = probe.get().status == 200
    probe.observe("called by position" if called else "called with scope=, receive=, send=")


@check("application-called-once", requirement="SC-13", reference="asgi.rst, Applications")
def test_application_called_once(probe: Probe) -> None:
    answer = probe.request([receive_body(), start(), body()], "POST", body=[b"one", b"two"])
    assert answer.read_all().status == 200
    record = probe.record(answer)
    record.wait_for_end()
    # One that calls it again has done so before it is through with another request.
    probe.record(probe.get()).wait_for_end()
    assert len(record.select("call")) == 1


@check(
    "application-runs-in-event-loop", requirement="SC-11", reference="asgi.rst, Overview", slow=True
)
def test_application_runs_in_event_loop(probe: Probe) -> None:
    # asyncio's, or trio's; to sleep takes one that runs.
    answer = probe.get([sleep(0.01), start(), body("done")])
    assert answer.body == b"done"
    loop = probe.record(answer).wait_for("scope").fields["loop"]
    assert loop is not None, "the application runs in no event loop"


@check(
    "application-main-thread",
    severity="observe",
    requirement="SC-11",
    reference="asgi.rst, Overview",
)
def test_application_main_thread(probe: Probe) -> None:
    event = probe.record(probe.get()).wait_for("scope")
    # The text says so, and elsewhere speaks of servers with several threads (lifespan.rst).
    probe.observe("the main thread" if event.fields["main_thread"] else "another thread")
