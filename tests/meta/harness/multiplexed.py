"""An application for the tests of the HTTP/2 client: one behaviour a path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_left: list[str] = []


async def _start(send: Send, **more: object) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [], **more})


async def _body(send: Send, body: bytes, more_body: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


async def _two(_scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send, headers=[(b"x-one", b"1"), (b"x-one", b"2")])
    await _body(send, b"one")
    await _body(send, b"two", more_body=False)


async def _authority(scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, dict(scope["headers"]).get(b"host", b"none"), more_body=False)


async def _break(_scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"one")
    raise RuntimeError("broken on purpose")


async def _wait(_scope: Message, receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"one")
    while (await receive())["type"] != "http.disconnect":
        pass
    _left.append("left")


async def _count_left(_scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, str(len(_left)).encode(), more_body=False)


async def _echo(_scope: Message, receive: Receive, send: Send) -> None:
    await _start(send)
    more_body = True
    while more_body:
        message = await receive()
        more_body = message.get("more_body", False)
        await _body(send, message.get("body", b""), more_body)


async def _size(_scope: Message, receive: Receive, send: Send) -> None:
    size, more_body = 0, True
    while more_body:
        message = await receive()
        size += len(message.get("body", b""))
        more_body = message.get("more_body", False)
    await _start(send)
    await _body(send, str(size).encode(), more_body=False)


async def _large(_scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, bytes(1024 * 1024), more_body=False)


async def _trailers(_scope: Message, _receive: Receive, send: Send) -> None:
    await _start(send, trailers=True)
    await _body(send, b"one", more_body=False)
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


async def _hint(_scope: Message, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": [b"</style.css>"]})
    await _two(_scope, _receive, send)


async def _push(_scope: Message, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.push", "path": "/two", "headers": []})
    await _start(send)
    await _body(send, b"pushed", more_body=False)


_PATHS = {
    "/authority": _authority,
    "/break": _break,
    "/echo": _echo,
    "/hint": _hint,
    "/large": _large,
    "/left": _count_left,
    "/push": _push,
    "/size": _size,
    "/trailers": _trailers,
    "/two": _two,
    "/wait": _wait,
}


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for _ in ("startup", "shutdown"):
            message = await receive()
            await send({"type": message["type"] + ".complete"})
    else:
        await _PATHS[scope["path"]](scope, receive, send)
