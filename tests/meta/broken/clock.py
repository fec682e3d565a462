"""Mistakes in the clock: `/events/clock`."""

from __future__ import annotations

import re

from broken.messages import (
    change_body,
    change_query,
    change_request,
    change_status,
    on_http,
    read_field,
)
from broken.replay import add
from raw_asgi.asgi.types import ASGIApp, Receive, Scope, Send

_CLOCK = "/events/clock"
_LAST_ID = b"last-event-id"


def never_tells_to_stop(app: ASGIApp) -> ASGIApp:
    return change_status(app, 204, 200)


def clock_begins_at_0(app: ASGIApp) -> ASGIApp:
    return change_body(
        app, lambda body: re.sub(rb'"tick":(\d+)', lambda it: b'"tick":' + add(it[1], -1), body)
    )


def without_zone(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"+00:00", b""))


def ignores_interval(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"interval=[^&]*", b"", query))


def ignores_count(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"count=[^&]*", b"", query))


def ends_after_ten_ticks(app: ASGIApp) -> ASGIApp:
    def change(scope: Scope) -> Scope:
        if scope["path"] != _CLOCK or b"count=" in scope["query_string"]:
            return scope
        return {**scope, "query_string": scope["query_string"] + b"&count=10"}

    return change_request(app, change)


def ticks_at_once(app: ASGIApp) -> ASGIApp:
    """The first tick is that of the beginning."""
    tick = b'id: 0\ndata: {"tick":0,"time":"2000-01-01T00:00:00+00:00"}\n\n'
    early = change_body(app, lambda body: body + tick if body.startswith(b"retry:") else body)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await (early if scope["path"] == _CLOCK else app)(scope, receive, send)

    return on_http(app, broken)


def counts_ticks_anew(app: ASGIApp) -> ASGIApp:
    """The id goes on after the last one, and the tick's number begins with 1."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        seen = read_field(scope, _LAST_ID) or b"0"

        def lower(body: bytes) -> bytes:
            return re.sub(rb'(?<="tick":)\d+', lambda it: add(it[0], -int(seen)), body)

        await change_body(app, lower)(scope, receive, send)

    return on_http(app, broken)


def done_at_the_count_alone(app: ASGIApp) -> ASGIApp:
    """Compares the last id with `count` for being the same."""

    def change(scope: Scope) -> Scope:
        count = re.search(rb"count=(\d+)", scope["query_string"])
        last = read_field(scope, _LAST_ID)
        if count is None or last is None or int(last) <= int(count[1]):
            return scope
        return {**scope, "headers": [it for it in scope["headers"] if it[0] != _LAST_ID]}

    return change_request(app, change)


def one_clock_for_all(app: ASGIApp) -> ASGIApp:
    """Who comes later is given the ticks from where the others are."""
    newest = b"0"

    def note(body: bytes) -> bytes:
        nonlocal newest
        numbers: list[bytes] = re.findall(rb"(?m)^id: (\d+)", body)
        newest = numbers[-1] if numbers else newest
        return body

    noting = change_body(app, note)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == _CLOCK and read_field(scope, _LAST_ID) is None:
            scope = {**scope, "headers": [*scope["headers"], (_LAST_ID, newest)]}
        await noting(scope, receive, send)

    return on_http(app, broken)
