"""Mistakes in the header fields of a scope, and in reading the head of a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reference.errors import BadRequest
from reference.fields import Fields
from reference.mistakes.altering import alters_headers
from reference.policy import Policy
from reference.request import Request

Headers = list[Any]
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@alters_headers
def values_of_bytearray(headers: Headers) -> Headers:
    return [[name, bytearray(value)] for name, value in headers]


@alters_headers
def values_split_at_commas(headers: Headers) -> Headers:
    return [
        [name, part.strip()]
        for name, value in headers
        for part in ([value] if name.startswith(b"asgi-") else value.split(b","))
    ]


@alters_headers
def values_in_utf_8(headers: Headers) -> Headers:
    return [[name, value.decode("latin-1").encode()] for name, value in headers]


@alters_headers
def last_of_each_name(headers: Headers) -> Headers:
    return [[name, value] for name, value in dict(headers).items()]


@alters_headers
def empty_values_dropped(headers: Headers) -> Headers:
    return [field for field in headers if field[1]]


@alters_headers
def names_in_title_case(headers: Headers) -> Headers:
    return [[name.title(), value] for name, value in headers]


@alters_headers
def sorted_fields(headers: Headers) -> Headers:
    return sorted(headers)


@alters_headers
def host_of_the_server(headers: Headers) -> Headers:
    return [[name, b"localhost" if name == b"host" else value] for name, value in headers]


@alters_headers
def host_at_the_end(headers: Headers) -> Headers:
    return sorted(headers, key=lambda field: bool(field[0] == b"host"))


@alters_headers
def host_told_twice(headers: Headers) -> Headers:
    return [headers[0], *headers]


@alters_headers
def with_pseudo_headers(headers: Headers) -> Headers:
    return [*headers, [b":path", b"/"]]


@alters_headers
def cookies_joined(headers: Headers) -> Headers:
    cookies = [value for name, value in headers if name == b"cookie"]
    others = [field for field in headers if field[0] != b"cookie"]
    return [*others, [b"cookie", b"; ".join(cookies)]]


class KeepsWhiteSpace(Policy):
    """White space after a value is taken for a part of it."""

    def parse_head(self, head: bytes) -> Request:
        lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
        fields = [(name.lower(), value.lstrip(b" \t")) for name, _, value in lines]
        return replace(super().parse_head(head), fields=fields)


class KeepsMethodCase(Policy):
    """A method is handed on as it came."""

    def parse_head(self, head: bytes) -> Request:
        method = head.partition(b" ")[0].decode("ascii")
        return replace(super().parse_head(head), method=method)


class KnowsMethods(Policy):
    """Methods that are not in its list are refused."""

    def parse_head(self, head: bytes) -> Request:
        request = super().parse_head(head)
        if request.method not in _METHODS:
            raise BadRequest(501, f"method {request.method}")
        return request


def _refuse_targets(head: bytes, begin: bytes) -> None:
    if head.split(b" ")[1].startswith(begin):
        raise BadRequest(400, "a target of another form")


class RefusesAbsoluteForm(Policy):
    """A target is a path."""

    def parse_head(self, head: bytes) -> Request:
        _refuse_targets(head, b"http")
        return super().parse_head(head)


class RefusesAsteriskForm(Policy):
    """A target begins with a slash, or is an absolute one."""

    def parse_head(self, head: bytes) -> Request:
        _refuse_targets(head, b"*")
        return super().parse_head(head)


class KeepsAbsoluteForm(Policy):
    """Whatever stands in the request line is the path."""

    def parse_head(self, head: bytes) -> Request:
        path = head.split(b" ")[1].partition(b"?")[0]
        return replace(super().parse_head(head), path=path)


class RefusesExpectations(Policy):
    """No expectation is met."""

    def parse_head(self, head: bytes) -> Request:
        request = super().parse_head(head)
        if any(name == b"expect" for name, _ in request.fields):
            raise BadRequest(417, "an expectation")
        return request


class KeepsHost(Policy):
    """The target's authority is only taken where there is no Host."""

    def checks_fields(self) -> bool:
        return False

    def read_fields(self, headers: Fields) -> Request:
        told = any(name == b"host" for name, _ in headers)
        return super().read_fields([f for f in headers if f[0] != b":authority" or not told])
