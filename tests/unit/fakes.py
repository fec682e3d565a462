"""The server's side of ASGI, played by hand: scopes, `receive` and `send` (www.rst)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio

from raw_asgi.asgi.types import Message, Scope

PATIENCE = 10.0
"""Seconds after which a test that waits in vain is given up. No test depends on it to pass."""


def make_scope(
    method: str = "GET",
    path: str = "/",
    *headers: tuple[bytes, bytes],
    query: bytes = b"",
    root_path: str = "",
    http_version: str = "1.1",
    extensions: dict[str, dict[str, object]] | None = None,
) -> Scope:
    """An HTTP connection scope as a server makes it; `path` is taken as it is."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": http_version,
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": root_path,
        "headers": list(headers),
        "client": ("192.0.2.1", 50000),
        "server": ("192.0.2.2", 80),
        "extensions": {} if extensions is None else extensions,
    }


class Client:
    """A client that sends a body in pieces, then stays until it leaves: a `receive`.

    `complete=False` leaves the end of the body open. `taken` counts the pieces asked for.
    """

    def __init__(self, *pieces: bytes, complete: bool = True) -> None:
        self._messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        if complete:
            self._messages.append({"type": "http.request", "body": b"", "more_body": False})
        self._left = anyio.Event()
        self.taken = 0
        self.all_taken = anyio.Event()

    def leave(self) -> None:
        """Go away: what is asked for after the pieces is `http.disconnect`."""
        self._left.set()

    async def receive(self) -> Message:
        if self.taken < len(self._messages):
            message = self._messages[self.taken]
            self.taken += 1
            return message
        self.all_taken.set()
        await self._left.wait()
        return {"type": "http.disconnect"}


class Sent:
    """What an application has sent: a `send` that takes everything."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._more = anyio.Event()

    async def send(self, message: Message) -> None:
        self.messages.append(message)
        more, self._more = self._more, anyio.Event()
        more.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return as soon as `holds` does, looking after each message."""
        while not holds():
            await self._more.wait()

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def start(self) -> Message:
        (start,) = (each for each in self.messages if each["type"] == "http.response.start")
        return start

    @property
    def status(self) -> int:
        status: int = self.start["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The fields by name; a name that comes twice is a failure."""
        fields: list[tuple[bytes, bytes]] = list(self.start["headers"])
        assert len(dict(fields)) == len(fields), f"a field was sent twice: {fields}"
        return dict(fields)

    @property
    def pieces(self) -> list[bytes]:
        """The bodies of all body messages, in order."""
        bodies = (each for each in self.messages if each["type"] == "http.response.body")
        return [each.get("body", b"") for each in bodies]

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def finished(self) -> bool:
        """Whether the last body message said that it is the last."""
        bodies = [each for each in self.messages if each["type"] == "http.response.body"]
        return bool(bodies) and not bodies[-1].get("more_body", False)


class ClosingServer(Sent):
    """A server that tells the client to have left while `send` of the end still has work to do.

    It may: the response is complete (www.rst, *Disconnect - receive event*).
    """

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self.closed = False

    async def send(self, message: Message) -> None:
        await super().send(message)
        if self.finished:
            self._client.leave()
            await anyio.wait_all_tasks_blocked()
            self.closed = True


class BrokenConnection:
    """A server of message format 2.4 whose client is gone: `send` raises OSError.

    The first `taken` messages are still taken.
    """

    def __init__(self, taken: int = 0) -> None:
        self._left = taken
        self.messages: list[Message] = []
        self.refused = anyio.Event()

    async def send(self, message: Message) -> None:
        if not self._left:
            self.refused.set()
            raise OSError("the client is gone")
        self._left -= 1
        self.messages.append(message)


async def call(
    app: Callable[[Scope, Any, Any], Any], scope: Scope, *pieces: bytes, complete: bool = True
) -> Sent:
    """Have an application answer one request of a client that stays; what it sent."""
    sent = Sent()
    with anyio.fail_after(PATIENCE):
        await app(scope, Client(*pieces, complete=complete).receive, sent.send)
    return sent
