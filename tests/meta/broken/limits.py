"""Mistakes in what is too large, and in what is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace

from broken.messages import change_status, drop_field, read_field, refuse
from broken.uploads import is_upload
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.settings import Settings


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


def fails_on_huge_lengths(app: ASGIApp) -> ASGIApp:
    """A length of more than 64 bits is answered with 500."""

    def is_huge(scope: Scope) -> bool:
        return len(read_field(scope, b"content-length") or b"") > 19

    return refuse(app, is_huge, 500)


def a_full_disk_is_500(app: ASGIApp) -> ASGIApp:
    return change_status(app, 507, 500)


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
