"""Content codings: what the checks of the gzip middleware ask for and expect.

In a cell without the middleware a check asserts that nothing is compressed, unless it makes no
sense there.
"""

from __future__ import annotations

import gzip
import zlib

import pytest

from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject

GZIP = ("Accept-Encoding", "gzip")
IDENTITY = ("Accept-Encoding", "identity")


def require_gzip(subject: Subject) -> None:
    """Skip the check in a cell without the middleware."""
    if not subject.gzip:
        pytest.skip("this cell is without the gzip middleware")


def read_coding(answer: Exchange) -> str:
    """The content coding of an answer, `identity` where none is named."""
    return answer.header("content-encoding") or "identity"


def expected_coding(subject: Subject) -> str:
    """The coding of what can be compressed, for a client that takes gzip."""
    return "gzip" if subject.gzip else "identity"


def decode_whole(answer: Exchange) -> bytes:
    """The content of a whole answer, by another decoder than the client's: checksums too."""
    if read_coding(answer) == "identity":
        return answer.wire_body
    try:
        return gzip.decompress(answer.wire_body)
    except (OSError, EOFError, zlib.error) as error:
        raise AssertionError(f"this is no whole gzip stream: {error}") from error


def list_members(answer: Exchange, name: str) -> list[str]:
    """The members of a field that is a list, in lower case."""
    members = (answer.header(name) or "").lower().split(",")
    return [member.strip() for member in members if member.strip()]


def write_text(size: int) -> bytes:
    """A text of so many bytes that shrinks when it is compressed."""
    return (b"The same line, again and again.\n" * (size // 32 + 1))[:size]
