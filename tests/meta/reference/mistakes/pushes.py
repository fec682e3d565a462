"""Mistakes with pushes (HTTP/2)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import quote

from hyperframe.frame import PushPromiseFrame

from reference.events import Event, Push
from reference.fields import Fields, find_values
from reference.http2_stream import Http2Stream
from reference.mistakes.departure import hang
from reference.mistakes.frames import HEADERS, SETTINGS, ReadsFrames, is_ack, read_type
from reference.mistakes.messages import Mending, pass_over
from reference.mistakes.turns import refuse
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_PUSH = "http.response.push"
_SCRIPT = b"asgi-conformance-script"
# SETTINGS_ENABLE_PUSH, 0 (RFC 9113 §6.5.2).
_DISABLED = b"\0\2\0\0\0\0"
# HPACK: GET, http, /, and a literal :authority of one letter (RFC 7541 §6).
_FIELDS = b"\x82\x86\x84\x01\x01a"


def passing_over_pushes(application: Application) -> Application:
    """The extension is offered, and that is all."""
    return pass_over(application, lambda m, _: m["type"] == _PUSH)


def passing_over_second_pushes(application: Application) -> Application:
    """A response promises one other."""
    return pass_over(
        application, lambda m, sent: m["type"] == _PUSH and any("path" in each for each in sent)
    )


def passing_over_no_path(application: Application) -> Application:
    """No path is no push."""
    return pass_over(application, lambda m, _: m["type"] == _PUSH and "path" not in m)


def refusing_pushes_among_bodies(application: Application) -> Application:
    """After some content there is no push."""
    return refuse(
        application, lambda m, sent: m["type"] == _PUSH and any("body" in each for each in sent)
    )


def _serve_pushed(application: Application, serve: Application) -> Application:
    """Have something else serve what is pushed."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        pushed = scope["type"] == "http" and scope["path"] == "/pushed"
        await (serve if pushed else application)(scope, receive, send)

    return broken


def failing_pushed(application: Application) -> Application:
    """What is pushed is an error."""

    async def fail(*_: object) -> None:
        raise RuntimeError("nothing is pushed")

    return _serve_pushed(application, fail)


def answering_pushed(application: Application) -> Application:
    """What is pushed does not come from the application."""

    async def answer(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"x-pushed", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"pushed"})

    return _serve_pushed(application, answer)


def awaiting_pushed_body(application: Application) -> Application:
    """Whoever receives of what is pushed waits for a body."""

    async def wait(scope: Scope, _: Receive, send: Send) -> None:
        await application(scope, hang, send)

    return _serve_pushed(application, wait)


class DropsPushedFields(Mending):
    """A push is its path, and what the suite needs to see it."""

    def mend(self, message: Message) -> Message:
        if message["type"] != _PUSH:
            return message
        return {**message, "headers": [f for f in message["headers"] if b"asgi" in f[0]]}


class AltersPushedFields(Policy):
    """Adds fields to a promise, after the others."""

    added: tuple[tuple[bytes, bytes], ...] = ()

    def drop_connection_fields(self, fields: Fields) -> Fields:
        promised = bool(find_values(fields, _SCRIPT))
        return super().drop_connection_fields(fields) + (list(self.added) if promised else [])


class PromisesForAnother(AltersPushedFields):
    """The promise is that of another authority."""

    added = ((b":authority", b"example.org"),)


class NamesSchemeTwice(AltersPushedFields):
    """The scheme is there twice, the second time among the fields."""

    added = ((b":scheme", b"http"),)


class _AltersPaths(Mending):
    """Promises another path."""

    def mend(self, message: Message) -> Message:
        if message["type"] != _PUSH or not isinstance(message.get("path"), str | bytes):
            return message
        return {**message, "path": self.alter(message["path"])}

    def alter(self, path: str | bytes) -> str | bytes:
        """The path that is promised."""
        raise NotImplementedError


class QuotesTwice(_AltersPaths):
    """A path is quoted once more."""

    def alter(self, path: str | bytes) -> str | bytes:
        return quote(path)


class DropsQuery(_AltersPaths):
    """A path ends before a `?`."""

    def alter(self, path: str | bytes) -> str | bytes:
        return path.partition("?")[0] if isinstance(path, str) else path


class TakesPathsOfBytes(_AltersPaths):
    """A path may be of bytes."""

    def alter(self, path: str | bytes) -> str | bytes:
        return path.decode() if isinstance(path, bytes) else path


class SendsLineBreaks(Policy):
    """The fields of a promise go out as they are."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and message.get("type") == _PUSH:
            return Push(message["path"], [(name, value) for name, value in message["headers"]])
        return super().parse_event(message, offered)


class PushesToAll(ReadsFrames):
    """Who takes no push gets one before each answer."""

    def __init__(self) -> None:
        self._unwilling = False

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind == SETTINGS and not is_ack(frame):
            settings = [frame[at : at + 6] for at in range(9, len(frame), 6)]
            told = [setting for setting in settings if setting[:2] == b"\0\2"]
            self._unwilling = told[-1:] == [_DISABLED] if told else self._unwilling
        return frame

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        if self._unwilling and read_type(data) == HEADERS:
            stream_id = int.from_bytes(data[5:9], "big")
            write(PushPromiseFrame(stream_id, 2, _FIELDS, flags=["END_HEADERS"]).serialize())
        write(data)


class FailsOnRefusedPush(Policy):
    """That a client does not want what is promised has not been thought of."""

    def lose_stream(self, stream: Http2Stream) -> None:
        if stream.id % 2 == 0:
            raise KeyError(stream.id)
        super().lose_stream(stream)
