"""Applications of the older style, of two callables."""

from __future__ import annotations

from collections.abc import Callable

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.process import DoesNotStart
from asgi_conformance.server.probing import OK, Probe

_LEGACY = "asgi.rst, Legacy Applications: encouraged to support, gradually drop"


@check(
    "legacy-application",
    severity="observe",
    requirement="EV-13",
    reference=_LEGACY,
    own=True,
    slow=True,
)
def test_legacy_application(start_probe: Callable[..., Probe], probe: Probe) -> None:
    try:
        legacy = start_probe(middleware="asgi_conformance.server.legacy:make_legacy")
    except DoesNotStart:
        probe.observe("the server does not start")
        return
    answer = legacy.get(OK)
    served = answer.ending is Ending.CLEAN and (answer.status, answer.body) == (200, b"done")
    probe.observe("supported" if served else "not supported")
