"""Mistakes in uploads: `/uploads`."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes

from broken.messages import (
    answer,
    change_body,
    change_field,
    change_request,
    change_request_body,
    change_request_field,
    change_status,
    drop_field,
    on_http,
    read_field,
    refuse,
)
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.settings import Settings

_PREFIX = "/uploads/"


def find_directory() -> Path:
    """The directory that is uploaded to."""
    return Path(os.environ["MORE_BODY_FILES"])


def is_upload(scope: Scope) -> bool:
    """Whether a request is one to `/uploads`."""
    path: str = scope.get("path", "")
    return path.startswith("/uploads")


def locate(scope: Scope) -> Path:
    """The file that a request to `/uploads` is for."""
    path: str = scope["path"]
    return find_directory() / path.removeprefix(_PREFIX).lstrip("/")


def replaced_is_created(app: ASGIApp) -> ASGIApp:
    return change_status(app, 200, 201)


def created_is_ok(app: ASGIApp) -> ASGIApp:
    return change_status(app, 201, 200)


def receipt_in_upper_case(app: ASGIApp) -> ASGIApp:
    def shout(body: bytes) -> bytes:
        return re.sub(rb'(?<="sha256":")[0-9a-f]+', lambda it: it[0].upper(), body)

    return change_body(app, shout)


def receipt_is_text(app: ASGIApp) -> ASGIApp:
    return change_field(
        app, b"content-type", lambda it: b"text/plain" if it == b"application/json" else it
    )


def without_location(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"location")


def location_is_not_encoded(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"location", unquote_to_bytes)


def leaves_a_temporary_file(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if is_upload(scope):
            (find_directory() / f".left-{secrets.token_hex(8)}").touch()
        await app(scope, receive, send)

    return broken


def empty_files_are_not_stored(app: ASGIApp) -> ASGIApp:
    return refuse(
        app, lambda scope: is_upload(scope) and read_field(scope, b"content-length") == b"0", 400
    )


def guesses_by_type(app: ASGIApp) -> ASGIApp:
    """Takes a form that is put for a form that is posted."""

    def is_form(scope: Scope) -> bool:
        kind = read_field(scope, b"content-type") or b""
        return scope["method"] == "PUT" and kind.startswith(b"multipart/")

    return refuse(app, is_form, 415)


def writes_in_place(app: ASGIApp) -> ASGIApp:
    """No temporary file: what has come so far stands under the name at once."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope.get("path", "").removeprefix(_PREFIX)
        if scope.get("method") != "PUT" or not re.fullmatch(r"[0-9a-f]+\.bin", name):
            await app(scope, receive, send)
            return
        created = not (find_directory() / name).exists()
        with (find_directory() / name).open("r+b" if not created else "wb") as file:
            more_body = True
            while more_body:
                message = await receive()
                file.write(message.get("body", b""))
                file.flush()
                more_body = message.get("more_body", False)
        content = (find_directory() / name).read_bytes()
        receipt = b'{"name":"%b","size":%d,"sha256":"%b"}' % (
            name.encode(), len(content), hashlib.sha256(content).hexdigest().encode()
        )  # fmt: skip
        await answer(
            send, 201 if created else 200, receipt, [(b"content-type", b"application/json")]
        )

    return broken


def conditions_hold_from_the_start(app: ASGIApp) -> ASGIApp:
    """Looks whether the name is taken before the upload, and never again."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        unconditional = change_request_field(
            change_request_field(app, b"if-none-match", lambda _: None), b"if-match", lambda _: None
        )
        is_new = is_upload(scope) and not locate(scope).exists()
        matches = is_upload(scope) and read_field(scope, b"if-match") is not None
        await (unconditional if is_new or matches else app)(scope, receive, send)

    return broken


def uploads_in_text_mode(app: ASGIApp) -> ASGIApp:
    return change_request_body(app, lambda body: body.replace(b"\r\n", b"\n"))


def stores_elsewhere(_app: ASGIApp) -> ASGIApp:
    """Stores and serves below a directory of its own making."""
    return create_app(replace(Settings.from_env(), files=find_directory() / "stored"))


def makes_room_first(app: ASGIApp) -> ASGIApp:
    """Removes the file that is to be replaced."""

    def remove(scope: Scope) -> Scope:
        if is_upload(scope) and scope["method"] == "PUT":
            locate(scope).unlink(missing_ok=True)
        return scope

    return change_request(app, remove)


def writes_the_rest_at_the_end(app: ASGIApp) -> ASGIApp:
    """Keeps all but the first piece of a body in memory until it is whole."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        first = True

        async def receive_in_two() -> Message:
            nonlocal first
            message = await receive()
            rest = bytearray(message.get("body", b""))
            while message.get("more_body", False) and not first:
                message = await receive()
                rest += message.get("body", b"")
            first = False
            return {**message, "body": bytes(rest)} if "body" in message else message

        await app(scope, receive_in_two, send)

    return on_http(app, broken)


def reads_the_first_piece(app: ASGIApp) -> ASGIApp:
    """Takes what comes at once for the whole body."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_an_end() -> Message:
            message = await receive()
            return {**message, "more_body": False} if message.get("body") else message

        await app(scope, receive_an_end, send)

    return on_http(app, broken)
