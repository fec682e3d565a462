"""Mistakes with the streams of HTTP/2, and with what their fields and lengths may be."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from reference.fields import Fields
from reference.http2_stream import Http2Stream
from reference.mistakes.examples import OneWindow
from reference.mistakes.messages import MendsHeaders
from reference.mistakes.turns import refuse
from reference.policy import Policy
from reference.request import Request
from reference.response import Response
from reference.types import Application, Message, Receive, Scope, Send

_CONNECTION = frozenset({b"connection", b"upgrade", b"transfer-encoding"})


# Streams beside each other.


def serving_in_turn(application: Application) -> Application:
    """A request waits until the one before it is answered."""
    turn = asyncio.Lock()

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        async with turn:
            await application(scope, receive, send)

    return broken


def keeping_first_scope(application: Application) -> Application:
    """The scope is that of the connection."""
    scopes: dict[tuple[object, ...], Scope] = {}

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        client = tuple(scope.get("client") or ())
        await application(scopes.setdefault(client, scope), receive, send)

    return broken


def mixing_responses(application: Application) -> Application:
    """A last body goes out with the stream that ends next."""
    waiting: list[Message] = []

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def swap(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                waiting.append(message)
                message = waiting.pop(0) if len(waiting) > 1 else message
            await send(message)

        await application(scope, receive, swap)

    return broken


def mixing_uploads(application: Application) -> Application:
    """A piece of a body is received by whoever receives next."""
    waiting: list[Message] = []

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def swap() -> Message:
            message = await receive()
            if message.get("body"):
                waiting.append({**message})
                message = {**message, "body": waiting.pop(0)["body"] if waiting[1:] else b""}
            return message

        await application(scope, swap, send)

    return broken


class SendsOldestFirst(Policy):
    """A stream sends when all those before it have."""

    def order_streams(self, streams: list[Http2Stream]) -> list[Http2Stream]:
        return sorted(streams, key=lambda stream: stream.id)[:1]


class EndsConnection(Policy):
    """An application that fails, or leaves too early, takes the connection with it."""

    def end_early(self, response: Response, status: int) -> None:
        super().end_early(response, status)
        wire = response._wire
        if isinstance(wire, Http2Stream):
            wire._connection.reset()


class EndsConnectionWithReset(Policy):
    """Who resets a stream leaves."""

    def lose_stream(self, stream: Http2Stream) -> None:
        super().lose_stream(stream)
        stream._connection.reset()


class ForgetsResetWindow(OneWindow):
    """What was not received of a stream that is reset is never given back."""

    def lose_stream(self, stream: Http2Stream) -> None:
        stream.body._buffer.clear()
        super().lose_stream(stream)


class ForgetsAnsweredWindow(OneWindow):
    """What was not received of a stream that is answered is never given back."""

    def stop_upload(self, stream: Http2Stream) -> None:
        stream.body._buffer.clear()
        super().stop_upload(stream)


class LetsUploadsGoOn(Policy):
    """Who has his answer is not told that his upload is of no use."""

    def stop_upload(self, stream: Http2Stream) -> None:
        """Nothing."""


# Fields and lengths.


class ChecksNoLength(Policy):
    """A body is as long as it is."""

    def checks_length(self) -> bool:
        return False


class KeepsConnectionFields(Policy):
    """Fields are the application's affair, on HTTP/2 as on HTTP/1.1."""

    def drop_connection_fields(self, fields: Fields) -> Fields:
        return fields

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        kept = [field for field in fields if field[0] in _CONNECTION]
        whole = super().complete_fields(status, fields)
        return [field for field in whole if field[0] not in _CONNECTION] + kept


def refusing_connection_fields(application: Application) -> Application:
    """Fields of HTTP/1.1 are an error."""
    return refuse(
        application, lambda m, _: any(name in _CONNECTION for name, _ in m.get("headers", ()))
    )


class LowersNames(MendsHeaders):
    """Names go out in lower case."""

    def mend_header(self, header: list[object]) -> list[object]:
        name, value = header
        return [name.lower() if isinstance(name, bytes) else name, value]


def joining_cookies(application: Application) -> Application:
    """The crumbs of a cookie are one."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        fields: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for name, value in scope.get("headers", ()):
            fields[name].append(value)
        joined = [(name, b"; ".join(values)) for name, values in fields.items()]
        await application({**scope, "headers": joined}, receive, send)

    return broken


class TakesAnyFields(Policy):
    """The fields of a request are whatever they are."""

    def checks_fields(self) -> bool:
        return False


class AssumesFields(TakesAnyFields):
    """A pseudo-header field that is missing, or empty, is that of a GET of /."""

    def read_fields(self, headers: Fields) -> Request:
        given = [(name, value) for name, value in headers if value]
        return super().read_fields([(b":method", b"GET"), (b":path", b"/"), *given])
