"""TLS: the context of the server, and what the scope tells of a connection (ASGI TLS)."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

from reference.request import Peer

_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


def create_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The context for a certificate chain and its key, both in PEM. Raises `ssl.SSLError`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def read_certificate(certificate: Path) -> str:
    """The server's own certificate, the first of the chain, in PEM."""
    end = "-----END CERTIFICATE-----"
    text = certificate.read_text("ascii")
    return text[text.index("-----BEGIN CERTIFICATE-----") : text.index(end) + len(end)] + "\n"


def describe_connection(transport: asyncio.Transport, certificate: str | None) -> Peer:
    """The ends of a connection; `certificate` is the server's, in PEM."""
    encrypted: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    return Peer(
        _describe_address(transport.get_extra_info("peername")),
        _describe_address(transport.get_extra_info("sockname")),
        None if encrypted is None else _describe_tls(encrypted, certificate),
    )


def _describe_address(name: object) -> list[Any] | None:
    return list(name[:2]) if isinstance(name, tuple) else None


def _describe_tls(encrypted: ssl.SSLObject, certificate: str | None) -> dict[str, Any]:
    cipher = encrypted.cipher()
    # The lower two bytes of OpenSSL's number are the suite's in the registry of TLS.
    suites = {c["name"]: c["id"] & 0xFFFF for c in encrypted.context.get_ciphers()}
    return {
        "server_cert": certificate,
        # No client is asked for a certificate.
        "client_cert_chain": [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": _VERSIONS.get(encrypted.version() or ""),
        "cipher_suite": suites.get(cipher[0]) if cipher else None,
    }
