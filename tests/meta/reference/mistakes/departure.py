"""Mistakes in telling the application that its client is gone, by `receive`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn
from weakref import WeakSet

from reference.http2_stream import Http2Stream
from reference.policy import Policy
from reference.request_body import RequestBody
from reference.types import Application, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Past:
    """What has passed between an application and its server."""

    scope: Scope
    received: list[Message]
    sent: list[Message]


async def hang() -> NoReturn:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def _conceal(application: Application, conceals: Callable[[Past], bool]) -> Application:
    """Have `http.disconnect` never come where `conceals` says so."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        past = Past(scope, [], [])

        async def wait() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect" and conceals(past):
                await hang()
            past.received.append(message)
            return message

        async def note(message: Message) -> None:
            await send(message)
            past.sent.append(message)

        await application(scope, wait, note)

    return broken


def _has_header(message: Message, wanted: bytes) -> bool:
    return any(name == wanted for name, _ in message.get("headers", ()))


class OverlooksEnd(Policy):
    """A client that closes its connection, and does not reset it, is not gone."""

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        message = super().next_message(body, taken)
        told = message is not None and message["type"] == "http.disconnect"
        return None if told and not body.lost else message


class OverlooksReset(Policy):
    """A client that resets its connection, and does not close it, is not gone."""

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        return None if body.lost else super().next_message(body, taken)


class OverlooksLostConnection(Policy):
    """Of a connection that is lost, its streams are not told."""

    def __init__(self) -> None:
        self._reset: WeakSet[RequestBody] = WeakSet()

    def lose_stream(self, stream: Http2Stream) -> None:
        self._reset.add(stream.body)
        super().lose_stream(stream)

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        if body.lost and body not in self._reset:
            return None
        return super().next_message(body, taken)


class LosesAllStreams(Policy):
    """A stream that is reset takes the others of its connection with it."""

    def __init__(self) -> None:
        self._streams: WeakSet[RequestBody] = WeakSet()

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        self._streams.add(body)
        return super().next_message(body, taken)

    def lose_stream(self, stream: Http2Stream) -> None:
        super().lose_stream(stream)
        for body in self._streams:
            body.lose()


class DeafWhilePipelined(Policy):
    """Whoever has sent the next request already is not seen to leave."""

    def __init__(self) -> None:
        self._pipelined = False

    def incoming(self, data: bytes) -> bytes:
        self._pipelined = data.count(b"\r\n\r\n") > 1
        return data

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        message = super().next_message(body, taken)
        told = message is not None and message["type"] == "http.disconnect"
        return None if told and self._pipelined else message


def not_during_response(application: Application) -> Application:
    """Once the response has begun, the application is not told."""
    return _conceal(application, lambda past: bool(past.sent))


def not_with_length(application: Application) -> Application:
    """During a response whose length is known, the application is not told."""

    def conceals(past: Past) -> bool:
        return any(_has_header(message, b"content-length") for message in past.sent)

    return _conceal(application, conceals)


def not_after_upload(application: Application) -> Application:
    """Of a request with content, the application is not told."""

    def conceals(past: Past) -> bool:
        return any(message.get("body") for message in past.received)

    return _conceal(application, conceals)


def not_in_upload(application: Application) -> Application:
    """While content is still to come, the application is not told."""

    def conceals(past: Past) -> bool:
        return any(message.get("more_body") for message in past.received[-1:])

    return _conceal(application, conceals)


def not_of_head(application: Application) -> Application:
    """Of a HEAD, the application is not told."""
    return _conceal(application, lambda past: past.scope["method"] == "HEAD")


def not_again(application: Application) -> Application:
    """The application is told once."""

    def conceals(past: Past) -> bool:
        return any(message["type"] == "http.disconnect" for message in past.received)

    return _conceal(application, conceals)


def not_on_kept_connection(application: Application) -> Application:
    """Of the first request of a connection the application is told, of no other."""
    known: set[tuple[object, ...]] = set()
    concealing = _conceal(application, lambda _: True)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is None or tuple(client) in known:
            await concealing(scope, receive, send)
        else:
            known.add(tuple(client))
            await application(scope, receive, send)

    return broken


def not_beside_sending(application: Application) -> Application:
    """Who sends while it receives is not told."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        sent = 0

        async def wait() -> Message:
            before = sent
            message = await receive()
            if message["type"] == "http.disconnect" and sent != before:
                await hang()
            return message

        async def count(message: Message) -> None:
            nonlocal sent
            sent += 1
            await send(message)

        await application(scope, wait, count)

    return broken


def not_afterwards(application: Application) -> Application:
    """Only who receives when the client leaves is told."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def wait() -> Message:
            receiving = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            at_once = receiving.done()
            message = await receiving
            if at_once and message["type"] == "http.disconnect":
                await hang()
            return message

        await application(scope, wait, send)

    return broken


def cancelling(application: Application) -> Application:
    """The application is cancelled when the client is gone, and gets to clean up nothing."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        messages: asyncio.Queue[Message] = asyncio.Queue()

        async def listen() -> None:
            while (message := await receive())["type"] != "http.disconnect":
                await messages.put(message)

        running = asyncio.ensure_future(application(scope, messages.get, send))
        listening = asyncio.ensure_future(listen())
        await asyncio.wait({running, listening}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        listening.cancel()
        await asyncio.wait({running, listening})

    return broken
