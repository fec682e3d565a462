"""Header lists of ASGI messages, as pure functions (www.rst, *Response Start*, `headers`)."""

from __future__ import annotations

from collections.abc import Iterable

from raw_asgi.asgi.types import Message
from raw_asgi.http.negotiation import media_type_essence

Headers = list[tuple[bytes, bytes]]


def copy_headers(message: Message) -> Headers:
    """The fields as a list of our own, with lower-case names; they may come from an iterator."""
    return [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]


def join_field(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a field, its lines joined by `, ` (RFC 9110 §5.3); None where it is missing."""
    values = [value.decode("latin-1") for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def find_media_type(headers: Headers) -> str:
    """`type/subtype` of Content-Type in lower case (RFC 9110 §8.3.1), empty where there is none."""
    return media_type_essence(join_field(headers, b"content-type") or "")


def vary_by_coding(headers: Headers) -> Headers:
    """With `Accept-Encoding` in Vary, joined to what is there (RFC 9110 §12.5.5)."""
    names = [name.strip() for name in (join_field(headers, b"vary") or "").split(",")]
    if "*" in names or "accept-encoding" in map(str.lower, names):
        return headers
    value = ", ".join([*filter(None, names), "Accept-Encoding"]).encode("latin-1")
    return [*(field for field in headers if field[0] != b"vary"), (b"vary", value)]


def weaken_etag(headers: Headers) -> Headers:
    """RFC 9110 §8.8.3.3: compressed, the bytes are others, and a strong tag would lie."""
    return [
        (name, b"W/" + value) if name == b"etag" and not value.startswith(b"W/") else (name, value)
        for name, value in headers
    ]
