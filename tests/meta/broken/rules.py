"""Mistakes that any endpoint can make, whatever it sends."""

from __future__ import annotations

import re
from contextlib import suppress

from broken.messages import (
    Fields,
    answer,
    change_body,
    change_field,
    change_request,
    change_start,
    change_status,
    drop_field,
    on_http,
    read_field,
    refuse,
)
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def head_runs_the_producer(app: ASGIApp) -> ASGIApp:
    """Leaves it to the server to drop the body of a HEAD."""
    return change_request(
        app, lambda scope: {**scope, "method": scope["method"].replace("HEAD", "GET")}
    )


def refuses_head(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await answer(send, 405, fields=[(b"allow", b"GET")])
        else:
            await app(scope, receive, send)

    return on_http(app, broken)


def head_without_type(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        bare = drop_field(app, b"content-type")
        await (bare if scope["method"] == "HEAD" else app)(scope, receive, send)

    return on_http(app, broken)


def head_of_nothing(app: ASGIApp) -> ASGIApp:
    """HEAD tells the length of its own empty body."""

    def empty(status: int, fields: Fields) -> tuple[int, Fields]:
        kept = [field for field in fields if field[0] != b"content-length"]
        return status, [*kept, (b"content-length", b"0")]

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        wrong = change_start(app, empty)
        await (wrong if scope["method"] == "HEAD" else app)(scope, receive, send)

    return on_http(app, broken)


def head_is_not_checked(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            scope = {**scope, "query_string": b""}
        await app(scope, receive, send)

    return on_http(app, broken)


def does_not_know_its_root_path(app: ASGIApp) -> ASGIApp:
    return change_request(app, lambda scope: {**scope, "root_path": ""})


def links_from_the_root(app: ASGIApp) -> ASGIApp:
    return change_body(
        change_field(app, b"location", lambda link: link[link.index(b"/files") :]),
        lambda body: body.replace(b"/mounted/files", b"/files"),
    )


def links_are_relative_at_the_root(app: ASGIApp) -> ASGIApp:
    """Joins an empty `root_path` to what follows, and forgets the slash."""
    return change_field(app, b"location", lambda link: re.sub(rb"^/(?=files/)", b"", link))


def cuts_its_root_path_out_of_the_path(app: ASGIApp) -> ASGIApp:
    """Takes `root_path` away wherever in the path it is."""

    def cut(scope: Scope) -> Scope:
        root_path = scope.get("root_path", "")
        path = scope["path"].replace(root_path, "") if root_path else scope["path"]
        return {**scope, "path": path}

    return change_request(app, cut)


def length_is_required(app: ASGIApp) -> ASGIApp:
    def has_none(scope: Scope) -> bool:
        sends = scope["method"] in ("POST", "PUT")
        return sends and read_field(scope, b"content-length") is None

    return refuse(app, has_none, 411)


def tells_a_traceback(app: ASGIApp) -> ASGIApp:
    return change_body(
        app,
        lambda body: body.replace(b'"detail":"', b'"detail":"Traceback (most recent call last)'),
    )


def fails_without_a_problem(app: ASGIApp) -> ASGIApp:
    """An error is a line of text, as most servers send it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        failed = False

        async def send_text(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and message["status"] >= 400:
                failed = True
                fields = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
                message = {**message, "headers": fields}
            elif failed:
                message = {**message, "body": b"Error"}
            await send(message)

        await app(scope, receive, send_text)

    return on_http(app, broken)


def a_204_with_the_length_of_nothing(app: ASGIApp) -> ASGIApp:
    return _tell_the_length_of_nothing(app, 204)


def a_304_with_the_length_of_nothing(app: ASGIApp) -> ASGIApp:
    return _tell_the_length_of_nothing(app, 304)


def swallows_what_fails(app: ASGIApp) -> ASGIApp:
    """Answers a failure and does not raise it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(Exception):
            await app(scope, receive, send)

    return on_http(app, broken)


def unknown_method_is_404(app: ASGIApp) -> ASGIApp:
    return change_status(app, 405, 404)


def method_without_allow(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"allow")


def problem_in_plain_text(app: ASGIApp) -> ASGIApp:
    return change_field(
        app, b"content-type", lambda it: it.replace(b"application/problem+json", b"text/plain")
    )


def refuses_unknown_parameters(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: b"unknown" in scope["query_string"], 422)


def _tell_the_length_of_nothing(app: ASGIApp, of: int) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, [*fields, (b"content-length", b"0")] if status == of else fields

    return change_start(app, change)
