"""Mistakes in files: `/files`."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from broken.messages import (
    AT_THE_TURN,
    Fields,
    answer,
    change_body,
    change_field,
    change_path,
    change_query,
    change_request,
    change_start,
    change_status,
    drop_field,
    refuse,
)
from broken.streams import ends_a_failure_cleanly
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def _locate(scope: Scope) -> Path:
    """Where a careless application would look for the file."""
    return Path(os.environ["MORE_BODY_FILES"], scope["path"].removeprefix("/files/"))


def without_length(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"content-length")


def without_nosniff(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"x-content-type-options")


def without_accept_ranges(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"accept-ranges")


def without_etag(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"etag")


def weak_etag(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"etag", lambda tag: b"W/" + tag)


def unchanging_etag(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"etag", lambda _: b'"the same for ever"')


def etag_of_the_second(app: ASGIApp) -> ASGIApp:
    """A tag of size and modification time in whole seconds."""

    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        told = dict(fields)
        if b"etag" in told:
            told[b"etag"] = b'"%b %b"' % (told[b"content-length"], told[b"last-modified"])
        return status, list(told.items())

    return change_start(app, change)


def local_date(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"last-modified", lambda date: date.replace(b"GMT", b"+0000"))


def future_date(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"last-modified", lambda _: b"Fri, 01 Jan 2100 00:00:00 GMT")


def every_type_is_octets(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"content-type", lambda _: b"application/octet-stream")


def type_of_the_inner_file(app: ASGIApp) -> ASGIApp:
    """What the standard library guesses of `a.csv.gz`, without the encoding."""
    return change_field(
        app, b"content-type", lambda kind: kind.replace(b"application/gzip", b"text/csv")
    )


def inline_always(app: ASGIApp) -> ASGIApp:
    return change_field(
        app, b"content-disposition", lambda it: it.replace(b"attachment", b"inline")
    )


def attachment_always(app: ASGIApp) -> ASGIApp:
    return change_field(
        app, b"content-disposition", lambda it: it.replace(b"inline", b"attachment")
    )


def without_extended_name(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"content-disposition", lambda it: it.partition(b"; filename*")[0])


def any_switch_is_on(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: b"download=1" if query else b"")


def plus_is_a_space(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: path.replace("+", " "))


def follows_every_path(app: ASGIApp) -> ASGIApp:
    """Joins the path to the directory and sends what is there."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _locate(scope).is_file():
            await answer(send, 200, _locate(scope).read_bytes())
        else:
            await app(scope, receive, send)

    return broken


def lists_directories(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _locate(scope).is_dir():
            await answer(send, 200, b"\n".join(map(bytes, _locate(scope).iterdir())))
        else:
            await app(scope, receive, send)

    return broken


def refuses_links(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: _locate(scope).is_symlink(), 404)


def forbids_what_it_may_not_read(app: ASGIApp) -> ASGIApp:
    return refuse(
        app,
        lambda scope: _locate(scope).is_file() and not os.access(_locate(scope), os.R_OK),
        403,
    )


def fails_on_what_is_no_file(app: ASGIApp) -> ASGIApp:
    return change_status(app, 404, 500)


def tells_a_path(app: ASGIApp) -> ASGIApp:
    """The detail of a problem is the text of the operating system's error."""

    def change(body: bytes) -> bytes:
        return body.replace(b"there is no such file", os.environ["MORE_BODY_FILES"].encode())

    return change_body(app, change)


def reads_the_file_at_each_piece(app: ASGIApp) -> ASGIApp:
    """Opens the file by its name for every piece, and stops where there is nothing left."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _locate(scope).is_file():
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        position = 0
        while piece := _read_piece(_locate(scope), position):
            position += len(piece)
            await send(_body(piece))
        await send({"type": "http.response.body"})

    return broken


def _read_piece(path: Path, position: int) -> bytes:
    with path.open("rb") as file:
        file.seek(position)
        return file.read(65536)


def ends_where_the_file_ends(app: ASGIApp) -> ASGIApp:
    """Sends without a length, and stops where there is nothing left."""
    return ends_a_failure_cleanly(drop_field(app, b"content-length"))


def leaks_the_file(app: ASGIApp) -> ASGIApp:
    def open_too(scope: Scope) -> Scope:
        if _locate(scope).is_file():
            AT_THE_TURN.append(partial(os.close, os.open(_locate(scope), os.O_RDONLY)))
        return scope

    return change_request(app, open_too)


def _body(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}
