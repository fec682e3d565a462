"""The wire: what a response needs of HTTP/1.1 or HTTP/2."""

from __future__ import annotations

from typing import Protocol

from reference.fields import Fields
from reference.framing import Head


class Wire(Protocol):
    """One request's way to its client.

    Nothing but `drain` waits: what is written is whole even if who wrote it is cancelled.
    """

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        ...

    def inform(self, status: int, fields: Fields) -> None:
        """Write an informational response; nothing where the client has no use for it."""
        ...

    def start(self, head: Head, *, last: bool) -> None:
        """Write the head of the response; `last`: all that comes after it is there."""
        ...

    def write(self, data: bytes) -> None:
        """Write a piece of content; no bytes are no piece."""
        ...

    def end(self, trailers: Fields) -> None:
        """End the response."""
        ...

    def push(self, path: bytes, fields: Fields) -> None:
        """Promise another response, and make it (RFC 9113 §8.4)."""
        ...

    def abort(self) -> None:
        """End the response so that the client sees that it is not complete."""
        ...

    async def drain(self) -> None:
        """Wait until the system has taken what was written. Raises `ClientDisconnected`."""
        ...
