"""Requests: what HTTP/1.1 and HTTP/2 both make of a head, and the scope made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from reference.fields import Fields, find_tokens
from reference.types import Scope


@dataclass(frozen=True, slots=True)
class Peer:
    """The two ends of a connection. `tls` is the extension of that name, None without TLS."""

    client: list[Any] | None
    server: list[Any] | None
    tls: dict[str, Any] | None = None

    @property
    def scheme(self) -> str:
        return "http" if self.tls is None else "https"


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request.

    `version` is "1.0", "1.1" or "2"; `method` is in upper case; `path` and `query` are bytes as
    they came; `length` is the Content-Length, None where there is none; `chunked` is how
    HTTP/1.1 may say that there is content.
    """

    version: str
    method: str
    path: bytes
    query: bytes
    fields: Fields
    length: int | None = None
    chunked: bool = False

    @property
    def wants_close(self) -> bool:
        """Whether the connection ends with the answer (RFC 9112 §9.3)."""
        options = find_tokens(self.fields, b"connection")
        return b"close" in options or (self.version == "1.0" and b"keep-alive" not in options)

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits to be told to send the content (RFC 9110 §10.1.1)."""
        return self.version != "1.0" and b"100-continue" in find_tokens(self.fields, b"expect")

    @property
    def accepts_trailers(self) -> bool:
        """Whether the client said that it wants trailers (RFC 9110 §6.5.1)."""
        return b"trailers" in find_tokens(self.fields, b"te")


def build_scope(
    request: Request,
    peer: Peer,
    *,
    root_path: str,
    state: dict[str, Any],
    extensions: frozenset[str],
) -> Scope:
    """The scope of the request (ASGI HTTP, Connection Scope)."""
    tls = {} if peer.tls is None else {"tls": peer.tls}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": request.version,
        "method": request.method,
        "scheme": peer.scheme,
        # Bytes that are no UTF-8 are replaced: ASGI's strings can be encoded again.
        "path": unquote_to_bytes(request.path).decode("utf-8", "replace"),
        "raw_path": request.path,
        "query_string": request.query,
        "root_path": root_path,
        "headers": [[name, value] for name, value in request.fields],
        "client": peer.client,
        "server": peer.server,
        "state": state,
        "extensions": {**{name: {} for name in sorted(extensions)}, **tls},
    }
