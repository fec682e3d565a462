"""Mistakes in events: `/events`."""

from __future__ import annotations

import re
from dataclasses import replace

from broken.messages import (
    change_body,
    change_path,
    change_query,
    change_request,
    change_request_body,
    change_request_field,
    change_status,
    change_type,
    drop_field,
    drop_pieces,
    read_field,
    refuse,
)
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Scope
from raw_asgi.settings import Settings

_LAST_ID = b"last-event-id"


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


def without_types(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^event: .*\n", b"", body))


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


def lines_break_out_of_data(app: ASGIApp) -> ASGIApp:
    """Writes the data as it is behind one `data:`."""

    def change(body: bytes) -> bytes:
        before, name, data = body.partition(b"data: ")
        return before + name + data.replace(b"\ndata: ", b"\n")

    return change_body(app, change)


def strips_data(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^data: +", b"data: ", body))


def joins_lines_of_data(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(data: [^\n]*)\ndata: ", rb"\1 ", body))


def replays_unasked(app: ASGIApp) -> ASGIApp:
    def ask(scope: Scope) -> Scope:
        return {**scope, "headers": [(_LAST_ID, b"0"), *scope["headers"]]}

    return change_request(app, ask)


def never_replays(app: ASGIApp) -> ASGIApp:
    return change_query(
        change_request_field(app, _LAST_ID, lambda _: None),
        lambda query: query.replace(b"last_event_id", b"unknown"),
    )


def replays_the_last_seen_again(app: ASGIApp) -> ASGIApp:
    """Off by one: from the last seen event on, not from the one after it."""
    return change_request_field(app, _LAST_ID, lambda value: _add(value, -1))


def replays_too_late(app: ASGIApp) -> ASGIApp:
    """Off by one the other way."""
    return change_request_field(app, _LAST_ID, lambda value: _add(value, 1))


def query_is_ignored(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"last_event_id", b"unknown"))


def query_wins(app: ASGIApp) -> ASGIApp:
    def drop_header(scope: Scope) -> Scope:
        if b"last_event_id" not in scope["query_string"]:
            return scope
        return {**scope, "headers": [it for it in scope["headers"] if it[0] != _LAST_ID]}

    return change_request(app, drop_header)


def refuses_malformed_ids(app: ASGIApp) -> ASGIApp:
    def malformed(scope: Scope) -> bool:
        value = read_field(scope, _LAST_ID)
        return value is not None and re.fullmatch(rb"[0-9]{1,15}", value) is None

    return refuse(app, malformed, 400)


def malformed_ids_are_0(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _LAST_ID, lambda value: value if value.isdigit() else b"0")


def silent_about_gaps(app: ASGIApp) -> ASGIApp:
    return drop_pieces(app, lambda piece: b"event: gap\n" in piece)


def gap_without_id(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"id: .*\n(?=event: gap)", b"", body))


def gap_one_too_long(app: ASGIApp) -> ASGIApp:
    def widen(body: bytes) -> bytes:
        return re.sub(rb'"to":(\d+)', lambda it: b'"to":' + _add(it[1], 1), body)

    return change_body(app, widen)


def one_log_for_channels_that_look_alike(app: ASGIApp) -> ASGIApp:
    return change_path(app, str.lower)


def any_channel_name(app: ASGIApp) -> ASGIApp:
    return change_path(
        app,
        lambda path: "/events/" + re.sub(r"[^A-Za-z0-9._-]", "_", path.partition("/events/")[2]),
    )


def short_channel_names_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: len(scope["path"]) > len("/events/") + 40, 404)


def accepted_is_200(app: ASGIApp) -> ASGIApp:
    return change_status(app, 202, 200)


def ids_begin_with_0(app: ASGIApp) -> ASGIApp:
    def lower(body: bytes) -> bytes:
        return re.sub(rb'(?m)^(id: |\{"id":)(\d+)', lambda it: it[1] + _add(it[2], -1), body)

    return change_body(app, lower)


def never_tells_to_stop(app: ASGIApp) -> ASGIApp:
    return change_status(app, 204, 200)


def clock_begins_at_0(app: ASGIApp) -> ASGIApp:
    return change_body(
        app, lambda body: re.sub(rb'"tick":(\d+)', lambda it: b'"tick":' + _add(it[1], -1), body)
    )


def without_zone(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"+00:00", b""))


def ignores_count(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"count=[^&]*", b"", query))


def ignores_interval(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"interval=[^&]*", b"", query))


def any_type_will_do(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda _: b"application/json")


def fails_without_saying_so(app: ASGIApp) -> ASGIApp:
    return drop_pieces(app, lambda piece: piece.startswith(b"event: error"))


def types_are_cleaned(app: ASGIApp) -> ASGIApp:
    """Takes line ends and NUL out of a type, where it should refuse it."""
    return change_request_body(app, lambda body: re.sub(rb"\\(n|r|u0000)", b" ", body))


def any_body_will_do(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["method"] == "POST", 202)


def compares_types_exactly(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda it: it if it == b"application/json" else b"text/plain")


def small_events_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: len(read_field(scope, b"content-length") or b"") > 4, 413)


def remembers_half(_app: ASGIApp) -> ASGIApp:
    settings = Settings.from_env()
    return create_app(replace(settings, replay_events=settings.replay_events // 2))


def remembers_more(_app: ASGIApp) -> ASGIApp:
    settings = Settings.from_env()
    return create_app(replace(settings, replay_events=settings.replay_events * 2))


def _add(number: bytes, difference: int) -> bytes:
    return b"%d" % max(int(number) + difference, 0) if number.isdigit() else number
