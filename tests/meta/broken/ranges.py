"""Mistakes in ranges."""

from __future__ import annotations

import re

from broken.messages import (
    Fields,
    change_field,
    change_request_field,
    change_start,
    read_field,
    refuse,
)
from raw_asgi.asgi.types import ASGIApp, Scope


def range_off_by_one(app: ASGIApp) -> ASGIApp:
    """Takes the last position for the first one not wanted."""

    def shorten(value: bytes) -> bytes:
        return re.sub(rb"-(\d+)$", lambda last: b"-%d" % (int(last[1]) - 1), value)

    return change_request_field(app, b"range", shorten)


def ranges_are_ignored(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"range", lambda _: None)


def refuses_unknown_units(app: ASGIApp) -> ASGIApp:
    def refused(scope: Scope) -> bool:
        return not (read_field(scope, b"range") or b"bytes=").lower().startswith(b"bytes=")

    return refuse(app, refused, 400)


def reads_numbers_as_python(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"range", lambda value: value.replace(b"_", b""))


def names_units_in_lower_case_only(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        app, b"range", lambda value: value if value.startswith(b"bytes") else None
    )


def one_bad_range_spoils_the_set(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: b"99-100, 2-4" in (read_field(scope, b"range") or b""), 416)


def ranges_are_sorted(app: ASGIApp) -> ASGIApp:
    def sort(value: bytes) -> bytes:
        return b"bytes=" + b",".join(sorted(value.removeprefix(b"bytes=").split(b",")))

    return change_request_field(app, b"range", sort)


def only_the_first_range(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"range", lambda value: value.partition(b",")[0])


def refuses_many_ranges(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: (read_field(scope, b"range") or b"").count(b",") > 9, 416)


def unsatisfiable_without_size(app: ASGIApp) -> ASGIApp:
    return change_field(
        app, b"content-range", lambda value: None if value.startswith(b"bytes */") else value
    )


def range_without_validators(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        kept = [field for field in fields if status != 206 or field[0] != b"etag"]
        return status, kept

    return change_start(app, change)


def ranges_for_every_method(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["method"] == "HEAD" and read_field(scope, b"range"), 206)


def ignores_if_range(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, b"if-range", lambda _: None)
