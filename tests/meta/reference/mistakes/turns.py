"""Mistakes with the order of messages, with their outer form, and with who is called."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, cast

from reference.mistakes.messages import (
    EncodesBody,
    Mending,
    MendsHeaders,
    has_started,
    pass_over,
)
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send


def refuse(
    application: Application, wanted: Callable[[Message, list[Message]], bool]
) -> Application:
    """Have `send` raise where `wanted` says so of a message, and of those before it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def send_unless(message: Message) -> None:
            if scope["type"] == "http" and wanted(message, sent):
                raise RuntimeError("refused")
            await send(message)
            sent.append(message)

        await application(scope, receive, send_unless)

    return broken


def is_complete(sent: list[Message]) -> bool:
    """Whether the last body is among the messages."""
    return any(m["type"] == "http.response.body" and not m.get("more_body") for m in sent)


# Order.


def starting_by_itself(application: Application) -> Application:
    """A body without a start is a 200."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def start_first(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.body" and not started:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            started = True
            await send(message)

        await application(scope, receive, start_first)

    return broken


def passing_over_starts(application: Application) -> Application:
    """The first start is the one that counts."""
    return pass_over(application, lambda m, sent: "status" in m and has_started(sent))


def sending_heads_as_content(application: Application) -> Application:
    """A second head goes out, into the content."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def append(message: Message) -> None:
            nonlocal started
            if "status" in message and started:
                head = b"HTTP/1.1 %d\r\n\r\n" % message["status"]
                message = {"type": "http.response.body", "body": head, "more_body": True}
            started = True
            await send(message)

        await application(scope, receive, append)

    return broken


def ending_with_the_application(application: Application) -> Application:
    """The response is complete when the application has returned."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def keep_open(message: Message) -> None:
            more = {"more_body": True} if message["type"] == "http.response.body" else {}
            await send({**message, **more})

        await application(scope, receive, keep_open)
        if scope["type"] == "http":
            await send({"type": "http.response.body", "body": b""})

    return broken


class WritesOn(Policy):
    """What comes after the last body goes out as well."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        write(data + b"ghi" if data in (b"abc", b"abcdef") else data)


class SendsContentToHead(Policy):
    """The answer to HEAD has the content that GET would get."""

    def has_content(self, method: str, status: int) -> bool:
        return super().has_content(method.replace("HEAD", "GET"), status)


def raising_after_the_end(application: Application) -> Application:
    """A message after the last one is an error."""
    return refuse(application, lambda _, sent: is_complete(sent))


def raising_for_a_late_start(application: Application) -> Application:
    """A start after the last body is an error."""
    return refuse(application, lambda m, sent: is_complete(sent) and "status" in m)


# Form.


def refusing_keys_of_starts(application: Application) -> Application:
    """A start has the keys that are known."""
    known = {"type", "status", "headers", "trailers"}
    return refuse(application, lambda m, _: "status" in m and not m.keys() <= known)


def refusing_keys_of_bodies(application: Application) -> Application:
    """A body has the keys that are known."""
    known = {"type", "body", "more_body"}
    return refuse(application, lambda m, _: "body" in m and not m.keys() <= known)


def _any_header(message: Message, kind: type[object]) -> bool:
    headers = message.get("headers", [])
    return isinstance(headers, list | tuple) and any(isinstance(h, kind) for h in headers)


def refusing_tuples(application: Application) -> Application:
    """A header is a list."""
    return refuse(application, lambda m, _: _any_header(m, tuple))


def refusing_lists(application: Application) -> Application:
    """A header is a tuple."""
    return refuse(application, lambda m, _: _any_header(m, list))


class IteratesTwice(Mending):
    """Headers are gone through before they are sent."""

    def mend(self, message: Message) -> Message:
        for _ in message.get("headers", []):
            pass
        return message


class IteratesHeadersTwice(MendsHeaders):
    """Each header is gone through before it is sent."""

    def mend(self, message: Message) -> Message:
        headers = list(message.get("headers", []))
        for header in headers:
            for _ in header:
                pass
        return {**message, "headers": [header for header in headers if list(header)]}


class TakesBytearrays(MendsHeaders):
    """A value is what bytes() makes of it."""

    def mend_header(self, header: list[object]) -> list[object]:
        return [bytes(part) if isinstance(part, bytearray) else part for part in header]


class EncodesLaterBodies(EncodesBody):
    """Once there is some content, text is encoded."""

    def mend(self, message: Message) -> Message:
        return super().mend(message) if message.get("body") == "def" else message


def needing_headers(application: Application) -> Application:
    """A start has headers, be there none of them."""
    return refuse(application, lambda m, _: "status" in m and "headers" not in m)


def needing_a_header(application: Application) -> Application:
    """A start has at least one header."""
    return refuse(application, lambda m, _: m.get("headers") == [])


def _give(application: Application, make: Callable[[Message], Message]) -> Application:
    """Have `receive` give something else."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def take() -> Message:
            message = await receive()
            return make(message) if scope["type"] == "http" else message

        await application(scope, take, send)

    return broken


def giving_proxies(application: Application) -> Application:
    """A message is a mapping that is no dict."""
    return _give(application, lambda m: cast(Any, MappingProxyType(dict(m))))


def giving_bytearrays(application: Application) -> Application:
    """A body is a bytearray."""
    return _give(application, lambda m: {**m, "body": bytearray(m["body"])} if "body" in m else m)


def giving_short_types(application: Application) -> Application:
    """The type of a message says nothing of its protocol."""
    return _give(application, lambda m: {**m, "type": m["type"].removeprefix("http.")})


# The application.


def calling_with_three(application: Application) -> Application:
    """All applications are of the newer style."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if getattr(application, "__name__", "") == "new_application":  # asgiref's adapter
            raise TypeError("takes 1 positional argument but 3 were given")
        await application(scope, receive, send)

    return broken
