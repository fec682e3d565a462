"""Mistakes in which content coding is chosen: `Accept-Encoding`."""

from __future__ import annotations

import re

from broken.messages import change_request, change_request_field
from raw_asgi.asgi.types import ASGIApp, Receive, Scope, Send

_ACCEPT = b"accept-encoding"


def never_compresses(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda _: None)


def ignores_quality(app: ASGIApp) -> ASGIApp:
    """Looks for the word `gzip`, and for nothing behind it."""
    return change_request_field(app, _ACCEPT, lambda it: re.sub(rb"\s*;\s*[qQ]=[^,]*", b"", it))


def looks_for_a_word(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: b"gzip" if b"gzip" in it else None)


def compares_exactly(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it if b"gzip" in it else b"identity")


def always_compresses(app: ASGIApp) -> ASGIApp:
    def claim(scope: Scope) -> Scope:
        kept = [field for field in scope["headers"] if field[0] != _ACCEPT]
        return {**scope, "headers": [*kept, (_ACCEPT, b"gzip")]}

    return change_request(app, claim)


def reads_no_parameters(app: ASGIApp) -> ASGIApp:
    """Takes `gzip;q=1` for the name of a coding."""
    return change_request_field(app, _ACCEPT, lambda it: b"identity" if b";" in it else it)


def reads_one_line(app: ASGIApp) -> ASGIApp:
    def drop_others(scope: Scope) -> Scope:
        lines = [field for field in scope["headers"] if field[0] == _ACCEPT]
        kept = [field for field in scope["headers"] if field[0] != _ACCEPT]
        return {**scope, "headers": [*kept, *lines[:1]]}

    return change_request(app, drop_others)


def ignores_stars(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it.replace(b"*", b"br"))


def prefers_gzip_to_identity(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: re.sub(rb"identity[^,]*,?", b"", it))


def compresses_get_only(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        plain = never_compresses(app)
        await (plain if scope.get("method") == "POST" else app)(scope, receive, send)

    return broken


def reads_the_first_coding(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it.partition(b",")[0])


def reads_q_in_lower_case(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: re.sub(rb";Q=[^,]*", b"", it))


def prefers_identity_wherever_it_is_named(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: None if b"identity" in it else it)


def knows_no_empty_elements(app: ASGIApp) -> ASGIApp:
    """A list with an empty element is malformed to it, and so is not there."""
    return change_request_field(
        app, _ACCEPT, lambda it: it if all(map(bytes.strip, it.split(b","))) else None
    )


def does_not_know_x_gzip(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: None if it == b"x-gzip" else it)
