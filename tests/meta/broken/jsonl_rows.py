"""Mistakes in JSON Lines: `/jsonl`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from broken.messages import (
    Fields,
    change_body,
    change_query,
    change_request,
    change_request_field,
    change_start,
    drop_field,
    on_http,
    read_field,
)
from broken.streams import sends_at_the_end
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send

_ACCEPT = b"accept"


_LINES = b"application/jsonl"


_NDJSON = b"application/x-ndjson"


_ARRAY = b"application/json"


def spaces_members(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b'":', b'": '))


def leaves_null_out(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb',"\w+":null', b"", body))


def rounds_floats(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"1e-0?7", b"0.0", body))


def writes_infinity(app: ASGIApp) -> ASGIApp:
    """As Python's `json` does unless told otherwise."""
    return change_body(app, lambda body: body.replace(b"null", b"Infinity", 1))


def loses_escapes(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"\\r", b""))


def writes_ascii(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.decode().encode("ascii", "replace"))


def reverses_members(app: ASGIApp) -> ASGIApp:
    def reverse(line: bytes) -> bytes:
        return json.dumps(dict(reversed(json.loads(line).items()))).encode() + b"\n"

    return change_body(app, lambda body: b"".join(map(reverse, body.splitlines())))


def ends_lines_with_crlf(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"\n", b"\r\n"))


def array_is_lines(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: _LINES if it == _ARRAY else it)


def nothing_without_rows(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: b"" if body == b"[]" else body)


def unwraps_arrays_of_one(app: ASGIApp) -> ASGIApp:
    return unwraps_batches_of_one(sends_at_the_end(app))


def a_line_without_rows(app: ASGIApp) -> ASGIApp:
    """Joins the lines with line feeds and puts one at the end, also where there is no line."""
    return _fill_empty_bodies(app, lambda _: b"\n")


def a_batch_without_rows(app: ASGIApp) -> ASGIApp:
    return _fill_empty_bodies(app, lambda query: b"[]\n" if b"batch" in query else b"")


def drops_an_unfinished_batch(app: ASGIApp) -> ASGIApp:
    def lower(parameters: re.Match[bytes]) -> bytes:
        rows, size = int(parameters[1]), int(parameters[2])
        return b"rows=%d&batch=%d" % (rows // size * size, size)

    return change_query(app, lambda query: re.sub(rb"rows=(\d+)&batch=([1-9]\d*)", lower, query))


def batches_jsonl_only(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        single = ignores_batch(app)
        asked = read_field(scope, _ACCEPT) == _NDJSON
        await (single if asked else app)(scope, receive, send)

    return broken


def ignores_batch(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"batch=[^&]*", b"", query))


def an_empty_batch_at_the_end(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body + b"[]\n" if body.endswith(b"]\n") else body)


def unwraps_batches_of_one(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)^\[(\{[^{]*\})\]$", rb"\1", body))


def array_by_default(app: ASGIApp) -> ASGIApp:
    def ask(scope: Scope) -> Scope:
        return (
            {**scope, "headers": [(_ACCEPT, _ARRAY), *_drop_accept(scope)]}
            if not any(name == _ACCEPT for name, _ in scope["headers"])
            else scope
        )

    return change_request(app, ask)


def one_name_for_lines(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it.replace(_NDJSON, _LINES))


def another_name_for_lines(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it.replace(_LINES, _NDJSON))


def knows_no_empty_elements(app: ASGIApp) -> ASGIApp:
    """A list with an empty element is malformed to it, and so is not there."""
    return change_request_field(
        app, _ACCEPT, lambda it: it if all(map(bytes.strip, it.split(b","))) else None
    )


def ignores_accept(app: ASGIApp) -> ASGIApp:
    return change_request(app, lambda scope: {**scope, "headers": _drop_accept(scope)})


def wildcards_mean_json(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: _ARRAY if b"*" in it else it)


def ignores_quality(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: re.sub(rb"\s*;\s*[qQ]\s*=[^,]*", b"", it))


def takes_the_first_named(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: it.partition(b",")[0])


def takes_wildcards_first(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: b"*/*" if b"*/*" in it else it)


def compares_types_exactly(app: ASGIApp) -> ASGIApp:
    return change_request_field(
        app, _ACCEPT, lambda it: it if it.islower() else b"application/unheard-of"
    )


def reads_the_first_line_of_accept(app: ASGIApp) -> ASGIApp:
    def drop_others(scope: Scope) -> Scope:
        first = [field for field in scope["headers"] if field[0] == _ACCEPT][:1]
        return {**scope, "headers": [*first, *_drop_accept(scope)]}

    return change_request(app, drop_others)


def looks_for_words_in_accept(app: ASGIApp) -> ASGIApp:
    return change_request_field(app, _ACCEPT, lambda it: _ARRAY if _ARRAY + b'"' in it else it)


def without_vary(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"vary")


def without_vary_on_head(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        bare = without_vary(app)
        await (bare if scope.get("method") == "HEAD" else app)(scope, receive, send)

    return broken


def problems_without_vary(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, [it for it in fields if status < 400 or it[0] != b"vary"]

    return change_start(app, change)


def fails_without_saying_so(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb'\{"error":\{.*\}\}\n$', b"", body))


def says_error_without_a_problem(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb'\{"error":\{.*\}\}\n$', b'{"error":{}}\n', body))


def _drop_accept(scope: Scope) -> Fields:
    return [field for field in scope["headers"] if field[0] != _ACCEPT]


def _fill_empty_bodies(app: ASGIApp, fill: Callable[[bytes], bytes]) -> ASGIApp:
    """The application with something in bodies that are empty, by the query."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_filled(message: Message) -> None:
            if message["type"] == "http.response.body" and not message["body"]:
                message = {**message, "body": fill(scope["query_string"])}
            await send(message)

        await sends_at_the_end(app)(scope, receive, send_filled)

    return on_http(app, broken)
