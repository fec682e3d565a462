"""Mistakes in forms: `POST /uploads`."""

from __future__ import annotations

import re
from contextlib import suppress

from broken.messages import (
    change_body,
    change_request_body,
    change_status,
    change_type,
    read_field,
    refuse,
)
from broken.uploads import find_directory, is_upload
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def stores_each_file_of_a_form_at_once(app: ASGIApp) -> ASGIApp:
    """Puts a part in its place as soon as it is whole, whatever becomes of the form."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        seen = bytearray()

        async def receive_and_store() -> Message:
            message = await receive()
            seen.extend(message.get("body", b""))
            for part in re.finditer(rb'filename="([\w.]+)".*?\r\n\r\n(.*?)\r\n--', seen, re.S):
                with suppress(OSError):  # where the disk is full
                    (find_directory() / part[1].decode()).write_bytes(part[2])
            return message

        await app(scope, receive_and_store if is_upload(scope) else receive, send)

    return broken


def receipts_in_reverse(app: ASGIApp) -> ASGIApp:
    def reverse(body: bytes) -> bytes:
        if not body.startswith(b"["):
            return body
        return b"[" + b",".join(reversed(re.findall(rb"\{.*?\}", body))) + b"]"

    return change_body(app, reverse)


def one_receipt_is_an_object(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.strip(b"[]"))


def any_form_will_do(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda _: b"multipart/form-data; boundary=b")


def without_boundary_is_415(app: ASGIApp) -> ASGIApp:
    return change_status(app, 400, 415)


def empty_forms_are_created(app: ASGIApp) -> ASGIApp:
    return change_status(app, 422, 201)


def ends_forms_for_the_client(app: ASGIApp) -> ASGIApp:
    """Adds the closing delimiter where it is missing."""
    return change_request_body(app, lambda body: body + b"\r\n--b--\r\n")


def knows_no_forms(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["method"] == "POST", 405)


def fails_on_empty_forms(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: read_field(scope, b"content-length") == b"0", 500)


def boundaries_are_not_quoted(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda it: it.replace(b'"', b""))


def compares_types_exactly(app: ASGIApp) -> ASGIApp:
    return change_type(
        app, lambda it: it if it.startswith(b"multipart/form-data;") else b"text/plain"
    )


def keeps_what_is_there(app: ASGIApp) -> ASGIApp:
    """Stores a file under another name where its own is taken, as browsers do."""

    def choose(part: re.Match[bytes]) -> bytes:
        is_taken = (find_directory() / part[1].decode()).exists()
        return b'filename="1-%b"' % part[1] if is_taken else part[0]

    return change_request_body(app, lambda body: re.sub(rb'filename="([^"]+)"', choose, body))
