"""The header fields of a request's scope, and the pseudo-header fields of HTTP/2."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe

_SCOPE = "www.rst, HTTP Connection Scope"


def _select(probe: Probe, fields: list[tuple[str, str]], name: bytes) -> list[bytes]:
    """The values of a field as the application is told them, of a request with those fields."""
    headers = probe.scope(probe.request(headers=fields))["headers"]
    return [value for told, value in headers if told.lower() == name]


@check("scope-headers-types", requirement="SC-31", reference=_SCOPE)
def test_scope_headers_types(probe: Probe) -> None:
    headers = probe.scope(probe.request(headers=[("X-One", "1")]))["headers"]
    assert isinstance(headers, list | tuple), f"headers is {headers!r}"
    for field in headers:
        assert len(field) == 2, f"{field!r} is no pair"
        assert all(isinstance(part, bytes) for part in field), f"{field!r} is no pair of bytes"


@check("scope-headers-value", requirement="SC-21", reference=_SCOPE)
def test_scope_headers_value(probe: Probe) -> None:
    assert _select(probe, [("x-one", 'a, b;c="d"')], b"x-one") == [b'a, b;c="d"']


@check("scope-headers-not-ascii", requirement="SC-39", reference=f"{_SCOPE}; RFC 9110 §5.5")
def test_scope_headers_not_ascii(probe: Probe) -> None:
    # obs-text is opaque data; it may be refused, but not changed.
    answer = probe.request(headers=[("x-one", "caf\xc3\xa9")])
    if answer.read_all().status == 200:
        told = [value for name, value in probe.scope(answer)["headers"] if name == b"x-one"]
        assert told == [b"caf\xc3\xa9"]


@check("scope-headers-duplicates", requirement="SC-32", reference=_SCOPE)
def test_scope_headers_duplicates(probe: Probe) -> None:
    fields = [("x-one", "1"), ("x-two", "2"), ("x-one", "3"), ("x-one", "1")]
    assert _select(probe, fields, b"x-one") == [b"1", b"3", b"1"]


@check(
    "scope-headers-whitespace",
    severity="should",
    requirement="SC-21",
    http="1.1",
    reference="RFC 9110 §5.5; RFC 9112 §5.1",
)
def test_scope_headers_whitespace(probe: Probe) -> None:
    # What is around a value is not part of it; what is within it is.
    assert _select(probe, [("x-one", " \ta  b\t ")], b"x-one") == [b"a  b"]


@check("scope-headers-empty-value", requirement="SC-21", reference=f"{_SCOPE}; RFC 9110 §5.5")
def test_scope_headers_empty_value(probe: Probe) -> None:
    assert _select(probe, [("x-one", "")], b"x-one") == [b""]


@check(
    "scope-headers-case",
    severity="observe",
    requirement="SC-33",
    http="1.1",
    reference=_SCOPE,
)
def test_scope_headers_case(probe: Probe) -> None:
    # Names should be lower-case, and their case should be preserved: nobody can do both.
    headers = probe.scope(probe.request(headers=[("X-One", "1")]))["headers"]
    names = [name for name, value in headers if name.lower() == b"x-one"]
    probe.observe("lower-case" if names == [b"x-one"] else f"told as {names}")


@check("scope-headers-order", requirement="SC-07", reference=_SCOPE)
def test_scope_headers_order(probe: Probe) -> None:
    fields = [("x-one", str(number)) for number in range(20)]
    assert _select(probe, fields, b"x-one") == [b"%d" % number for number in range(20)]


@check("scope-headers-host", requirement="SC-07", http="1.1", reference=_SCOPE)
def test_scope_headers_host(probe: Probe) -> None:
    answer = probe.send_literally(b"GET / HTTP/1.1\r\nHost: one.example:81\r\n")
    headers = probe.scope(answer)["headers"]
    assert [value for name, value in headers if name == b"host"] == [b"one.example:81"]


@check("scope-headers-authority", requirement="SC-08", http="2", reference=f"{_SCOPE}: :authority")
def test_scope_headers_authority(probe: Probe) -> None:
    headers = probe.scope(probe.request())["headers"]
    assert tuple(headers[0]) == (b"host", b"127.0.0.1"), f"first comes {headers[0]!r}"


@check("scope-headers-authority-and-host", requirement="SC-08", http="2", reference=_SCOPE)
def test_scope_headers_authority_and_host(probe: Probe) -> None:
    assert _select(probe, [("host", "127.0.0.1")], b"host") == [b"127.0.0.1"]


@check("scope-headers-authority-wins", requirement="SC-08", http="2", reference=_SCOPE)
def test_scope_headers_authority_wins(probe: Probe) -> None:
    # Refused, or told first: RFC 9113 §8.3.1 has a host that differs treated as malformed.
    answer = probe.request(headers=[("host", "other.example")]).read_all()
    if answer.ending is Ending.CLEAN and answer.status == 200:
        told = [value for name, value in probe.scope(answer)["headers"] if name == b"host"]
        assert told[0] == b"127.0.0.1", f"hosts are {told}"


@check("scope-headers-pseudo", requirement="SC-34", http="2", reference=_SCOPE)
def test_scope_headers_pseudo(probe: Probe) -> None:
    headers = probe.scope(probe.request())["headers"]
    pseudo = [name for name, _ in headers if name.startswith(b":")]
    assert not pseudo, f"pseudo-header fields are left: {pseudo}"


@check(
    "scope-headers-cookies",
    severity="observe",
    requirement="H2-12",
    http="2",
    reference="www.rst, HTTP: Cookie",
)
def test_scope_headers_cookies(probe: Probe) -> None:
    told = _select(probe, [("cookie", "a=1"), ("cookie", "b=2")], b"cookie")
    assert b"; ".join(told) == b"a=1; b=2"
    probe.observe("left apart" if len(told) == 2 else "joined")


@check("scope-absolute-form", requirement="SC-09", http="1.1", reference="RFC 9112 §3.2.2")
def test_scope_absolute_form(probe: Probe) -> None:
    answer = probe.request(target="http://127.0.0.1/a%20b?c=d")
    assert answer.read_all().status == 200, "a server accepts the absolute form"


@check(
    "scope-absolute-form-path",
    severity="observe",
    requirement="SC-09",
    http="1.1",
    reference=f"{_SCOPE}: path; RFC 9112 §3.2.2",
)
def test_scope_absolute_form_path(probe: Probe) -> None:
    answer = probe.request(target="http://127.0.0.1/a%20b?c=d")
    told = probe.record(answer.read_all()).select("scope")
    path = probe.scope(answer)["path"] if told else None
    probe.observe(f"the path is {path!r}" if told else f"refused with {answer.status}")


@check(
    "scope-asterisk-form",
    severity="observe",
    requirement="SC-09",
    http="1.1",
    reference=_SCOPE,
)
def test_scope_asterisk_form(probe: Probe) -> None:
    answer = probe.request(method="OPTIONS", target="*")
    status = answer.read_all().status
    told = probe.record(answer).select("scope")
    probe.observe(f"the path is {probe.scope(answer)['path']!r}" if told else f"refused: {status}")
