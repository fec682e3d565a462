"""Mistakes in the fields of an event, and what is lost of its data on the way."""

from __future__ import annotations

import re

from broken.messages import change_body
from raw_asgi.asgi.types import ASGIApp


def lines_break_out_of_data(app: ASGIApp) -> ASGIApp:
    """Writes the data as it is behind one `data:`."""

    def change(body: bytes) -> bytes:
        before, name, data = body.partition(b"data: ")
        return before + name + data.replace(b"\ndata: ", b"\n")

    return change_body(app, change)


def strips_data(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^data: +", b"data: ", body))


def joins_lines_of_data(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(data: [^\n]*)\ndata: ", rb"\1 ", body))


def without_types(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^event: .*\n", b"", body))


def types_in_ascii(app: ASGIApp) -> ASGIApp:
    def write(line: re.Match[bytes]) -> bytes:
        return line[0].decode().encode("ascii", "replace")

    return change_body(app, lambda body: re.sub(rb"(?m)^event: .*$", write, body))


def uses_splitlines(app: ASGIApp) -> ASGIApp:
    """What `str.splitlines` takes for lines: by more separators, and no empty one at the end."""

    def split(body: bytes) -> bytes:
        before, name, data = body.partition(b"data: ")
        text = data.removesuffix(b"\n\n").replace(b"\ndata: ", b"\n").decode()
        lines = [b"data: %b\n" % line.encode() for line in text.splitlines()]
        return before + b"".join(lines) + b"\n" if name else body

    return change_body(app, split)


def lines_with_a_colon_are_comments(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^data: :.*\n", b"", body))


def drops_nul(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"\0", b""))
