"""What a server says of its extensions."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe


@check(
    "extension-debug-not-offered",
    severity="should",
    requirement="EX-15",
    reference="extensions.rst, Debug: not meant to be used in production",
)
def test_extension_debug_not_offered(probe: Probe) -> None:
    assert not probe.offers("http.response.debug"), "the server offers http.response.debug"


@check(
    "extension-names",
    severity="observe",
    requirement="EX-16",
    reference="asgi.rst, Extensions",
)
def test_extension_names(probe: Probe) -> None:
    offered = sorted(probe.scope(probe.get()).get("extensions") or {})
    probe.observe(f"offered: {', '.join(offered)}" if offered else "none is offered")


@check(
    "extension-names-constant",
    severity="observe",
    requirement="EX-16",
    reference="asgi.rst, Extensions",
)
def test_extension_names_constant(probe: Probe) -> None:
    # HEAD, and requests with a body, are answered by the same server.
    first = set(probe.scope(probe.get()).get("extensions") or {})
    answers = [probe.request(method="HEAD"), probe.request(method="POST", body=b"abc")]
    others = [set(probe.scope(answer.read_all()).get("extensions") or {}) for answer in answers]
    same = all(other == first for other in others)
    probe.observe("the same for each request" if same else "not the same for each request")
