"""Mistakes in what is taken for an event: `POST /events/{channel}`."""

from __future__ import annotations

import re

from broken.messages import (
    change_request_body,
    change_request_field,
    change_status,
    change_type,
    read_field,
    refuse,
)
from raw_asgi.asgi.types import ASGIApp


def accepted_is_200(app: ASGIApp) -> ASGIApp:
    return change_status(app, 202, 200)


def types_are_cleaned(app: ASGIApp) -> ASGIApp:
    """Takes line ends and NUL out of a type, where it should refuse it."""
    return change_request_body(app, lambda body: re.sub(rb"\\(n|r|u0000)", b" ", body))


def any_body_will_do(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["method"] == "POST", 202)


def compares_types_exactly(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda it: it if it == b"application/json" else b"text/plain")


def small_events_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: len(read_field(scope, b"content-length") or b"") > 4, 413)


def any_type_will_do(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda _: b"application/json")


def refuses_empty_data(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: re.sub(rb'"data": ?""', b'"data":null', body))


def reads_latin_1(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.decode("latin-1").encode())


def takes_a_pair_for_lone_surrogates(app: ASGIApp) -> ASGIApp:
    pair = re.compile(rb"(?i)(\\ud[89ab]..)\\ud[cdef]..")
    return change_request_body(app, lambda body: pair.sub(rb"\1", body))


def converts_every_number(app: ASGIApp) -> ASGIApp:
    """`int` does not take more than 4300 digits, and raises what nobody expects."""

    def convert(body: bytes) -> bytes:
        return re.sub(rb"\d{100,}", lambda it: b"%d" % int(it[0]), body)

    return change_request_body(app, convert)


def white_space_does_not_count(app: ASGIApp) -> ASGIApp:
    stripping = change_request_body(app, bytes.strip)
    return change_request_field(stripping, b"content-length", lambda _: None)
