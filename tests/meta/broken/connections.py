"""Mistakes in what one request on a connection leaves to the next, and to those beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import anyio

from broken.messages import Fields, answer, change_start, drop_field, on_http, read_field, refuse
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send


def closes_every_connection(app: ASGIApp) -> ASGIApp:
    return _close_after(app, lambda _status, _fields: True)


def closes_after_streams(app: ASGIApp) -> ASGIApp:
    """Ends what has no length with the end of the connection."""
    return _close_after(app, lambda _status, fields: b"content-length" not in dict(fields))


def closes_after_problems(app: ASGIApp) -> ASGIApp:
    return _close_after(app, lambda status, _fields: status >= 400)


def closes_after_bodyless_answers(app: ASGIApp) -> ASGIApp:
    return _close_after(app, lambda status, _fields: status in (204, 304))


def closes_after_ten_requests(app: ASGIApp) -> ASGIApp:
    requests: Counter[tuple[str, int]] = Counter()
    closing = closes_every_connection(app)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        requests[tuple(scope["client"])] += 1
        is_tenth = requests[tuple(scope["client"])] == 10
        await (closing if is_tenth else app)(scope, receive, send)

    return on_http(app, broken)


def leaves_the_end_to_the_connection(app: ASGIApp) -> ASGIApp:
    """Where the connection is to be closed, does not say that the body is complete."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        closes = read_field(scope, b"connection") == b"close"

        async def send_all_but_the_end(message: Message) -> None:
            if closes and message["type"] == "http.response.body":
                message = {**message, "more_body": True}
            await send(message)

        await app(scope, receive, send_all_but_the_end)

    return on_http(app, broken)


def refuses_the_body_of_a_get(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["method"] == "GET" and _has_body(scope), 400)


def takes_a_body_for_leaving(app: ASGIApp) -> ASGIApp:
    """Whatever comes from the client of a stream is its going away."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_a_disconnect() -> Message:
            message = await receive()
            return {"type": "http.disconnect"} if message.get("body") else message

        is_get = scope["method"] == "GET"
        await app(scope, receive_a_disconnect if is_get else receive, send)

    return on_http(app, broken)


def takes_a_body_for_a_request(app: ASGIApp) -> ASGIApp:
    """Keeps the connection open after a body, and takes what comes then for the body's rest."""
    confused: set[tuple[str, int]] = set()
    keeping = drop_field(app, b"connection")

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        client = tuple(scope["client"])
        if client in confused:
            await answer(send, 400)
        elif _has_body(scope):
            confused.add(client)
            await keeping(scope, receive, send)
        else:
            await app(scope, receive, send)

    return on_http(app, broken)


def runs_all_in_one_task_group(app: ASGIApp) -> ASGIApp:
    """A request that fails, or whose client goes away, takes all others with it."""
    running: set[anyio.CancelScope] = set()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        completed = False

        async def send_and_note(message: Message) -> None:
            nonlocal completed
            await send(message)
            is_body = message["type"] == "http.response.body"
            completed = is_body and not message.get("more_body", False)

        with anyio.CancelScope() as own:
            running.add(own)
            try:
                await app(scope, receive, send_and_note)
            finally:
                running.discard(own)
                if not completed:
                    for other in running:
                        other.cancel()

    return on_http(app, broken)


def serves_forty_at_a_time(app: ASGIApp) -> ASGIApp:
    """Each request has a thread of forty, also while it rests."""
    threads = anyio.CapacityLimiter(40)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async with threads:
            await app(scope, receive, send)

    return on_http(app, broken)


def gives_up_after_a_failure(app: ASGIApp) -> ASGIApp:
    """After one answer of 5xx there are no others."""
    return _give_up(app, lambda status: status >= 500, 1)


def gives_up_after_five_refusals(app: ASGIApp) -> ASGIApp:
    """A body that is too large keeps its place among five."""
    return _give_up(app, lambda status: status == 413, 5)


def _give_up(app: ASGIApp, counts: Callable[[int], bool], most: int) -> ASGIApp:
    counted = 0

    def count(status: int, fields: Fields) -> tuple[int, Fields]:
        nonlocal counted
        counted += counts(status)
        return status, fields

    return refuse(change_start(app, count), lambda _: counted >= most, 503)


def _close_after(app: ASGIApp, closes: Callable[[int, Fields], bool]) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, [*fields, (b"connection", b"close")] if closes(status, fields) else fields

    return change_start(app, change)


def _has_body(scope: Scope) -> bool:
    chunked = read_field(scope, b"transfer-encoding") is not None
    return chunked or (read_field(scope, b"content-length") or b"0") != b"0"
