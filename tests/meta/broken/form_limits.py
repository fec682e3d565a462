"""Mistakes in how much a form may have."""

from __future__ import annotations

import re
from collections.abc import Callable

from broken.messages import change_request_body, read_field, refuse
from broken.streams import takes_the_whole_body_first
from raw_asgi.asgi.types import ASGIApp, Scope
from raw_asgi.settings import Settings


def the_limit_holds_for_a_form(app: ASGIApp) -> ASGIApp:
    limit = Settings.from_env().max_upload_bytes

    def is_too_large(scope: Scope) -> bool:
        return scope["method"] == "POST" and int(read_field(scope, b"content-length") or 0) > limit

    return refuse(app, is_too_large, 413)


def fifty_parts_at_most(app: ASGIApp) -> ASGIApp:
    return _refuse(app, lambda form: form.count(b"--b\r\n") > 50)


def a_hundred_headers_at_most(app: ASGIApp) -> ASGIApp:
    return _refuse(app, lambda form: form.count(b"\r\nX-") > 100)


def eight_kibibytes_a_line_at_most(app: ASGIApp) -> ASGIApp:
    return _refuse(app, lambda form: re.search(rb"[^\r\n]{8193}", form))


def reads_a_hundred_parts(app: ASGIApp) -> ASGIApp:
    """Reads no more than a hundred parts, and says nothing of the others."""

    def cut(form: bytes) -> bytes:
        parts = form.split(b"--b\r\n")
        return b"--b\r\n".join(parts[:101]) + b"--b--\r\n" if len(parts) > 101 else form

    return _change_form(app, cut)


def does_not_measure_headers(app: ASGIApp) -> ASGIApp:
    return _change_form(app, lambda form: re.sub(rb"(?m)^X[^\r\n]*\r\n", b"", form))


def _refuse(app: ASGIApp, refused: Callable[[bytes], object]) -> ASGIApp:
    return _change_form(app, lambda form: b"malformed" if refused(form) else form)


def _change_form(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    """The application, given another form; it is changed as a whole."""
    return takes_the_whole_body_first(change_request_body(app, change))
