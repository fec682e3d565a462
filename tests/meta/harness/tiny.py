"""A subject for the suite's own tests: one behaviour a path."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


async def _start(send: Send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})


async def _body(send: Send, body: bytes, more_body: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


async def _two(_: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"one")
    await _body(send, b"two", more_body=False)


async def _numbers(_: Receive, send: Send) -> None:
    """What a subject is asked for before any check is run."""
    await _start(send)
    await _body(send, b"id,name,value\r\n0,item_0,0.0\r\n", more_body=False)


async def _break(_: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"one")
    raise RuntimeError("broken on purpose")


async def _wait(receive: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"one")
    while (await receive())["type"] != "http.disconnect":
        pass


async def _echo(receive: Receive, send: Send) -> None:
    await _start(send)
    more_body = True
    while more_body:
        message = await receive()
        more_body = message.get("more_body", False)
        await _body(send, message.get("body", b""), more_body)


async def _hold_file(receive: Receive, send: Send) -> None:
    descriptor = os.open(Path(os.environ["MORE_BODY_FILES"], "held.bin"), os.O_RDONLY)
    try:
        await _wait(receive, send)
    finally:
        os.close(descriptor)


async def _flood(_: Receive, send: Send) -> None:
    await _start(send)
    for _number in range(4096):
        await _body(send, bytes(65536))
    await _body(send, b"", more_body=False)


async def _exit(_: Receive, send: Send) -> None:
    await _start(send)
    os._exit(3)


_PATHS = {
    "/csv/numbers": _numbers,
    "/two": _two,
    "/break": _break,
    "/wait": _wait,
    "/echo": _echo,
    "/hold-file": _hold_file,
    "/flood": _flood,
    "/exit": _exit,
}


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for _ in ("startup", "shutdown"):
            message = await receive()
            await send({"type": message["type"] + ".complete"})
    elif scope["path"] in _PATHS:
        await _PATHS[scope["path"]](receive, send)
    else:
        await _start(send, 404)
        await _body(send, scope["path"].encode(), more_body=False)


async def refusing(scope: Message, receive: Receive, send: Send) -> None:
    """An application that starts, and has nothing of the contract."""
    if scope["type"] == "lifespan":
        await app(scope, receive, send)
    else:
        await _start(send, 503)
        await _body(send, b"no", more_body=False)


async def breaking(scope: Message, receive: Receive, send: Send) -> None:
    """An application that starts, and completes no answer."""
    await (app if scope["type"] == "lifespan" else _answer_half)(scope, receive, send)


async def _answer_half(_scope: Message, receive: Receive, send: Send) -> None:
    await _break(receive, send)


def shout(wrapped: App) -> App:
    """A middleware that changes what passes: bodies leave in upper case."""

    async def shouting(scope: Message, receive: Receive, send: Send) -> None:
        async def send_louder(message: Message) -> None:
            if "body" in message:
                message = {**message, "body": message["body"].upper()}
            await send(message)

        await wrapped(scope, receive, send_louder)

    return shouting
