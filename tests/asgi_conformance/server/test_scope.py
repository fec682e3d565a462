"""The scope of a request: what it must have in it, and of which types (ASGI, HTTP scope)."""

from __future__ import annotations

import pytest

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe

_SCOPE = "www.rst, HTTP Connection Scope"


@check("scope-is-dict", requirement="SC-01", reference="asgi.rst, Applications")
def test_scope_is_dict(probe: Probe) -> None:
    # What is read is a dictionary only if it was one: see `probe.describe`.
    scope = probe.scope(probe.request())
    assert isinstance(scope, dict), f"the scope is {scope}"


@check("scope-asgi-version", requirement="SC-14", reference="asgi.rst, Applications")
def test_scope_asgi_version(probe: Probe) -> None:
    asgi = probe.scope(probe.request())["asgi"]
    assert isinstance(asgi, dict), f'scope["asgi"] is {asgi!r}'
    assert isinstance(asgi.get("version"), str), f'scope["asgi"] is {asgi!r}'


@check("scope-spec-version", severity="observe", requirement="SC-15", reference=_SCOPE)
def test_scope_spec_version(probe: Probe) -> None:
    probe.observe(str(probe.scope(probe.request())["asgi"].get("spec_version", "not told")))


@check("scope-type-http", requirement="SC-23", reference=_SCOPE)
def test_scope_type_http(probe: Probe) -> None:
    assert probe.scope(probe.request())["type"] == "http"


@check("scope-keys", requirement="SC-20", reference="asgi.rst, Strings and Unicode")
def test_scope_keys(probe: Probe) -> None:
    scope = probe.scope(probe.request())
    wrong = [key for key in (*scope, *scope["asgi"]) if not isinstance(key, str)]
    assert not wrong, f"keys that are no strings: {wrong}"


@check("scope-string-types", requirement="SC-19", reference="asgi.rst, Strings and Unicode")
def test_scope_string_types(probe: Probe) -> None:
    scope = probe.scope(probe.request(target="/a?b=c"))
    text = ("type", "http_version", "method", "scheme", "path", "root_path")
    octets = ("raw_path", "query_string")
    given = {key: scope[key] for key in (*text, *octets) if scope.get(key) is not None}
    wrong = {
        key: value
        for key, value in given.items()
        if not isinstance(value, str if key in text else bytes)
    }
    assert not wrong, f"of another type: {wrong}"


@check("scope-single-request", requirement="SC-25", reference=_SCOPE)
def test_scope_single_request(probe: Probe) -> None:
    connection = probe.connect()
    scopes = []
    for target in ("/one", "/two"):
        answer = probe.request(target=target, connection=connection).read_all()
        scopes.append(probe.scope(answer)["path"])
    assert scopes == ["/one", "/two"]


@check("scope-extensions", requirement="SC-02", reference="asgi.rst, Extensions")
def test_scope_extensions(probe: Probe) -> None:
    extensions = probe.scope(probe.request()).get("extensions")
    if extensions is None:
        return
    assert isinstance(extensions, dict), f"extensions is {extensions!r}"
    assert all(isinstance(name, str) for name in extensions), f"names: {list(extensions)}"


@check(
    "scope-extension-entries",
    severity="should",
    requirement="SC-17",
    reference="asgi.rst, Extensions",
)
def test_scope_extension_entries(probe: Probe) -> None:
    extensions = probe.scope(probe.request()).get("extensions") or {}
    wrong = {name: value for name, value in extensions.items() if not isinstance(value, dict)}
    assert not wrong, f"extensions that are no dictionaries: {wrong}"


@check("scope-extensions-told", severity="observe", requirement="SC-02", reference=_SCOPE)
def test_scope_extensions_told(probe: Probe) -> None:
    offered = probe.scope(probe.request()).get("extensions") or {}
    probe.observe(", ".join(sorted(offered)) or "none")


@check("scope-client", requirement="SC-03", reference=_SCOPE)
def test_scope_client(probe: Probe) -> None:
    connection = probe.connect()
    client = probe.scope(probe.request(connection=connection)).get("client")
    if client is None:
        pytest.skip("the server does not tell the client's address, which is optional")
    assert isinstance(client, list | tuple), f"client is {client!r}"
    assert list(client) == ["127.0.0.1", connection.local_port]


@check("scope-server", requirement="SC-35", reference=_SCOPE)
def test_scope_server(probe: Probe) -> None:
    server = probe.scope(probe.request()).get("server")
    if server is None:
        pytest.skip("the server does not tell its own address, which is optional")
    assert isinstance(server, list | tuple), f"server is {server!r}"
    assert list(server) == ["127.0.0.1", probe.process.address[1]]


@check("scope-http-version", requirement="SC-04", reference=_SCOPE)
def test_scope_http_version(probe: Probe) -> None:
    assert probe.scope(probe.request())["http_version"] == probe.http


@check("scope-http-version-1-0", requirement="SC-04", http="1.1", reference=_SCOPE)
def test_scope_http_version_1_0(probe: Probe) -> None:
    answer = probe.send_literally(b"GET / HTTP/1.0\r\n")
    assert probe.scope(answer)["http_version"] == "1.0"


@check("scope-path-decoded", requirement="SC-05", reference=_SCOPE)
def test_scope_path_decoded(probe: Probe) -> None:
    scope = probe.scope(probe.request(target="/caf%C3%A9%20%E9%9B%AA"))
    assert scope["path"] == "/café 雪"


@check("scope-path-slash", requirement="SC-05", reference=_SCOPE)
def test_scope_path_slash(probe: Probe) -> None:
    scope = probe.scope(probe.request(target="/a%2Fb%3Fc%23d%2565"))
    assert scope["path"] == "/a/b?c#d%65", "percent-encoded sequences are decoded, once"
    assert scope["query_string"] == b"", "an encoded question mark begins no query"


@check("scope-path-plus", requirement="SC-05", reference=_SCOPE)
def test_scope_path_plus(probe: Probe) -> None:
    assert probe.scope(probe.request(target="/a+b"))["path"] == "/a+b", "a plus is no space"


@check("scope-path-not-utf-8", severity="observe", requirement="SC-29", reference=_SCOPE)
def test_scope_path_not_utf_8(probe: Probe) -> None:
    answer = probe.request(target="/%FF")
    # Refused, or told in some way: the text says nothing about bytes that are not UTF-8.
    status = answer.read_all().status
    told = probe.record(answer).select("scope")
    path = probe.scope(answer)["path"] if told else None
    probe.observe(f"the path is {path!a}" if told else f"refused with {status}")


@check("scope-path-dots", severity="observe", requirement="SC-05", reference=_SCOPE)
def test_scope_path_dots(probe: Probe) -> None:
    path = probe.scope(probe.request(target="/a/../b/./c//d"))["path"]
    probe.observe("left as it is" if path == "/a/../b/./c//d" else f"made {path!a}")


@check("scope-raw-path", requirement="SC-27", reference=_SCOPE)
def test_scope_raw_path(probe: Probe) -> None:
    raw_path = probe.scope(probe.request(target="/caf%c3%A9/a+b%2f?x=1")).get("raw_path")
    if raw_path is None:
        pytest.skip("the server does not tell the raw path, which is optional")
    assert raw_path == b"/caf%c3%A9/a+b%2f", "as it was received, without the query"


@check("scope-query-string", requirement="SC-28", reference=_SCOPE)
def test_scope_query_string(probe: Probe) -> None:
    scope = probe.scope(probe.request(target="/p?a=%C3%A9&b=1+2&a?"))
    assert scope["query_string"] == b"a=%C3%A9&b=1+2&a?"
    assert scope["path"] == "/p"


@check("scope-query-string-empty", requirement="SC-28", reference=_SCOPE)
def test_scope_query_string_empty(probe: Probe) -> None:
    assert probe.scope(probe.request(target="/p"))["query_string"] == b""


@check("scope-method", requirement="SC-06", reference=_SCOPE)
def test_scope_method(probe: Probe) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS", "PATCH"):
        assert probe.scope(probe.request(method=method))["method"] == method


@check(
    "scope-method-lower-case", severity="should", requirement="SC-06", http="1.1", reference=_SCOPE
)
def test_scope_method_lower_case(probe: Probe) -> None:
    # RFC 9110 §9.1: methods are case-sensitive, so that `get` is another one than GET, which a
    # server may refuse. What it hands on has upper-case letters.
    answer = probe.request(method="get")
    if answer.read_all().status < 400:
        assert probe.scope(answer)["method"] == "GET"


@check("scope-method-unknown", severity="observe", requirement="SC-06", reference=_SCOPE)
def test_scope_method_unknown(probe: Probe) -> None:
    answer = probe.request(method="BREW")
    status = answer.read_all().status
    probe.observe("handed on" if status == 200 else f"refused with {status}")


@check("scope-scheme", requirement="SC-26", reference=_SCOPE)
def test_scope_scheme(probe: Probe) -> None:
    assert probe.scope(probe.request()).get("scheme", "http") == "http"


@check("scope-root-path", requirement="SC-30", reference=_SCOPE)
def test_scope_root_path(probe: Probe) -> None:
    assert probe.scope(probe.request()).get("root_path", "") == ""
