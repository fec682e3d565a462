"""Mistakes of `send` with messages that are invalid, or that come where they may not."""

from __future__ import annotations

from collections.abc import Callable, Collection

from reference.events import Event
from reference.mistakes.departure import hang
from reference.policy import Policy
from reference.types import Application, Message, Receive, Scope, Send

_KNOWN = ("http.response.start", "http.response.body")


def pass_over(
    application: Application, wanted: Callable[[Message, list[Message]], bool]
) -> Application:
    """Have messages sent nowhere where `wanted` says so of one, and of those before it."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def choose(message: Message) -> None:
            if scope["type"] != "http" or not wanted(message, sent):
                await send(message)
            sent.append(message)

        await application(scope, receive, choose)

    return broken


def has_started(sent: list[Message]) -> bool:
    """Whether one of the messages is the start."""
    return any(message.get("type") == "http.response.start" for message in sent)


class Mending(Policy):
    """Makes something of what is invalid."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and str(message.get("type")).startswith("http.response."):
            message = self.mend(dict(message))
        return super().parse_event(message, offered)

    def mend(self, message: Message) -> Message:
        """The message as it is taken to be."""
        return message


# Types.


def passing_over_unknown(application: Application) -> Application:
    """A message that a server does not know is none of its business."""
    return pass_over(application, lambda m, _: m.get("type") == "http.response.unknown")


def passing_over_unknown_later(application: Application) -> Application:
    """Once there is a start, only bodies are looked at."""
    return pass_over(application, lambda m, sent: has_started(sent) and m.get("type") not in _KNOWN)


def passing_over_foreign(application: Application) -> Application:
    """A message of another protocol is let be."""
    return pass_over(application, lambda m, _: str(m.get("type")).startswith("websocket."))


def passing_over_own(application: Application) -> Application:
    """A message of the server's own kind is let be."""
    return pass_over(application, lambda m, _: m.get("type") == "http.request")


def passing_over_untyped(application: Application) -> Application:
    """What has no type is no message."""
    return pass_over(application, lambda m, _: not isinstance(m.get("type"), str))


def refusing_all_later(application: Application) -> Application:
    """After an invalid message, `send` takes no other."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        failure: ValueError | None = None

        async def send_while_whole(message: Message) -> None:
            nonlocal failure
            if failure is not None:
                raise RuntimeError("the response has failed") from failure
            try:
                await send(message)
            except ValueError as error:
                failure = error
                raise

        await application(scope, receive, send_while_whole)

    return broken


def waiting_after_failure(application: Application) -> Application:
    """An application that an invalid message has ended leaves its client waiting."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await application(scope, receive, send)
        except ValueError:
            await hang()

    return broken


# The start.


class AssumesStatus(Mending):
    """Without a status it is 200."""

    def mend(self, message: Message) -> Message:
        return {"status": 200, **message} if message["type"] == _KNOWN[0] else message


class AssumesStatusForNone(Mending):
    """A status of None is 200."""

    def mend(self, message: Message) -> Message:
        none = "status" in message and message["status"] is None
        return {**message, "status": 200} if none else message


class ReadsStatus(Mending):
    """A status is what int() makes a number of."""

    def mend(self, message: Message) -> Message:
        status = message.get("status")
        return {**message, "status": int(status)} if isinstance(status, str | float) else message


# Headers.


class MendsHeaders(Mending):
    """Alters each header; drops it where it becomes None."""

    def mend(self, message: Message) -> Message:
        headers = message.get("headers")
        if not isinstance(headers, list | dict):
            return message
        mended = [self.mend_header(list(header)) for header in headers]
        return {**message, "headers": [header for header in mended if header is not None]}

    def mend_header(self, header: list[object]) -> list[object] | None:
        """The header as it is taken to be."""
        raise NotImplementedError


class EncodesHeaders(MendsHeaders):
    """Text in headers is encoded."""

    def mend_header(self, header: list[object]) -> list[object]:
        return [part.encode() if isinstance(part, str) else part for part in header]


class EncodesLaterHeaders(EncodesHeaders):
    """Of the headers the first is looked at."""

    def mend(self, message: Message) -> Message:
        first = message.get("headers", [])[:1]
        return {**message, "headers": [*first, *super().mend(message).get("headers", [])[1:]]}


class EncodesNames(EncodesHeaders):
    """Text as a name is encoded."""

    def mend_header(self, header: list[object]) -> list[object]:
        return super().mend_header(header[:1]) + header[1:]


class WritesNumbers(MendsHeaders):
    """A number as a value is written out."""

    def mend_header(self, header: list[object]) -> list[object]:
        return [b"%d" % part if isinstance(part, int) else part for part in header]


class DropsNoneHeaders(MendsHeaders):
    """A header without a value is left out."""

    def mend_header(self, header: list[object]) -> list[object] | None:
        return None if None in header else header


class DropsOddHeaders(MendsHeaders):
    """A header that is no pair is left out."""

    def mend_header(self, header: list[object]) -> list[object] | None:
        return header if len(header) == 2 else None


class AssumesHeaders(Mending):
    """Headers that are no list are none."""

    def mend(self, message: Message) -> Message:
        odd = isinstance(message.get("headers", []), int | None)
        return {**message, "headers": []} if odd else message


# The body.


class EncodesBody(Mending):
    """Text as a body is encoded."""

    def mend(self, message: Message) -> Message:
        text = message.get("body")
        return {**message, "body": text.encode()} if text and isinstance(text, str) else message


class TakesNothingForEmpty(Mending):
    """A body that is not true is empty."""

    def mend(self, message: Message) -> Message:
        return message if message.get("body") else {**message, "body": b""}


class MakesBytes(Mending):
    """A body is what bytes() makes of it."""

    def mend(self, message: Message) -> Message:
        body = message.get("body")
        return {**message, "body": bytes(body)} if isinstance(body, int | list) else message


class AsksForTruth(Mending):
    """`more_body` is whatever is true."""

    def mend(self, message: Message) -> Message:
        return {**message, "more_body": bool(message.get("more_body"))}
