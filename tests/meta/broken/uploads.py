"""Mistakes in uploads: `/uploads`."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes

from broken.messages import (
    answer,
    change_body,
    change_field,
    change_path,
    change_request_field,
    change_status,
    drop_field,
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


def length_is_required(app: ASGIApp) -> ASGIApp:
    def has_none(scope: Scope) -> bool:
        return scope["method"] == "PUT" and read_field(scope, b"content-length") is None

    return refuse(app, has_none, 411)


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


def limits_announced_bodies_only(app: ASGIApp) -> ASGIApp:
    """A chunked body is not counted."""
    generous = create_app(replace(Settings.from_env(), max_upload_bytes=1 << 30))

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        announced = scope["type"] != "http" or read_field(scope, b"content-length") is not None
        await (app if announced else generous)(scope, receive, send)

    return broken


def limit_off_by_one(_app: ASGIApp) -> ASGIApp:
    settings = Settings.from_env()
    return create_app(replace(settings, max_upload_bytes=settings.max_upload_bytes - 1))


def without_limit(_app: ASGIApp) -> ASGIApp:
    return create_app(replace(Settings.from_env(), max_upload_bytes=1 << 59))


def too_large_is_400(app: ASGIApp) -> ASGIApp:
    return change_status(app, 413, 400)


def keeps_the_connection(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"connection")


def asks_for_every_body(app: ASGIApp) -> ASGIApp:
    """Calls `receive` before it has looked at the head."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        first = await receive() if is_upload(scope) else None

        async def receive_next() -> Message:
            nonlocal first
            message, first = first, None
            return await receive() if message is None else message

        await app(scope, receive_next, send)

    return broken


def never_asks_for_a_body(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"expect") is not None, 417)


def ignores_digests(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        change_request_field(app, b"repr-digest", lambda _: None), b"content-digest", lambda _: None
    )


def ignores_content_digest(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-digest", lambda _: None)


def knows_sha_256_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: b"sha-512" in _read_digests(scope), 400)


def refuses_unknown_algorithms(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"md5|unixsum", _read_digests(scope)), 400)


def every_digest_mismatches(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: _read_digests(scope), 422)


def mismatch_is_400(app: ASGIApp) -> ASGIApp:
    return change_status(app, 422, 400)


def malformed_is_422(app: ASGIApp) -> ASGIApp:
    return change_status(app, 400, 422)


def ignores_content_range(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-range", lambda _: None)


def ignores_content_encoding(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"content-encoding", lambda _: None)


def refuses_every_content_encoding(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"content-encoding") is not None, 415)


def conditions_hold_from_the_start(app: ASGIApp) -> ASGIApp:
    """Looks whether the name is taken before the upload, and never again."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        unconditional = change_request_field(
            change_request_field(app, b"if-none-match", lambda _: None), b"if-match", lambda _: None
        )
        is_new = is_upload(scope) and not _locate(scope).exists()
        matches = is_upload(scope) and read_field(scope, b"if-match") is not None
        await (unconditional if is_new or matches else app)(scope, receive, send)

    return broken


def cleans_names(app: ASGIApp) -> ASGIApp:
    """Makes a good name of a bad one, and stores under a name that was not asked for."""

    def clean(path: str) -> str:
        if not path.startswith(_PREFIX):
            return path
        name = re.sub(r"[^A-Za-z0-9_-]|^$", "_", path.removeprefix(_PREFIX))
        return _PREFIX + name

    return change_path(app, clean)


def cuts_names(app: ASGIApp) -> ASGIApp:
    return change_path(
        app, lambda path: path[: len(_PREFIX) + 100] if path.startswith(_PREFIX) else path
    )


def normalises_names(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: unicodedata.normalize("NFC", path))


def a_bad_name_is_404(app: ASGIApp) -> ASGIApp:
    return change_status(app, 422, 404)


def _locate(scope: Scope) -> Path:
    path: str = scope["path"]
    return find_directory() / path.removeprefix(_PREFIX).lstrip("/")


def _read_digests(scope: Scope) -> bytes:
    fields = (read_field(scope, name) for name in (b"repr-digest", b"content-digest"))
    return b"".join(filter(None, fields))
