"""What mistakes are made of: changes of requests, of messages, of header fields, of bodies.

Field names are lower-case. Where a body is changed, `Content-Length` goes, so that only the
content is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType

from raw_asgi.asgi.types import ASGIApp, Message, Receive, Scope, Send

# What the switch does when it is turned: ends, and gives back, what a mistake would keep for ever.
# One server is for many checks.
AT_THE_TURN: list[Callable[[], object]] = []

Break = Callable[[ASGIApp], ASGIApp]
Fields = list[tuple[bytes, bytes]]


def replace_until_the_turn(module: ModuleType, name: str, value: object) -> None:
    """Give a module's attribute another value, for a mistake that is not seen in the messages."""
    AT_THE_TURN.append(partial(setattr, module, name, getattr(module, name)))
    setattr(module, name, value)


async def answer(send: Send, status: int, body: bytes = b"", fields: Fields | None = None) -> None:
    """Send a whole response."""
    await send({"type": "http.response.start", "status": status, "headers": fields or []})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def on_http(app: ASGIApp, broken: ASGIApp) -> ASGIApp:
    """The one for all that is not HTTP, the other for what is."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        await (broken if scope["type"] == "http" else app)(scope, receive, send)

    return choose


def read_field(scope: Scope, name: bytes) -> bytes | None:
    """The request's field of that name; the last one where there are several."""
    fields: dict[bytes, bytes] = dict(scope.get("headers", ()))
    return fields.get(name)


def change_request(app: ASGIApp, change: Callable[[Scope], Scope]) -> ASGIApp:
    """The application, told of another request than the one that was made."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await app(change(scope) if scope["type"] == "http" else scope, receive, send)

    return broken


def change_request_field(
    app: ASGIApp, name: bytes, change: Callable[[bytes], bytes | None]
) -> ASGIApp:
    """The application, told of another value of a request's field; of none where it is None."""
    return change_request(
        app, lambda scope: {**scope, "headers": _change_field(scope["headers"], name, change)}
    )


def change_request_body(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    """The application, given another body; each piece of it is changed by itself."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_changed() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                message = {**message, "body": change(message.get("body", b""))}
            return message

        await app(scope, receive_changed, send)

    return broken


def change_path(app: ASGIApp, change: Callable[[str], str]) -> ASGIApp:
    """The application, told of another path."""
    return change_request(app, lambda scope: {**scope, "path": change(scope["path"])})


def change_query(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    """The application, told of another query."""
    return change_request(
        app, lambda scope: {**scope, "query_string": change(scope["query_string"])}
    )


def change_type(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    """The application, told of another `Content-Type`; the one that is missing is empty."""

    def change_scope(scope: Scope) -> Scope:
        kept = [field for field in scope["headers"] if field[0] != b"content-type"]
        kind = change(read_field(scope, b"content-type") or b"")
        return {**scope, "headers": [*kept, (b"content-type", kind)]}

    return change_request(app, change_scope)


def change_messages(app: ASGIApp, change: Callable[[Scope, Message], Message | None]) -> ASGIApp:
    """The application with its messages changed; what becomes None is not sent."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_changed(message: Message) -> None:
            changed = change(scope, message)
            if changed is not None:
                await send(changed)

        await app(scope, receive, send_changed)

    return broken


def change_start(app: ASGIApp, change: Callable[[int, Fields], tuple[int, Fields]]) -> ASGIApp:
    """The application with the status and the fields of its responses changed."""

    def change_message(_scope: Scope, message: Message) -> Message:
        if message["type"] != "http.response.start":
            return message
        status, fields = change(message["status"], list(message["headers"]))
        return {**message, "status": status, "headers": fields}

    return change_messages(app, change_message)


def change_field(app: ASGIApp, name: bytes, change: Callable[[bytes], bytes | None]) -> ASGIApp:
    """The application with a field of its responses changed, or dropped where it becomes None."""
    return change_start(app, lambda status, fields: (status, _change_field(fields, name, change)))


def drop_field(app: ASGIApp, name: bytes) -> ASGIApp:
    """The application without a field in its responses."""
    return change_field(app, name, lambda _: None)


def change_status(app: ASGIApp, told: int, instead: int) -> ASGIApp:
    """The application with one status in the place of another."""
    return change_start(app, lambda status, fields: (instead if status == told else status, fields))


def change_body(app: ASGIApp, change: Callable[[bytes], bytes]) -> ASGIApp:
    """The application with each piece of its bodies changed."""

    def change_message(_scope: Scope, message: Message) -> Message:
        if message["type"] != "http.response.body":
            return message
        return {**message, "body": change(message.get("body", b""))}

    return drop_field(change_messages(app, change_message), b"content-length")


def drop_pieces(app: ASGIApp, drops: Callable[[bytes], object]) -> ASGIApp:
    """The application without those pieces of its bodies that `drops` picks."""
    return change_messages(
        app, lambda _scope, message: None if drops(message.get("body", b"")) else message
    )


def refuse(app: ASGIApp, refused: Callable[[Scope], object], status: int) -> ASGIApp:
    """The application, but the requests that `refused` picks are answered with a bare status."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and refused(scope):
            await answer(send, status)
        else:
            await app(scope, receive, send)

    return broken


def _change_field(fields: Fields, name: bytes, change: Callable[[bytes], bytes | None]) -> Fields:
    changed: Fields = []
    for field, value in fields:
        new = change(value) if field == name else value
        if new is not None:
            changed.append((field, new))
    return changed
