"""Mistakes with trailers."""

from __future__ import annotations

from collections.abc import Callable, Collection

from reference.events import Event, Trailers
from reference.fields import Fields
from reference.mistakes.messages import Mending, pass_over
from reference.mistakes.turns import is_complete, refuse
from reference.policy import Policy
from reference.request import Request
from reference.types import Application, Message, Receive, Scope, Send

_TRAILERS = "http.response.trailers"


class DropsTrailers(Policy):
    """The extension is offered, and that is all."""

    def select_trailers(self, request: Request, fields: Fields) -> Fields:
        return super().select_trailers(request, fields)[:0]


class DropsTrailersAfterPieces(Mending):
    """Content of several pieces has no trailers."""

    def __init__(self) -> None:
        self._pieces = 0

    def mend(self, message: Message) -> Message:
        self._pieces = 0 if "status" in message else self._pieces + ("body" in message)
        late = message["type"] == _TRAILERS and self._pieces > 1
        return {**message, "headers": []} if late else message


class ReadsWholeTE(Policy):
    """`TE` is `trailers`, and nothing else."""

    def select_trailers(self, request: Request, fields: Fields) -> Fields:
        asked = (b"te", b"trailers") in request.fields
        return super().select_trailers(request, fields) if asked else []


class SortsTrailers(Policy):
    """Trailers go out in the order of their names, each once."""

    def select_trailers(self, request: Request, fields: Fields) -> Fields:
        return sorted(dict(super().select_trailers(request, fields)).items())


class SendsAllTrailers(Policy):
    """Trailers go to whoever asked and to whoever did not."""

    def select_trailers(self, request: Request, fields: Fields) -> Fields:
        del request
        return fields


class EndsWithBody(Mending):
    """The last body is the end."""

    def mend(self, message: Message) -> Message:
        return {**message, "trailers": False} if "status" in message else message


class AwaitsTrailers(Mending):
    """After each last body there are trailers to come, where the application has some."""

    def mend(self, message: Message) -> Message:
        return {**message, "trailers": True} if "status" in message else message


class EndsWithFirstTrailers(Mending):
    """Trailers are of one message."""

    def mend(self, message: Message) -> Message:
        return {**message, "more_trailers": False}


class AwaitsMoreTrailers(Mending):
    """After trailers there are more to come, unless it is told otherwise."""

    def mend(self, message: Message) -> Message:
        return {"more_trailers": True, **message} if message["type"] == _TRAILERS else message


class SendsLineBreaks(Policy):
    """Trailers go out as they are."""

    def parse_event(self, message: object, offered: Collection[str]) -> Event:
        if isinstance(message, dict) and message.get("type") == _TRAILERS:
            return Trailers([(name, value) for name, value in message["headers"]], more=False)
        return super().parse_event(message, offered)


def refusing_empty_trailers(application: Application) -> Application:
    """Trailers have fields."""
    return refuse(application, lambda m, _: m["type"] == _TRAILERS and not m["headers"])


def refusing_trailers_with_length(application: Application) -> Application:
    """Content with a length has no trailers."""

    def has_length(message: Message, sent: list[Message]) -> bool:
        names = [name for each in sent for name, _ in each.get("headers", [])]
        return message["type"] == _TRAILERS and b"content-length" in names

    return refuse(application, has_length)


def _refuse_where(application: Application, fits: Callable[[Scope], bool]) -> Application:
    refusing = refuse(application, lambda m, _: m["type"] == _TRAILERS)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        fitting = scope["type"] == "http" and fits(scope)
        await (refusing if fitting else application)(scope, receive, send)

    return broken


def refusing_trailers_unasked(application: Application) -> Application:
    """Trailers that the client did not ask for are an error."""
    return _refuse_where(
        application, lambda scope: b"te" not in [name for name, _ in scope["headers"]]
    )


def refusing_trailers_to_head(application: Application) -> Application:
    """Trailers of what has no content are an error."""
    return _refuse_where(application, lambda scope: scope["method"] == "HEAD")


def holding_last_body(application: Application) -> Application:
    """The last body leaves with the trailers."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []
        announced = False

        async def hold(message: Message) -> None:
            nonlocal announced
            announced = announced or bool(message.get("trailers"))
            if announced and is_complete([message]):
                held.append(message)
                return
            for each in [*held, message]:
                await send(each)
            held.clear()

        await application(scope, receive, hold)

    return broken


def passing_over_early_trailers(application: Application) -> Application:
    """Before the last body, trailers are let be."""
    return pass_over(application, lambda m, sent: m["type"] == _TRAILERS and not is_complete(sent))
