"""The head of a response, and how its content is framed on HTTP/1.1 (RFC 9112 §6)."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus

from reference.fields import Fields, drop, find_tokens, find_values
from reference.request import Request

CONTINUE = 100
EARLY_HINTS = 103
LAST_CHUNK = b"0\r\n"


class Framing(Enum):
    """What tells where the content ends."""

    NONE = "there is none"
    LENGTH = "Content-Length"
    CHUNKED = "the last chunk"
    CLOSE = "the end of the connection"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a response, fit for any version of HTTP.

    `length` is the Content-Length, None where there is none; `content` tells whether content
    may follow.
    """

    status: int
    fields: Fields
    length: int | None
    content: bool


def has_content(method: str, status: int) -> bool:
    """Whether a response has content (RFC 9110 §6.4.1)."""
    return method != "HEAD" and status not in (204, 304)


def complete_fields(status: int, fields: Fields) -> Fields:
    """The application's fields with what is the server's: Date and Server unless given.

    Transfer-Encoding is dropped (ASGI HTTP, Response Start), and the Content-Length that a 204
    must not have (RFC 9110 §8.6).
    """
    dropped = {b"transfer-encoding", *([b"content-length"] if status == 204 else [])}
    own = [(b"date", formatdate(usegmt=True).encode()), (b"server", b"reference")]
    added = [(name, value) for name, value in own if not find_values(fields, name)]
    return added + drop(fields, dropped)


def choose_framing(version: str, head: Head) -> Framing:
    """How a response is framed for a client of that version."""
    if not head.content:
        return Framing.NONE
    if head.length is not None:
        return Framing.LENGTH
    return Framing.CLOSE if version == "1.0" else Framing.CHUNKED


def add_framing(request: Request, head: Head, framing: Framing, close: bool) -> Fields:
    """The fields as they go out on HTTP/1.1; whether the connection stays is the server's word."""
    fields = drop(head.fields, (b"connection", b"keep-alive"))
    if framing is Framing.CHUNKED:
        fields.append((b"transfer-encoding", b"chunked"))
    told = find_tokens(head.fields, b"connection")
    options = [option for option in told if option not in (b"close", b"keep-alive")]
    if close:
        options.append(b"close")
    elif request.version == "1.0":
        options.append(b"keep-alive")
    return fields + ([(b"connection", b", ".join(options))] if options else [])


def encode_head(status: int, fields: Fields) -> bytes:
    """The status line and the fields (RFC 9112 §4, §5)."""
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    return b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason.encode(), encode_fields(fields))


def encode_fields(fields: Fields) -> bytes:
    return b"".join(b"%b: %b\r\n" % field for field in fields)


def encode_chunk(data: bytes) -> bytes:
    """One chunk; no bytes are no chunk, since an empty one would end the content."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def build_error(status: int) -> tuple[Fields, bytes]:
    """The fields and the content of an answer of the server's own."""
    text = f"{status} {HTTPStatus(status).phrase}\n".encode()
    length = str(len(text)).encode()
    return [(b"content-type", b"text/plain"), (b"content-length", length)], text
