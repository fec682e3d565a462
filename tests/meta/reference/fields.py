"""Header fields: those of an application are checked, those of a client looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reference.errors import InvalidEvent

Fields = list[tuple[bytes, bytes]]

# RFC 9110 §5.6.2: token, of which ASGI wants the lower-case ones.
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
# RFC 9110 §5.5: what would end the line, or the string of a program in C, is in no value.
_VALUE = re.compile(rb"[^\0\r\n]*")
_LENGTH = re.compile(rb"[0-9]+")

# RFC 9113 §8.2.2; on HTTP/1.1 they are the server's own business.
CONNECTION_SPECIFIC = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
# RFC 9110 §6.5.1: what frames or routes a message cannot come after it.
_NO_TRAILERS = frozenset({b"content-length", b"host", b"trailer", b"te"})


def parse_fields(value: object) -> Fields:
    """The fields of an event: an iterable of two-item iterables of bytes.

    White space around a value is no part of it and is dropped. Raises `InvalidEvent`.
    """
    if not isinstance(value, Iterable):
        raise InvalidEvent(f"headers is no iterable: {value!r:.80}")
    return [_parse_field(item) for item in value]


def _parse_field(item: object) -> tuple[bytes, bytes]:
    parts = list(item) if isinstance(item, Iterable) else []
    if len(parts) != 2 or not all(isinstance(part, bytes) for part in parts):
        raise InvalidEvent(f"a header is no pair of byte strings: {item!r:.80}")
    name, value = parts
    if not _NAME.fullmatch(name):
        raise InvalidEvent(f"no name of a header, in lower case: {name!r:.80}")
    return name, parse_value(value)


def parse_value(value: object) -> bytes:
    """The value of a field of an event. Raises `InvalidEvent`."""
    if not isinstance(value, bytes) or not _VALUE.fullmatch(value):
        raise InvalidEvent(f"no value of a header: {value!r:.80}")
    return value.strip(b" \t")


def parse_length(values: list[bytes]) -> int | None:
    """The Content-Length that these values of the field give; None where there is none.

    RFC 9110 §8.6 allows to reject repeated ones. Raises `ValueError`.
    """
    if not values:
        return None
    if len(values) > 1 or not _LENGTH.fullmatch(values[0]):
        raise ValueError(f"Content-Length is not one number: {values!r:.80}")
    return int(values[0])


def find_values(fields: Fields, name: bytes) -> list[bytes]:
    """The values of the fields of that name, as they stand there."""
    return [value for field, value in fields if field == name]


def find_tokens(fields: Fields, name: bytes) -> list[bytes]:
    """The members of a list-based field (RFC 9110 §5.6.1), in lower case, empty ones left out."""
    members = b",".join(find_values(fields, name)).lower().split(b",")
    return [member.strip(b" \t") for member in members if member.strip(b" \t")]


def drop(fields: Fields, names: Iterable[bytes]) -> Fields:
    """The fields but for those of these names."""
    dropped = frozenset(names)
    return [field for field in fields if field[0] not in dropped]


def select_trailers(fields: Fields) -> Fields:
    """The fields that may be sent as trailers."""
    return drop(fields, CONNECTION_SPECIFIC | _NO_TRAILERS)
