"""Mistakes in what a subscriber that comes back is sent."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from dataclasses import replace

from broken.messages import (
    change_body,
    change_path,
    change_query,
    change_request,
    change_request_field,
    drop_pieces,
    read_field,
    refuse,
)
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Scope
from raw_asgi.settings import Settings

_LAST_ID = b"last-event-id"


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
    return change_request_field(app, _LAST_ID, lambda value: add(value, -1))


def replays_too_late(app: ASGIApp) -> ASGIApp:
    """Off by one the other way."""
    return change_request_field(app, _LAST_ID, lambda value: add(value, 1))


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
        return re.sub(rb'"to":(\d+)', lambda it: b'"to":' + add(it[1], 1), body)

    return change_body(app, widen)


def remembers_half(_app: ASGIApp) -> ASGIApp:
    settings = Settings.from_env()
    return create_app(replace(settings, replay_events=settings.replay_events // 2))


def remembers_more(_app: ASGIApp) -> ASGIApp:
    settings = Settings.from_env()
    return create_app(replace(settings, replay_events=settings.replay_events * 2))


def add(number: bytes, difference: int) -> bytes:
    """Another number in the place of one; what is none stays as it is."""
    return b"%d" % max(int(number) + difference, 0) if number.isdigit() else number


def refuses_malformed_ids_of_the_query(app: ASGIApp) -> ASGIApp:
    malformed = re.compile(rb"last_event_id=(?![0-9]+\Z)")
    return refuse(app, lambda scope: malformed.search(scope["query_string"]), 422)


def fails_on_digits_of_other_kinds(app: ASGIApp) -> ASGIApp:
    """`str.isdigit` lets them pass, and `int` does not."""

    def fails(scope: Scope) -> bool:
        value = (read_field(scope, _LAST_ID) or b"").decode("latin-1")
        return value.isdigit() and not value.isdecimal()

    return refuse(app, fails, 500)


def fails_on_large_ids(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: len(read_field(scope, _LAST_ID) or b"") > 18, 500)


def the_future_is_the_beginning(app: ASGIApp) -> ASGIApp:
    """An id above the newest is that of a client that has seen nothing."""
    newest: Counter[str] = Counter()

    def change(scope: Scope) -> Scope:
        newest[scope["path"]] += scope["method"] == "POST"
        last = read_field(scope, _LAST_ID) or b""
        if not last.isdigit() or int(last) <= newest[scope["path"]]:
            return scope
        kept = [field for field in scope["headers"] if field[0] != _LAST_ID]
        return {**scope, "headers": [*kept, (_LAST_ID, b"0")]}

    return change_request(app, change)


def remembers_a_thousand_channels(app: ASGIApp) -> ASGIApp:
    return _forget_channels(app, 1000)


def forgets_channels_with_a_subscriber(app: ASGIApp) -> ASGIApp:
    """Remembers the 1024 that were published on last, whoever listens."""
    return _forget_channels(app, 1024)


def _forget_channels(app: ASGIApp, remembered: int) -> ASGIApp:
    # A channel that was forgotten is another one from then on.
    lives: OrderedDict[str, str] = OrderedDict()
    forgotten: Counter[str] = Counter()

    def find(path: str) -> str:
        lives.setdefault(path, f"{path}-{forgotten[path]}" if forgotten[path] else path)
        lives.move_to_end(path)
        if len(lives) > remembered:
            forgotten[lives.popitem(last=False)[0]] += 1
        return lives[path]

    return change_path(app, lambda path: find(path) if path.startswith("/events/") else path)
