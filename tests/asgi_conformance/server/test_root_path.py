"""`root_path`, and what becomes of `path` under it (ASGI, HTTP scope and WSGI compatibility)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.lifespan import StartProbe

_SCOPE = "www.rst, HTTP Connection Scope: root_path"
_COMPATIBILITY = "www.rst, WSGI Compatibility"


@check("root-path-told", requirement="RP-02", reference=_SCOPE, own=True, slow=True)
def test_root_path_told(start_probe: StartProbe) -> None:
    probe = start_probe(root_path="/mounted")
    scope = probe.scope(probe.request(target="/mounted/x"))
    assert scope.get("root_path", "") == "/mounted"


@check("root-path-query", requirement="RP-02", reference=_SCOPE, own=True, slow=True)
def test_root_path_query(start_probe: StartProbe) -> None:
    # Whatever the server makes of the path, it leaves the query alone.
    probe = start_probe(root_path="/mounted")
    assert probe.scope(probe.request(target="/mounted/x?a=%2F"))["query_string"] == b"a=%2F"


@check(
    "root-path-not-ascii",
    severity="observe",
    requirement="RP-03",
    reference="www.rst, WSGI encoding differences",
    own=True,
    slow=True,
)
def test_root_path_not_ascii(start_probe: StartProbe) -> None:
    # The text has it match `path`, which is decoded; how a server is to be told is its own.
    probe = start_probe(root_path="/caf\N{LATIN SMALL LETTER E WITH ACUTE}", until_ready=False)
    answer = probe.request(target="/caf%C3%A9/x").read_all()
    if not probe.record(answer).select("scope"):
        probe.observe("no request is answered")
        return
    scope = probe.scope(answer)
    probe.observe(f"root_path is {scope.get('root_path', '')!a}, path {scope['path']!a}")


@check(
    "root-path-and-path",
    severity="observe",
    requirement="RP-01",
    reference=_COMPATIBILITY,
    own=True,
    slow=True,
)
def test_root_path_and_path(start_probe: StartProbe) -> None:
    # "PATH_INFO can be derived by stripping root_path from path" has `path` begin with it. Nobody
    # but who set it up knows whether the proxy before the server has stripped it already.
    probe = start_probe(root_path="/mounted")
    for target in ("/mounted/x", "/x"):
        answer = probe.request(target=target).read_all()
        told = probe.record(answer).select("scope")
        path = probe.scope(answer)["path"] if told else f"refused with {answer.status}"
        probe.observe(f"{target} is {path}")


@check(
    "root-path-and-raw-path",
    severity="observe",
    requirement="RP-01",
    reference=f"{_SCOPE}; raw_path",
    own=True,
    slow=True,
)
def test_root_path_and_raw_path(start_probe: StartProbe) -> None:
    probe = start_probe(root_path="/mounted")
    answer = probe.request(target="/mounted/%78").read_all()
    told = probe.record(answer).select("scope")
    raw_path = probe.scope(answer).get("raw_path") if told else None
    probe.observe(
        "left as it was received"
        if raw_path == b"/mounted/%78"
        else "not told" if raw_path is None else f"made {raw_path!a}"
    )  # fmt: skip


@check(
    "root-path-exact",
    severity="observe",
    requirement="RP-01",
    reference=_COMPATIBILITY,
    own=True,
    slow=True,
)
def test_root_path_exact(start_probe: StartProbe) -> None:
    # The mount point itself, and a neighbour that only begins like it.
    probe = start_probe(root_path="/mounted")
    for target in ("/mounted", "/mountedx"):
        answer = probe.request(target=target).read_all()
        told = probe.record(answer).select("scope")
        path = probe.scope(answer)["path"] if told else f"refused with {answer.status}"
        probe.observe(f"{target} is {path}")
