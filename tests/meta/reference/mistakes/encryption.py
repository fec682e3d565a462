"""Mistakes in what is told of TLS, and over it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, cast

from reference.mistakes.altering import alters_received, alters_scope
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_MIB = 1024 * 1024


@alters_scope
def told_in_the_clear(scope: Scope) -> None:
    none = {"server_cert": None, "tls_version": None, "cipher_suite": None}
    scope["extensions"].setdefault("tls", none)


@alters_scope
def untold(scope: Scope) -> None:
    scope["extensions"].pop("tls", None)


def _tell(scope: Scope, key: str, value: object) -> None:
    told: dict[str, Any] | None = scope["extensions"].get("tls")
    if told is not None:
        scope["extensions"]["tls"] = {**told, key: value}


@alters_scope
def without_version(scope: Scope) -> None:
    told = scope["extensions"].get("tls", {})
    scope["extensions"]["tls"] = {k: v for k, v in told.items() if k != "tls_version"}


@alters_scope
def another_certificate(scope: Scope) -> None:
    _tell(scope, "server_cert", ssl.DER_cert_to_PEM_cert(b"another"))


@alters_scope
def chain_of_the_server(scope: Scope) -> None:
    _tell(scope, "client_cert_chain", [ssl.DER_cert_to_PEM_cert(b"another")])


@alters_scope
def name_of_the_server(scope: Scope) -> None:
    _tell(scope, "client_cert_name", "CN=localhost")


@alters_scope
def error_without_certificate(scope: Scope) -> None:
    _tell(scope, "client_cert_error", "no certificate")


@alters_scope
def version_of_its_library(scope: Scope) -> None:
    _tell(scope, "tls_version", 0x0302)


@alters_scope
def cipher_suite_in_another_order(scope: Scope) -> None:
    # The bytes of the suite, the last one first.
    suite = (scope["extensions"].get("tls") or {}).get("cipher_suite", 0)
    _tell(scope, "cipher_suite", (suite & 0xFF) << 8 | suite >> 8)


@alters_received
def content_lost(scope: Scope, message: Message) -> None:
    if scope["scheme"] == "https":
        message["body"] = b""


def content_cut(application: Application) -> Application:
    """What is more than a mebibyte is left out, over TLS."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def cut(message: Message) -> None:
            if scope.get("scheme") == "https" and "body" in message:
                message = {**message, "body": message["body"][:_MIB]}
            await send(message)

        await application(scope, receive, cut)

    return broken


class TearsOff(Policy):
    """TLS is not ended, but its connection is."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        write(data)
        if data.endswith(b"0\r\n\r\n"):
            transport = cast(asyncio.Transport, write.__self__)  # type: ignore[attr-defined]
            transport.abort()
