"""The lifespan's state, and what requests are given of it (ASGI lifespan, Lifespan State)."""

from __future__ import annotations

import uuid

from asgi_conformance.checks import check
from asgi_conformance.server.lifespan import (
    COMPLETE_SHUTDOWN,
    COMPLETE_STARTUP,
    SHUTDOWN,
    STARTUP,
    StartProbe,
    list_states,
    read_lifespan_scope,
    require_lifespan,
    wait_for_shutdown,
)
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    append_state,
    body,
    note,
    receive,
    set_state,
    start,
    tell_state,
    wait,
)

_STATE = "lifespan.rst, Lifespan State"


@check("scope-state-copied", requirement="SC-10", reference=_STATE)
def test_scope_state_copied(probe: Probe) -> None:
    probe.require_state()
    # A name of its own: what an earlier check found a server to keep is not this one's finding.
    name = uuid.uuid4().hex
    probe.get([set_state(name, 1), start(), body()])
    assert name not in probe.scope(probe.request())["state"]


@check("scope-state-shallow", requirement="SC-37", reference=_STATE)
def test_scope_state_shallow(probe: Probe) -> None:
    probe.require_state()
    # The lifespan of the probe has bound the key to a list, in which all requests write.
    mark = str(uuid.uuid4())
    first = probe.request([append_state("probe", mark), start(), body()])
    assert first.read_all().status == 200, "what the lifespan left in the state is not there"
    second = probe.scope(probe.request())["state"]["probe"]
    assert mark in second, "each request has a list of its own"


@check(
    "lifespan-state-empty",
    requirement="LF-13",
    reference="lifespan.rst, Scope",
    own=True,
    slow=True,
)
def test_lifespan_state_empty(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.require_state()
    assert read_lifespan_scope(start_probe())["state"] == {}


@check("lifespan-state-in-both-scopes", requirement="LF-14", reference=_STATE, own=True, slow=True)
def test_lifespan_state_in_both_scopes(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    own = start_probe()
    in_lifespan = "state" in read_lifespan_scope(own)
    in_request = "state" in own.scope(own.get())
    assert in_lifespan == in_request, f"lifespan: {in_lifespan}, request: {in_request}"


@check("lifespan-state-untouched", requirement="LF-15", reference=_STATE, own=True, slow=True)
def test_lifespan_state_untouched(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.require_state()
    bound = [set_state("text", "x"), set_state("list", [1, 2]), set_state("", None)]
    own = start_probe(lifespan=[receive(), *bound, COMPLETE_STARTUP, *SHUTDOWN])
    state = own.scope(own.get())["state"]
    assert state == {"text": "x", "list": [1, 2], "": None}


@check("lifespan-state-kept", requirement="LF-15", reference=_STATE, own=True, slow=True)
def test_lifespan_state_kept(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.require_state()
    ending = [receive(), tell_state(), note("told"), COMPLETE_SHUTDOWN]
    own = start_probe(lifespan=[receive(), set_state("pool", 1), COMPLETE_STARTUP, *ending])
    wait_for_shutdown(own)
    own.lifespan.wait_for("note")
    assert list_states(own) == [{"pool": 1}], "what is to be closed at the end is to be there"


@check("lifespan-state-own", requirement="SC-10", reference=_STATE, own=True, slow=True)
def test_lifespan_state_own(probe: Probe, start_probe: StartProbe) -> None:
    require_lifespan(probe)
    probe.require_state()
    own = start_probe(lifespan=[*STARTUP, wait(), tell_state(), note("told"), *SHUTDOWN])
    own.get([set_state("of-one-request", 1), start(), body()])
    own.lifespan.release(1)
    own.lifespan.wait_for("note")
    assert list_states(own) == [{}], "what a request binds is in the lifespan's namespace"


@check(
    "lifespan-state-late",
    severity="observe",
    requirement="SC-10",
    reference=_STATE,
    own=True,
    slow=True,
)
def test_lifespan_state_late(probe: Probe, start_probe: StartProbe) -> None:
    # What is bound when requests are already served: a copy may have been made before.
    require_lifespan(probe)
    probe.require_state()
    own = start_probe(lifespan=[*STARTUP, wait(), set_state("late", 1), note("bound"), *SHUTDOWN])
    own.get()
    own.lifespan.release(1)
    own.lifespan.wait_for("note")
    late = "late" in own.scope(own.get())["state"]
    probe.observe("later requests have it" if late else "later requests do not have it")
