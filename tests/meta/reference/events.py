"""Events: an application's messages, checked and made into values that can be relied on.

Keys that are not known are passed over, so that newer applications work (ASGI, Error Handling).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from reference.errors import InvalidEvent
from reference.fields import Fields, find_values, parse_fields, parse_length, parse_value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Start:
    """`http.response.start`; `length` is its Content-Length."""

    status: int
    fields: Fields
    length: int | None
    trailers: bool


@dataclass(frozen=True, slots=True)
class Body:
    """`http.response.body`."""

    data: bytes
    more: bool


@dataclass(frozen=True, slots=True)
class Trailers:
    """`http.response.trailers`."""

    fields: Fields
    more: bool


@dataclass(frozen=True, slots=True)
class EarlyHint:
    """`http.response.early_hint`."""

    links: list[bytes]


@dataclass(frozen=True, slots=True)
class Push:
    """`http.response.push`."""

    path: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class PathSend:
    """`http.response.pathsend`."""

    path: str


@dataclass(frozen=True, slots=True)
class ZeroCopySend:
    """`http.response.zerocopysend`; None for `offset` is where the descriptor stands."""

    descriptor: int
    offset: int | None
    count: int | None
    more: bool


Event = Start | Body | Trailers | EarlyHint | Push | PathSend | ZeroCopySend


def parse_event(message: object, offered: Collection[str]) -> Event:
    """The event that a message is. `offered` are the names of the extensions in the scope.

    Raises `InvalidEvent` for unknown types, missing keys and values of the wrong type.
    """
    if not isinstance(message, Mapping):
        raise InvalidEvent(f"a message is no dictionary: {message!r:.80}")
    name = message.get("type")
    parse = _PARSERS.get(name) if isinstance(name, str) else None
    if parse is None or (name not in _CORE and name not in offered):
        raise InvalidEvent(f"no message of the type {name!r:.80}")
    return parse(message)


def _parse_start(message: Mapping[str, Any]) -> Start:
    status = _get(message, "status", int)
    if isinstance(status, bool) or not 200 <= status <= 999:
        raise InvalidEvent(f"status is not from 200 to 999: {status!r}")
    fields = parse_fields(message.get("headers", ()))
    try:
        length = parse_length(find_values(fields, b"content-length"))
    except ValueError as error:
        raise InvalidEvent(str(error)) from None
    return Start(status, fields, length, _get(message, "trailers", bool, False))


def _parse_body(message: Mapping[str, Any]) -> Body:
    return Body(_get(message, "body", bytes, b""), _get(message, "more_body", bool, False))


def _parse_trailers(message: Mapping[str, Any]) -> Trailers:
    return Trailers(
        parse_fields(message.get("headers", ())), _get(message, "more_trailers", bool, False)
    )


def _parse_early_hint(message: Mapping[str, Any]) -> EarlyHint:
    links = _get(message, "links", Iterable)  # type: ignore[type-abstract]
    return EarlyHint([parse_value(link) for link in links])


def _parse_push(message: Mapping[str, Any]) -> Push:
    return Push(_get(message, "path", str), parse_fields(message.get("headers", ())))


def _parse_path_send(message: Mapping[str, Any]) -> PathSend:
    return PathSend(_get(message, "path", str))


def _parse_zero_copy_send(message: Mapping[str, Any]) -> ZeroCopySend:
    file = message.get("file")
    try:
        descriptor = file if isinstance(file, int) else file.fileno()  # type: ignore[union-attr]
        os.fstat(descriptor)
    except (AttributeError, OSError, ValueError):
        raise InvalidEvent(f"file is not an open file: {file!r:.80}") from None
    offset, count = message.get("offset"), message.get("count")
    if any(n is not None and (not isinstance(n, int) or n < 0) for n in (offset, count)):
        raise InvalidEvent(f"offset or count is no number of bytes: {offset!r:.80}, {count!r:.80}")
    return ZeroCopySend(descriptor, offset, count, _get(message, "more_body", bool, False))


_PARSERS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "http.response.start": _parse_start,
    "http.response.body": _parse_body,
    "http.response.trailers": _parse_trailers,
    "http.response.early_hint": _parse_early_hint,
    "http.response.push": _parse_push,
    "http.response.pathsend": _parse_path_send,
    "http.response.zerocopysend": _parse_zero_copy_send,
}
_CORE = ("http.response.start", "http.response.body")
EXTENSIONS = frozenset(_PARSERS) - frozenset(_CORE)


def _get(message: Mapping[str, Any], key: str, kind: type[T], default: T | None = None) -> T:
    value = message.get(key, default)
    if not isinstance(value, kind):
        problem = "is missing" if key not in message else f"is not {kind.__name__}: {value!r:.80}"
        raise InvalidEvent(f"{message['type']}: {key} {problem}")
    return value
