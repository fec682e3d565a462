"""Mistakes in the head of a response: its status and its fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from http import HTTPStatus

from reference.errors import InvalidEvent
from reference.events import Event, Start
from reference.fields import Fields, drop, find_values, parse_length
from reference.framing import Framing, Head
from reference.policy import Policy
from reference.request import Request

_OWN = (b"date", b"server")
_VALUE_BYTES = 16384


def _alter_values(fields: Fields, alter: Callable[[bytes], bytes]) -> Fields:
    return [(name, alter(value)) for name, value in fields]


# Which fields, and in which order.


class SortsFields(Policy):
    """Fields go out in the order of their names."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return sorted(super().complete_fields(status, fields), key=lambda field: field[0])


class KeepsLastField(Policy):
    """Of the fields of one name the last is sent."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return list(dict(super().complete_fields(status, fields)).items())


class JoinsFields(Policy):
    """The fields of one name are joined with commas."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        whole = super().complete_fields(status, fields)
        return [(name, b", ".join(find_values(whole, name))) for name in dict(whole)]


class DropsEmptyFields(Policy):
    """A field without a value says nothing."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return [field for field in super().complete_fields(status, fields) if field[1]]


class DropsContentEncoding(Policy):
    """Codings are the server's affair."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return drop(super().complete_fields(status, fields), [b"content-encoding"])


class AddsOwnFields(Policy):
    """Date and Server are sent, whatever the application says."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return super().complete_fields(status, drop(fields, _OWN)) + [
            field for field in fields if field[0] in _OWN
        ]


class ReplacesOwnFields(Policy):
    """Date and Server are the server's."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        return super().complete_fields(status, drop(fields, _OWN))


class WithoutDate(Policy):
    """A response has no date of its own."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        dated = bool(find_values(fields, b"date"))
        whole = super().complete_fields(status, fields)
        return whole if dated else drop(whole, [b"date"])


# Values.


class CollapsesSpaces(Policy):
    """Several spaces are one."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        whole = super().complete_fields(status, fields)
        return _alter_values(whole, lambda value: re.sub(rb" +", b" ", value))


class ReplacesTabs(Policy):
    """A tab is a space."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        whole = super().complete_fields(status, fields)
        return _alter_values(whole, lambda value: value.replace(b"\t", b" "))


class ReplacesWhatIsNotAscii(Policy):
    """Values are ASCII."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        whole = super().complete_fields(status, fields)
        return _alter_values(whole, lambda value: re.sub(rb"[\x80-\xff]", b"?", value))


class CutsLongValues(Policy):
    """A value ends after 16 KiB."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        whole = super().complete_fields(status, fields)
        return _alter_values(whole, lambda value: value[:_VALUE_BYTES])


# What is not looked at.


def _take_unchecked(message: object, offered: Collection[str], policy: Policy) -> Event:
    """The event of a message, a start with whatever status and fields it has."""
    if not (isinstance(message, dict) and message.get("type") == "http.response.start"):
        return Policy.parse_event(policy, message, offered)
    fields = [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
    length = parse_length(find_values(fields, b"content-length"))
    return Start(message["status"], fields, length, message.get("trailers", False))


class TakesAnyField(Policy):
    """Names and values are not looked at, nor is the status."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        return _take_unchecked(message, offered, self)


class LooksForCrlfAlone(Policy):
    """Values may have anything in them but CR LF."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        event = _take_unchecked(message, offered, self)
        if isinstance(event, Start) and any(b"\r\n" in b"".join(field) for field in event.fields):
            raise InvalidEvent("CR LF in a header")
        return event


class LowersNames(Policy):
    """Names are sent in lower case, and what is unusual in them is kept."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and "headers" in message:
            fields = [(name.lower(), value) for name, value in message["headers"]]
            message = {**message, "headers": fields}
        return super().parse_event(message, offered)


# The status.


class KnowsFewStatuses(Policy):
    """A status is one of a few, else the first of its class."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        event = super().parse_event(message, offered)
        if isinstance(event, Start) and event.status not in (200, 204, 304, 404, 500):
            return Start(event.status // 100 * 100, event.fields, event.length, event.trailers)
        return event


class KnowsRegisteredStatuses(Policy):
    """A status is one that Python has a name for."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        event = super().parse_event(message, offered)
        if isinstance(event, Start):
            HTTPStatus(event.status)
        return event


class WithoutSpaceAfterStatus(Policy):
    """Where there is no phrase, the status line ends with the status."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        write(re.sub(rb"\A(HTTP/1\.1 \d+) \r\n", rb"\1\r\n", data))


# Transfer-Encoding.


class TrustsTransferEncoding(Policy):
    """Who says chunked has done so."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        told = [field for field in fields if field[0] == b"transfer-encoding"]
        return super().complete_fields(status, fields) + told

    def choose_framing(self, request: Request, head: Head) -> Framing:
        told = find_values(head.fields, b"transfer-encoding")
        return Framing.CLOSE if told else super().choose_framing(request, head)
