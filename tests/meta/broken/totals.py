"""Mistakes in running totals: `POST /csv/totals`.

A mistake in what is read gets the whole body at once, so that it does not depend on the pieces in
which the server hands it over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context

import anyio

from broken.messages import change_body, change_request_body, on_http, replace_until_the_turn
from broken.streams import takes_the_whole_body_first
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send
from raw_asgi.backends import totals

_MARK = b"\xef\xbb\xbf"


def forgets_the_last_line(app: ASGIApp) -> ASGIApp:
    """Takes a line for one where it ends, which the last one need not do."""
    return _change_whole_body(app, lambda body: body[: body.rfind(b"\n") + 1])


def knows_crlf_only(app: ASGIApp) -> ASGIApp:
    return _change_whole_body(app, lambda body: re.sub(rb"(?<!\r)\n", b" ", body))


def quotes_belong_to_the_cell(app: ASGIApp) -> ASGIApp:
    """Splits at commas, and takes what is between them as it is."""
    return _change_whole_body(app, lambda body: re.sub(rb'"([^"]*)"', rb'"""\1"""', body))


def trims_cells(app: ASGIApp) -> ASGIApp:
    return _change_whole_body(app, lambda body: re.sub(rb" *([,\r\n]) *", rb"\1", body))


def drops_signs(app: ASGIApp) -> ASGIApp:
    """Writes the number that it has read, and not the cell."""
    return change_body(app, lambda body: re.sub(rb"(?m)^\+", b"", body))


def keeps_the_mark(app: ASGIApp) -> ASGIApp:
    """Decodes as `utf-8` what begins with a mark, which is then of the first column's name."""
    return _change_whole_body(app, lambda body: _MARK + body if body.startswith(_MARK) else body)


def decodes_four_bytes_at_a_time(app: ASGIApp) -> ASGIApp:
    """Decodes each piece by itself, and so loses the characters that are cut."""

    def decode(body: bytes) -> bytes:
        pieces = (body[start : start + 4] for start in range(0, len(body), 4))
        return "".join(piece.decode(errors="replace") for piece in pieces).encode()

    return _change_whole_body(app, decode)


def cuts_rows_at_64_kib(app: ASGIApp) -> ASGIApp:
    return _change_whole_body(app, lambda body: re.sub(rb"([^\n]{65536})[^\r\n]+", rb"\1", body))


def cuts_cells_at_128_kib(app: ASGIApp) -> ASGIApp:
    """Counts bytes where characters are meant, and drops those beyond."""
    return _change_whole_body(
        app, lambda body: re.sub(rb"([^,\r\n]{131072})[^,\r\n]+", rb"\1", body)
    )


def ends_where_the_connection_ends(app: ASGIApp) -> ASGIApp:
    """What a client that went away had sent counts as the whole of its rows."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        gone = False

        async def receive_an_end() -> Message:
            nonlocal gone
            if gone:
                await anyio.sleep_forever()
            message = await receive()
            gone = message["type"] == "http.disconnect"
            end: Message = {"type": "http.request", "body": b"", "more_body": False}
            return end if gone else message

        await app(scope, receive_an_end, send)

    return on_http(app, broken)


def computes_with_28_digits(app: ASGIApp) -> ASGIApp:
    """Rounds, as `decimal` does unless told otherwise."""
    replace_until_the_turn(totals, "_EXACT", Context())
    return app


def _change_whole_body(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    return takes_the_whole_body_first(change_request_body(app, change))
