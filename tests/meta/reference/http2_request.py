"""The head of an HTTP/2 request (RFC 9113 §8.3.1); h2 has checked its form."""

from __future__ import annotations

from reference.errors import BadRequest
from reference.fields import Fields, find_values, parse_length
from reference.request import Request


def read_head(headers: Fields) -> Request:
    """The request of a header block. Raises `BadRequest`."""
    pseudo = {name: value for name, value in headers if name.startswith(b":")}
    fields = [(bytes(name), bytes(value)) for name, value in headers if name[:1] != b":"]
    method = pseudo[b":method"].decode("ascii", "replace").upper()
    if method == "CONNECT":
        raise BadRequest(501, "CONNECT")
    path, _, query = bytes(pseudo[b":path"]).partition(b"?")
    if not path.startswith(b"/") and path != b"*":
        raise BadRequest(400, f"malformed :path {path!r:.80}")
    if b":authority" in pseudo:
        # ASGI HTTP, Connection Scope: at the start, or in the place of Host.
        authority = bytes(pseudo[b":authority"])
        fields = [(b"host", authority), *(f for f in fields if f[0] != b"host")]
    try:
        length = parse_length(find_values(fields, b"content-length"))
    except ValueError as error:
        raise BadRequest(400, str(error)) from None
    return Request("2", method, path, query, fields, length)
