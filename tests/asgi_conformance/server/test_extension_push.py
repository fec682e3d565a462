"""The extension HTTP/2 Server Push."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from asgi_conformance.answer import Ending, Fields
from asgi_conformance.checks import check
from asgi_conformance.record import Record
from asgi_conformance.server.http2 import Http2Connection
from asgi_conformance.server.http2_exchange import Http2Exchange
from asgi_conformance.server.probing import Probe, read_description
from asgi_conformance.server.refusal import check_raises
from asgi_conformance.server.script import (
    HEADER,
    Script,
    Step,
    body,
    catching,
    send,
    start,
    write,
)

_NAME = "http.response.push"
_PUSH = "extensions.rst, HTTP/2 Server Push"
_INVALID = f"{_PUSH}; asgi.rst, Error Handling"
_PUSHED: Script = (start(200, ("x-pushed", "1")), body("pushed"))


def _connect(probe: Probe) -> Http2Connection:
    """A connection of a client that takes pushes. Skips where the server offers it none."""
    connection = probe.connect_http2(enable_push=True)
    scope = probe.scope(probe.request(connection=connection).read_all())
    if _NAME not in (scope.get("extensions") or {}):
        pytest.skip(f"the server does not offer {_NAME}")
    return connection


def _push(path: str = "/pushed", *fields: tuple[str, str]) -> Step:
    return send({"type": _NAME, "path": path, "headers": [list(field) for field in fields]})


class _Pushed:
    """A request to be pushed, of which the recorder reports."""

    def __init__(self, probe: Probe, script: Script = _PUSHED) -> None:
        request_id = str(uuid.uuid4())
        self.record: Record = probe.recorder.request(request_id)
        self.fields = (("asgi-conformance-id", request_id), (HEADER, write(script)))


def _get(probe: Probe, *script: Step, connection: Http2Connection | None = None) -> Http2Exchange:
    """The whole answer `abc` of a script; what it promised is known."""
    connection = connection or _connect(probe)
    answer = probe.request_http2(connection, script)
    assert (answer.status, answer.body, answer.ending) == (200, b"abc", Ending.CLEAN)
    probe.record(answer).wait_for_end()
    connection.ping()
    return answer


def _get_promised(probe: Probe, step: Step) -> tuple[Fields, Http2Exchange]:
    """The one promise of an answer: the request's fields, and the exchange."""
    pushed = _get(probe, start(), step, body("abc")).pushed
    assert len(pushed) == 1, f"{len(pushed)} promises"
    return pushed[0]


@check("push-promised", severity="should", requirement="H2-07", http="2", reference=_PUSH)
def test_push_promised(probe: Probe) -> None:
    fields, _ = _get_promised(probe, _push("/pushed", *_Pushed(probe).fields))
    promised = dict(fields)
    assert (promised.get(":method"), promised.get(":path")) == ("GET", "/pushed")
    assert promised.get(":scheme") == "http"


@check("push-answered", severity="should", requirement="H2-14", http="2", reference=_PUSH)
def test_push_answered(probe: Probe) -> None:
    _, answer = _get_promised(probe, _push("/pushed", *_Pushed(probe).fields))
    assert (answer.status, answer.header("x-pushed")) == (200, "1")
    assert (answer.body, answer.ending) == (b"pushed", Ending.CLEAN)


@check("push-calls-application", severity="should", requirement="H2-14", http="2", reference=_PUSH)
def test_push_calls_application(probe: Probe) -> None:
    pushed = _Pushed(probe)
    _get_promised(probe, _push("/pushed", *pushed.fields))
    scope = read_description(pushed.record.wait_for("scope").fields["scope"])
    assert (scope["type"], scope["method"], scope["path"]) == ("http", "GET", "/pushed")
    assert scope["http_version"] == "2"


@check("push-without-body", severity="should", requirement="H2-14", http="2", reference=_PUSH)
def test_push_without_body(probe: Probe) -> None:
    # As if the client had made the request, of which nothing more can come.
    pushed = _Pushed(probe, [{"receive": 1}, *_PUSHED])
    _, answer = _get_promised(probe, _push("/pushed", *pushed.fields))
    assert answer.body == b"pushed"
    message = read_description(pushed.record.wait_for("message").fields["message"])
    assert (message.get("body", b""), message.get("more_body", False)) == (b"", False)


@check("push-headers", severity="should", requirement="EX-32", http="2", reference=_PUSH)
def test_push_headers(probe: Probe) -> None:
    pushed = _Pushed(probe)
    fields, _ = _get_promised(probe, _push("/pushed", *pushed.fields, ("accept", "text/css")))
    assert ("accept", "text/css") in fields
    scope = read_description(pushed.record.wait_for("scope").fields["scope"])
    assert (b"accept", b"text/css") in [tuple(field) for field in scope["headers"]]


@check("push-authority", severity="should", requirement="H2-15", http="2", reference=_PUSH)
def test_push_authority(probe: Probe) -> None:
    fields, _ = _get_promised(probe, _push("/pushed", *_Pushed(probe).fields))
    assert dict(fields).get(":authority") == "127.0.0.1"


@check(
    "push-fields",
    requirement="EX-24",
    http="2",
    reference="RFC 9113 §8.3, §8.4; extensions.rst, HTTP/2 Server Push",
)
def test_push_fields(probe: Probe) -> None:
    # A promise is a request: the pseudo-header fields first, each once, all those of a request.
    fields, _ = _get_promised(probe, _push("/pushed", *_Pushed(probe).fields))
    names = [name for name, _ in fields]
    pseudo = [name for name in names if name.startswith(":")]
    assert sorted(pseudo) == [":authority", ":method", ":path", ":scheme"]
    assert names[: len(pseudo)] == pseudo, f"the fields come as {names}"


@check(
    "push-path-encoded",
    requirement="EX-24",
    http="2",
    reference=f"{_PUSH}; RFC 9113 §8.3.1",
    own=True,
    slow=True,
)
def test_push_path_encoded(start_probe: Callable[..., Probe]) -> None:
    # What the application gives is decoded; what is sent must be a path. There are servers that
    # it ends, which is why this has one of its own.
    probe = start_probe()
    pushed = _Pushed(probe)
    answer = _get(probe, start(), catching(_push("/ü b", *pushed.fields)), body("abc"))
    failed = probe.record(answer).select("send-failed")
    assert not failed, f"send() raises {failed[0].fields['error']}"
    assert [dict(fields)[":path"].upper() for fields, _ in answer.pushed] == ["/%C3%BC%20B"]
    scope = read_description(pushed.record.wait_for("scope").fields["scope"])
    assert scope["path"] == "/ü b"


@check("push-path-query", severity="observe", requirement="EX-24", http="2", reference=_PUSH)
def test_push_path_query(probe: Probe) -> None:
    # In a decoded path `?` is a letter like others; but there is no other way to name a query.
    fields, _ = _get_promised(probe, _push("/pushed?a=1", *_Pushed(probe).fields))
    probe.observe(f"promised as {dict(fields)[':path']}")


@check("push-several", severity="should", requirement="H2-16", http="2", reference=_PUSH)
def test_push_several(probe: Probe) -> None:
    steps = [_push(f"/{name}", *_Pushed(probe).fields) for name in ("one", "two")]
    pushed = _get(probe, start(), *steps, body("abc")).pushed
    assert [dict(fields)[":path"] for fields, _ in pushed] == ["/one", "/two"]
    assert [answer.body for _, answer in pushed] == [b"pushed", b"pushed"]


@check("push-accepted-between-bodies", requirement="H2-16", http="2", reference=_PUSH)
def test_push_accepted_between_bodies(probe: Probe) -> None:
    step = _push("/pushed", *_Pushed(probe).fields)
    answer = _get(probe, start(), body("a", more=True), catching(step), body("bc"))
    failed = probe.record(answer).select("send-failed")
    assert not failed, f"send() raises {failed[0].fields['error']}"


@check(
    "push-not-to-unwilling-client",
    requirement="H2-17",
    http="2",
    reference="RFC 9113 §6.5.2, §8.4",
)
def test_push_not_to_unwilling_client(probe: Probe) -> None:
    # Whether the message is refused or taken is the server's choice.
    _connect(probe)
    step = catching(_push("/pushed", *_Pushed(probe).fields))
    answer = _get(probe, start(), step, body("abc"), connection=probe.connect_http2())
    assert answer.pushed == [], "a promise to a client that takes none"


@check(
    "push-no-longer",
    requirement="H2-17",
    http="2",
    reference="RFC 9113 §6.5.2, §8.4",
)
def test_push_no_longer(probe: Probe) -> None:
    # A client may change its mind.
    connection = _connect(probe)
    connection.settings(enable_push=False)
    step = catching(_push("/pushed", *_Pushed(probe).fields))
    answer = _get(probe, start(), step, body("abc"), connection=connection)
    assert answer.pushed == [], "a promise to a client that takes none"


@check(
    "push-refused", severity="should", requirement="H2-14", http="2", reference="RFC 9113 §8.4.2"
)
def test_push_refused(probe: Probe) -> None:
    # The client resets what was promised; all else goes on.
    connection = _connect(probe)
    pushed = _Pushed(probe, [start(), body("a", more=True), {"wait": True}, body("b")])
    step = _push("/pushed", *pushed.fields)
    answer = _get(probe, start(), step, body("abc"), connection=connection)
    answer.pushed[0][1].reset()
    pushed.record.release(1)
    after = probe.request(connection=connection)
    assert (after.status, after.body, after.ending) == (200, b"done", Ending.CLEAN)


@check("push-without-path", severity="should", requirement="EX-24", http="2", reference=_INVALID)
def test_push_without_path(probe: Probe) -> None:
    _check_push_raises(probe, send({"type": _NAME, "headers": []}))


@check("push-path-bytes", severity="should", requirement="EX-24", http="2", reference=_INVALID)
def test_push_path_bytes(probe: Probe) -> None:
    _check_push_raises(probe, send({"type": _NAME, "path": {"$bytes": "/p"}, "headers": []}))


@check("push-header-text", severity="should", requirement="EX-32", http="2", reference=_INVALID)
def test_push_header_text(probe: Probe) -> None:
    fields = [["accept", {"$str": "text/css"}]]
    _check_push_raises(probe, send({"type": _NAME, "path": "/pushed", "headers": fields}))


def _check_push_raises(probe: Probe, invalid: Step) -> None:
    check_raises(probe, invalid, [start()], connection=_connect(probe))


@check("push-line-break", requirement="EX-32", http="2", reference="RFC 9113 §8.2.1")
def test_push_line_break(probe: Probe) -> None:
    # Refused in whatever way, or mended.
    step = catching(_push("/pushed", ("x-one", "1\r\nx-injected: 2"), *_Pushed(probe).fields))
    for fields, _ in _get(probe, start(), step, body("abc")).pushed:
        broken = [field for field in fields if {"\r", "\n"} & set("".join(field))]
        assert not broken, f"the client got {broken}"


@check("push-not-offered", severity="should", requirement="EX-17", http="2", reference=_INVALID)
def test_push_not_offered(probe: Probe) -> None:
    connection = probe.connect_http2(enable_push=True)
    scope = probe.scope(probe.request(connection=connection).read_all())
    if _NAME in (scope.get("extensions") or {}):
        pytest.skip(f"the server offers {_NAME}")
    check_raises(probe, _push(), [start()], connection=connection)
