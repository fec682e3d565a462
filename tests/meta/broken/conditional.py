"""Mistakes in preconditions."""

from __future__ import annotations

from broken.messages import (
    change_request,
    change_request_field,
    read_field,
    refuse,
)
from broken.uploads import is_upload, locate
from raw_asgi.asgi.types import ASGIApp, Scope


def ignores_entity_tags(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        change_request_field(app, b"if-match", lambda _: None), b"if-none-match", lambda _: None
    )


def compares_if_match_weakly(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-match", lambda tags: tags.replace(b"W/", b""))


def ignores_dates(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        change_request_field(app, b"if-modified-since", lambda _: None),
        b"if-unmodified-since",
        lambda _: None,
    )


def reads_one_form_of_dates(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        app, b"if-modified-since", lambda date: date if date.endswith(b"GMT") else None
    )


def malformed_date_is_now(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        app,
        b"if-modified-since",
        lambda date: date if date.endswith(b"GMT") else b"Fri, 01 Jan 2010 00:00:00 GMT",
    )


def dates_before_tags(app: ASGIApp) -> ASGIApp:
    def change(scope: Scope) -> Scope:
        names = {name for name, _ in scope["headers"]}
        if b"if-modified-since" not in names:
            return scope
        kept = [field for field in scope["headers"] if field[0] != b"if-none-match"]
        return {**scope, "headers": kept}

    return change_request(app, change)


def bare_precondition_failure(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"if-match") == b'"other"', 412)


def a_star_never_holds(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"if-none-match") == b"*", 412)


def compares_every_tag_strongly(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda it: it.replace(b"W/", b'"x", "y'))


def reads_one_tag(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-match", lambda tags: tags.partition(b",")[0])


def ignores_if_match(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-match", lambda _: None)


def ignores_if_none_match(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda _: None)


def no_tag_ever_matches(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-match", lambda it: it if it == b"*" else b'"never"')


def a_star_is_a_tag(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-match", lambda it: b'"*"' if it == b"*" else it)


def every_tag_is_a_star(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-none-match", lambda _: b"*")


def preconditions_need_a_file(app: ASGIApp) -> ASGIApp:
    def has_none(scope: Scope) -> bool:
        conditional = read_field(scope, b"if-none-match") is not None
        return conditional and is_upload(scope) and not locate(scope).exists()

    return refuse(app, has_none, 412)
