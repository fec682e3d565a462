"""An application for the reference server's own tests: one behaviour a path.

`/told?key` answers, as text, what another request has noted under that key; it waits for it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from reference.errors import ClientDisconnected
from reference.types import Message, Receive, Scope, Send

# So that answers can be written down byte by byte.
_FIXED = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT"), (b"server", b"x")]

_told: dict[str, asyncio.Future[str]] = {}
_files = Path(os.environ.get("REFERENCE_FILES", "/nonexistent"))


def _note(key: str) -> asyncio.Future[str]:
    return _told.setdefault(key, asyncio.get_running_loop().create_future())


def _tell(scope: Scope, text: object) -> None:
    _note(scope["query_string"].decode()).set_result(str(text))


async def _start(send: Send, *fields: tuple[bytes, bytes], status: int = 200, **more: bool) -> None:
    headers = [*_FIXED, *fields]
    await send({"type": "http.response.start", "status": status, "headers": headers, **more})


async def _body(send: Send, data: bytes = b"", *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": more})


async def _read(receive: Receive) -> list[Message]:
    """What is received, up to the end of the body or of the client."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


async def _done(_: Scope, __: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"done")


async def _pieces(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"transfer-encoding", b"gzip"))
    for piece in (b"one", b"", b"two"):
        await _body(send, piece, more=True)
    await _body(send)


async def _no_content(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"4"), status=204)
    await _body(send, b"done")


async def _fails(_: Scope, __: Receive, send: Send) -> None:
    await _start(send)
    await _body(send, b"part", more=True)
    raise RuntimeError("as it should")


async def _fails_first(_: Scope, __: Receive, send: Send) -> None:
    await _start(send)
    raise RuntimeError("as it should")


async def _leaves(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"8"))
    await _body(send, b"part", more=True)


async def _says_too_much(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"4"))
    await _body(send, b"part", more=True)
    await _body(send, b"more")


async def _says_too_little(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"8"))
    await _body(send, b"part")


async def _takes(scope: Scope, receive: Receive, send: Send) -> None:
    messages = await _read(receive)
    _tell(scope, [messages[-1]["type"], sum(len(m.get("body", b"")) for m in messages)])
    await _done(scope, receive, send)


async def _echoes(_: Scope, receive: Receive, send: Send) -> None:
    await _start(send)
    while (message := await receive())["type"] == "http.request":
        await _body(send, message["body"], more=message["more_body"])


async def _waits(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how it heard that the client is gone, again and again, and what `send` says then."""
    await _start(send)
    await _body(send, b"part", more=True)
    await _read(receive)
    heard = [(await receive())["type"], (await receive())["type"]]
    try:
        await _body(send, b"more", more=True)
    except ClientDisconnected as error:
        heard.append(type(error).__name__)
    _tell(scope, heard)


async def _floods(scope: Scope, _: Receive, send: Send) -> None:
    """Tells how much it could send before the client was gone."""
    sent = 0
    await _start(send)
    try:
        while True:
            await _body(send, bytes(65536), more=True)
            sent += 65536
    except ClientDisconnected:
        _tell(scope, sent)
        raise


async def _trails(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, trailers=True)
    await send({"type": "http.response.early_hint", "links": [b"</style.css>"]})
    await _body(send, b"part")
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


async def _sends_path(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"8"))
    await send({"type": "http.response.pathsend", "path": str(_files / "content")})


async def _sends_file(_: Scope, __: Receive, send: Send) -> None:
    await _start(send, (b"content-length", b"4"))
    with (_files / "content").open("rb") as file:
        event = {"type": "http.response.zerocopysend", "file": file, "offset": 2, "count": 4}
        await send(event)


async def _pushes(_: Scope, __: Receive, send: Send) -> None:
    await _start(send)
    await send({"type": "http.response.push", "path": "/done", "headers": []})
    await _body(send, b"done")


async def _counts(scope: Scope, _: Receive, send: Send) -> None:
    scope["state"]["count"] = scope["state"]["count"] + 1
    await _start(send)
    await _body(send, str(scope["state"]["count"]).encode())


async def _tells(scope: Scope, _: Receive, send: Send) -> None:
    text = await _note(scope["query_string"].decode())
    await _start(send, (b"content-length", str(len(text)).encode()))
    await _body(send, text.encode())


async def _tells_tls(scope: Scope, _: Receive, send: Send) -> None:
    tls = scope["extensions"]["tls"]
    await _start(send)
    await _body(send, f"{scope['scheme']} {tls['tls_version']:#x}\n".encode())


_PATHS: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
    "/done": _done,
    "/pieces": _pieces,
    "/no-content": _no_content,
    "/fails": _fails,
    "/fails-first": _fails_first,
    "/leaves": _leaves,
    "/says-too-much": _says_too_much,
    "/says-too-little": _says_too_little,
    "/takes": _takes,
    "/echoes": _echoes,
    "/waits": _waits,
    "/floods": _floods,
    "/trails": _trails,
    "/path": _sends_path,
    "/file": _sends_file,
    "/pushes": _pushes,
    "/counts": _counts,
    "/told": _tells,
    "/tls": _tells_tls,
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; its lifespan prints what it is told."""
    if scope["type"] == "http":
        await _PATHS[scope["path"]](scope, receive, send)
        return
    scope["state"]["count"] = 0
    while True:
        name = (await receive())["type"]
        print(name, flush=True)
        await send({"type": f"{name}.complete"})
        if name == "lifespan.shutdown":
            return


async def app_that_fails_to_start(_: Scope, receive: Receive, send: Send) -> None:
    """An application that refuses to start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


class App2:
    """The application as one of ASGI 2."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await app(self._scope, receive, send)
