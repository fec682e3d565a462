"""Mistakes in how a stream begins, flows, fails, ends and is left."""

from __future__ import annotations

import io
import time

import anyio
from anyio.lowlevel import checkpoint

from broken.messages import (
    AT_THE_TURN,
    change_body,
    on_http,
)
from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send

_BODY = "http.response.body"


def starts_before_the_first_item(app: ASGIApp) -> ASGIApp:
    """Sends 200 at once and sees later what there is to send."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_the_rest(message: Message) -> None:
            if message["type"] != "http.response.start":
                await send(message)

        await send({"type": "http.response.start", "status": 200, "headers": []})
        await app(scope, receive, send_the_rest)

    return on_http(app, broken)


def ends_a_failure_cleanly(app: ASGIApp) -> ASGIApp:
    """Swallows what goes wrong and finishes as if nothing had."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await app(scope, receive, send_and_note)
        except Exception:
            if started:
                await send({"type": _BODY, "body": b"", "more_body": False})

    return on_http(app, broken)


def says_that_it_failed(app: ASGIApp) -> ASGIApp:
    """Adds a line of its own to what was made before the failure."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = message["type"] == _BODY
            await send(message)

        try:
            await app(scope, receive, send_and_note)
        except Exception:
            if started:
                await send({"type": _BODY, "body": b"error\r\n", "more_body": True})
            raise

    return on_http(app, broken)


def loses_what_was_made_before_the_failure(app: ASGIApp) -> ASGIApp:
    """Keeps one piece back, to know which is the last."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        kept: Message | None = None

        async def send_later(message: Message) -> None:
            nonlocal kept
            if message["type"] != _BODY:
                await send(message)
                return
            if kept is not None:
                await send(kept)
            kept = message
            if not message.get("more_body", False):
                await send(message)

        await app(scope, receive, send_later)

    return on_http(app, broken)


def loses_the_end_of_each_piece(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body[:-1])


def is_deaf_to_leaving(app: ASGIApp) -> ASGIApp:
    """Does not hear that the client is gone, and stays in `send` from then on."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        gone = False
        turned = anyio.Event()
        AT_THE_TURN.append(turned.set)

        async def receive_less() -> Message:
            nonlocal gone
            message = await receive()
            if message["type"] == "http.disconnect":
                gone = True
                await turned.wait()
            return message

        async def send_in_vain(message: Message) -> None:
            if gone:
                await turned.wait()
            await send(message)

        await app(scope, receive_less, send_in_vain)

    return on_http(app, broken)


def takes_leaving_for_an_error(app: ASGIApp) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        gone = False

        async def receive_and_note() -> Message:
            nonlocal gone
            message = await receive()
            gone = message["type"] == "http.disconnect"
            return message

        await app(scope, receive_and_note, send)
        if gone:
            raise ConnectionResetError("the client is gone")

    return on_http(app, broken)


def takes_leaving_for_the_end(app: ASGIApp) -> ASGIApp:
    """What a client that went away had sent counts as its whole request."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        gone = False

        async def receive_an_end() -> Message:
            nonlocal gone
            message = await receive()
            if message["type"] == "http.request" or gone:
                return message
            gone = True
            return {"type": "http.request", "body": b"", "more_body": False}

        await app(scope, receive_an_end, send)

    return on_http(app, broken)


def serves_one_at_a_time(app: ASGIApp) -> ASGIApp:
    turn = anyio.Lock()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async with turn:
            await app(scope, receive, send)

    return on_http(app, broken)


def eats_the_request_body(app: ASGIApp) -> ASGIApp:
    """Watches for the client's leaving and throws away what else comes."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_every_other() -> Message:
            await receive()
            return await receive()

        await app(scope, receive_every_other, send)

    return on_http(app, broken)


def never_waits_for_send(app: ASGIApp) -> ASGIApp:
    """Sends on without awaiting; only 40 MiB are let run ahead, to spare the machine."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        ahead = 0

        async with anyio.create_task_group() as tasks:

            async def send_and_count(message: Message) -> None:
                nonlocal ahead
                ahead += len(message.get("body", b""))
                await send(message)
                ahead -= len(message.get("body", b""))

            async def send_in_a_task(message: Message) -> None:
                if ahead > 40 * 1024 * 1024:
                    await send_and_count(message)
                else:
                    tasks.start_soon(send_and_count, message)
                    await checkpoint()

            await app(scope, receive, send_in_a_task)

    return on_http(app, broken)


def takes_the_whole_body_first(app: ASGIApp) -> ASGIApp:
    """Reads the request to its end before it begins."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        more_body = True
        while more_body:
            message = await receive()
            body += message.get("body", b"")
            more_body = message.get("more_body", False)
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def receive_whole() -> Message:
            return whole.pop() if whole else await receive()

        await app(scope, receive_whole, send)

    return on_http(app, broken)


def sends_at_the_end(app: ASGIApp) -> ASGIApp:
    """Collects the body and sends it when it is whole."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        pieces: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] != _BODY:
                await send(message)
                return
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                await send({**message, "body": b"".join(pieces)})

        await app(scope, receive, collect)

    return on_http(app, broken)


def sends_each_line_by_itself(app: ASGIApp) -> ASGIApp:
    """A message for each row; only for the first 2000, to spare the machine."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        alone = 0

        async def split(message: Message) -> None:
            nonlocal alone
            body = io.BytesIO(message.get("body", b""))
            while alone < 2000 and (line := body.readline()):
                alone += 1
                await send({"type": _BODY, "body": line, "more_body": True})
            if message["type"] == _BODY:
                message = {**message, "body": body.read()}
            await send(message)

        await app(scope, receive, split)

    return on_http(app, broken)


def blocks_the_loop(app: ASGIApp) -> ASGIApp:
    """Makes its rows where the event loop runs: nobody else is served meanwhile."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_after_work(message: Message) -> None:
            if message.get("more_body", False):
                time.sleep(1)  # noqa: ASYNC251 - the mistake
            await send(message)

        await app(scope, receive, send_after_work)

    return on_http(app, broken)
