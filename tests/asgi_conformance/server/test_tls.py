"""What a server tells of TLS (ASGI TLS extension), and requests over it."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Connection, Hung
from asgi_conformance.server.lifespan import StartProbe
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import body, receive_body, receive_until, start

_WHEN = "tls.rst, When to use this extension"
_SCOPE = "tls.rst, TLS Connection Scope"

# As they stand in the registries of TLS (RFC 8446 §4.2.1, §B.4; RFC 5289, RFC 7905).
_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_CIPHER_SUITES = {
    "TLS_AES_128_GCM_SHA256": 0x1301,
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
    "ECDHE-ECDSA-AES128-GCM-SHA256": 0xC02B,
    "ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C,
    "ECDHE-ECDSA-CHACHA20-POLY1305": 0xCCA9,
}


def _connect(start_probe: StartProbe) -> tuple[ssl.SSLSocket, dict[str, Any]]:
    """Make a request over TLS: the client's end of it, and what the server tells of it.

    Skips the check where the server does not offer the extension.
    """
    probe = start_probe(tls=True)
    connection = probe.connect()
    scope = probe.scope(probe.request(connection=connection))
    extensions: dict[str, Any] = scope.get("extensions") or {}
    if "tls" not in extensions:
        pytest.skip("the server does not offer tls")
    return _find_encryption(connection), extensions["tls"]


def _find_encryption(connection: Connection) -> ssl.SSLSocket:
    assert connection.encryption is not None, "the connection is in the clear"
    return connection.encryption


@check("tls-not-without-tls", requirement="TL-01", reference=_WHEN)
def test_tls_not_without_tls(probe: Probe) -> None:
    extensions = probe.scope(probe.request()).get("extensions") or {}
    assert "tls" not in extensions, f"offered in the clear: {extensions['tls']}"


@check(
    "tls-extension-offered",
    severity="observe",
    requirement="TL-03",
    reference=_WHEN,
    own=True,
    slow=True,
)
def test_tls_extension_offered(start_probe: StartProbe) -> None:
    probe = start_probe(tls=True)
    extensions = probe.scope(probe.request()).get("extensions") or {}
    probe.observe("offered" if "tls" in extensions else "not offered")


@check("tls-extension-shape", requirement="TL-04", reference=_SCOPE, own=True, slow=True)
def test_tls_extension_shape(start_probe: StartProbe) -> None:
    _, told = _connect(start_probe)
    assert isinstance(told, dict), f"extensions['tls'] is {told!r}"
    missing = {"server_cert", "tls_version", "cipher_suite"} - told.keys()
    assert not missing, f"mandatory, and not there: {sorted(missing)}"


@check("tls-server-cert", requirement="TL-05", reference=_SCOPE, own=True, slow=True)
def test_tls_server_cert(start_probe: StartProbe) -> None:
    encryption, told = _connect(start_probe)
    certificate = told["server_cert"]
    if certificate is None:
        return  # which a server says that is unable to tell
    assert isinstance(certificate, str), f"server_cert is a {type(certificate).__name__}"
    presented = encryption.getpeercert(binary_form=True)
    assert ssl.PEM_cert_to_DER_cert(certificate) == presented, "another one was presented"


@check("tls-client-cert-chain-empty", requirement="TL-06", reference=_SCOPE, own=True, slow=True)
def test_tls_client_cert_chain_empty(start_probe: StartProbe) -> None:
    _, told = _connect(start_probe)
    assert list(told.get("client_cert_chain", ())) == [], "the client has no certificate"


@check("tls-client-cert-name-none", requirement="TL-07", reference=_SCOPE, own=True, slow=True)
def test_tls_client_cert_name_none(start_probe: StartProbe) -> None:
    _, told = _connect(start_probe)
    assert told.get("client_cert_name") is None, "the client has no certificate"


@check("tls-client-cert-error-none", requirement="TL-09", reference=_SCOPE, own=True, slow=True)
def test_tls_client_cert_error_none(start_probe: StartProbe) -> None:
    _, told = _connect(start_probe)
    assert told.get("client_cert_error") is None, "the client has no certificate"


@check("tls-version", requirement="TL-10", reference=_SCOPE, own=True, slow=True)
def test_tls_version(start_probe: StartProbe) -> None:
    encryption, told = _connect(start_probe)
    spoken = _VERSIONS[encryption.version() or ""]
    assert told["tls_version"] in (spoken, None), f"{spoken:#06x} is spoken"


@check("tls-cipher-suite", requirement="TL-11", reference=_SCOPE, own=True, slow=True)
def test_tls_cipher_suite(start_probe: StartProbe) -> None:
    encryption, told = _connect(start_probe)
    cipher = encryption.cipher()
    assert cipher is not None
    used = _CIPHER_SUITES[cipher[0]]
    assert told["cipher_suite"] in (used, None), f"{cipher[0]} is used, {used:#06x}"


@check(
    "tls-scheme",
    requirement="SC-26",
    reference="www.rst, HTTP Connection Scope: scheme",
    own=True,
    slow=True,
)
def test_tls_scheme(start_probe: StartProbe) -> None:
    probe = start_probe(tls=True)
    assert probe.scope(probe.request()).get("scheme", "http") == "https"


@check(
    "tls-request-and-response",
    requirement="TL-12",
    reference="tls.rst, Events",
    own=True,
    slow=True,
)
def test_tls_request_and_response(start_probe: StartProbe) -> None:
    probe = start_probe(tls=True)
    script = [receive_body(), start(200, ("x-one", "1")), body("do", more=True), body("ne")]
    answer = probe.request(script, "POST", "/a?b", body=b"hello").read_all()
    assert (answer.status, answer.header("x-one")) == (200, "1")
    assert (answer.body, answer.ending) == (b"done", Ending.CLEAN)
    assert probe.content(answer) == b"hello"


@check("tls-large-body", requirement="TL-12", reference="tls.rst, Events", own=True, slow=True)
def test_tls_large_body(start_probe: StartProbe) -> None:
    # More than TLS has in a record, and than the system holds.
    probe = start_probe(tls=True)
    answer = probe.get([start(), body({"$repeat": ["0123456789", 200_000]})])
    assert answer.body == b"0123456789" * 200_000
    assert answer.ending is Ending.CLEAN


@check("tls-disconnect", requirement="TL-12", reference="tls.rst, Events", own=True, slow=True)
def test_tls_disconnect(start_probe: StartProbe) -> None:
    probe = start_probe(tls=True)
    answer = probe.request([start(), body("open", more=True), receive_until("http.disconnect")])
    answer.read_until(b"open")
    answer.close()
    record = probe.record(answer)
    # By cancellation, too, of which the text says nothing.
    record.wait_for_end()
    told = record.select("receive", "http.disconnect")
    ended = record.ended
    assert told or (ended is not None and ended.how == "cancelled"), f"{ended}"


@check(
    "tls-clean-end",
    severity="observe",
    requirement="TL-12",
    reference="RFC 8446 §6.1: close_notify",
    http="1.1",
    own=True,
    slow=True,
)
def test_tls_clean_end(start_probe: StartProbe) -> None:
    # An end of the connection without it looks as if somebody had cut the answer short.
    probe = start_probe(tls=True)
    answer = probe.request([start(200, ("connection", "close")), body("done")])
    try:
        answer.read_all()
        answer.connection.receive_until_closed()
    except Hung:
        probe.observe("not closed")
    else:
        torn = answer.connection.torn
        probe.observe("closed without close_notify" if torn else "closed with close_notify")
