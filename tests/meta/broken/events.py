"""Mistakes in events: `/events`."""

from __future__ import annotations

import re

from broken.messages import (
    change_body,
    change_messages,
    change_path,
    change_request,
    change_start,
    drop_field,
    drop_pieces,
    on_http,
    refuse,
)
from broken.replay import add
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def without_type(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"content-type")


def cached(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"cache-control")


def buffered(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"x-accel-buffering")


def without_retry(app: ASGIApp) -> ASGIApp:
    return drop_pieces(app, lambda piece: piece.startswith(b"retry:"))


def without_ids(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^id: .*\n", b"", body))


def without_heartbeat(app: ASGIApp) -> ASGIApp:
    return drop_pieces(app, lambda piece: piece.startswith(b":"))


def heartbeat_is_an_event(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: b"data: ping\n\n" if body.startswith(b":") else body)


def leaves_events_open(app: ASGIApp) -> ASGIApp:
    """The blank line that dispatches an event is missing: it waits for the next."""
    # A heartbeat's blank line would dispatch it too.
    return change_body(
        without_heartbeat(app), lambda body: body[:-1] if body.startswith(b"id:") else body
    )


def one_log_for_channels_that_look_alike(app: ASGIApp) -> ASGIApp:
    return change_path(app, str.lower)


def any_channel_name(app: ASGIApp) -> ASGIApp:
    return change_path(
        app,
        lambda path: "/events/" + re.sub(r"[^A-Za-z0-9._-]", "_", path.partition("/events/")[2]),
    )


def short_channel_names_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: len(scope["path"]) > len("/events/") + 40, 404)


def ids_begin_with_0(app: ASGIApp) -> ASGIApp:
    def lower(body: bytes) -> bytes:
        return re.sub(rb'(?m)^(id: |\{"id":)(\d+)', lambda it: it[1] + add(it[2], -1), body)

    return change_body(app, lower)


def fails_without_saying_so(app: ASGIApp) -> ASGIApp:
    return drop_pieces(app, lambda piece: piece.startswith(b"event: error"))


def with_a_length(app: ASGIApp) -> ASGIApp:
    """Announces how much it means to send at most."""
    return change_start(
        app, lambda status, fields: (status, [*fields, (b"content-length", b"1048576")])
    )


def no_channel_before_an_event(app: ASGIApp) -> ASGIApp:
    """A channel is there once something was published on it."""
    known = {"/events/clock"}

    def is_unknown(scope: Scope) -> bool:
        if scope["method"] == "POST":
            known.add(scope["path"])
        return scope["path"].startswith("/events/") and scope["path"] not in known

    return refuse(app, is_unknown, 404)


def subscribers_share_a_queue(app: ASGIApp) -> ASGIApp:
    """Each event goes to one of them."""
    taken: set[tuple[str, bytes]] = set()

    def take(scope: Scope, message: Message) -> Message | None:
        piece = (scope["path"], message.get("body", b""))
        if piece in taken:
            return None
        if piece[1].startswith(b"id:"):
            taken.add(piece)
        return message

    return change_messages(app, take)


def ends_when_idle(app: ASGIApp) -> ASGIApp:
    """The wait for an event that comes too late takes the stream with it."""

    def end(_scope: Scope, message: Message) -> Message:
        is_heartbeat = message.get("body", b"").startswith(b":")
        return {**message, "more_body": False} if is_heartbeat else message

    return change_messages(app, end)


def a_comment_after_each_event(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body + b":\n\n" if body.startswith(b"id:") else body)


def never_live_after_a_gap(app: ASGIApp) -> ASGIApp:
    """Replays what the log of eight has after a gap, and leaves it at that."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        newest: int | None = None

        async def send_less(message: Message) -> None:
            nonlocal newest
            numbers = [int(it) for it in re.findall(rb"(?m)^id: (\d+)", message.get("body", b""))]
            if newest is not None and numbers and numbers[0] > newest:
                return
            if b"event: gap\n" in message.get("body", b""):
                newest = numbers[-1] + 8
            await send(message)

        await app(scope, receive, send_less)

    return on_http(app, broken)


def one_event_by_default(app: ASGIApp) -> ASGIApp:
    """`fails-after` fails after the first."""

    def change(scope: Scope) -> Scope:
        fails = scope["path"].endswith("/fails-after") and not scope["query_string"]
        return {**scope, "query_string": b"count=1"} if fails else scope

    return change_request(app, change)


def says_error_without_a_problem(app: ASGIApp) -> ASGIApp:
    bare = rb'event: error\ndata: {"error":"it failed"}\n\n'
    return change_body(app, lambda body: re.sub(rb"(?s)^event: error\n.*", bare, body))


def errors_have_an_id(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"^event: error", b"id: 99\nevent: error", body))
