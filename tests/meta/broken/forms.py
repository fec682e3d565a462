"""Mistakes in forms: `POST /uploads`."""

from __future__ import annotations

import re

from broken.messages import (
    change_body,
    change_request_body,
    change_status,
    change_type,
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


def first_of_a_name_wins(app: ASGIApp) -> ASGIApp:
    """Gives the later parts of a name another one."""

    def change(body: bytes) -> bytes:
        named = re.search(rb'filename="([^"]+)"', body)
        if named is None:
            return body
        first, again, rest = body.partition(named[0])
        return first + again + rest.replace(named[0], b'filename="other-' + named[1] + b'"')

    return change_request_body(app, change)


def fields_are_files(app: ASGIApp) -> ASGIApp:
    def change(body: bytes) -> bytes:
        return body.replace(b'name="field"', b'name="field"; filename="field"')

    return change_request_body(app, change)


def keeps_directories(app: ASGIApp) -> ASGIApp:
    return change_request_body(
        app, lambda body: re.sub(rb'filename="[^"]*[/\\]', b'filename=".', body)
    )
