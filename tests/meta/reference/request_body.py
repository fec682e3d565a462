"""The body of a request: what has come of it and was not taken, and what became of the client."""

from __future__ import annotations

from collections.abc import Callable

from reference.wakeup import Signal


class RequestBody:
    """Filled by the connection, emptied by the application; both by steps that cannot wait."""

    def __init__(self, on_take: Callable[[int], None]) -> None:
        """`on_take` is told how many bytes were taken, so that as many may come after them."""
        self._on_take = on_take
        self._buffer = bytearray()
        self._signal = Signal()
        self.complete = False
        """All has come."""
        self.left = False
        """The client sends nothing more; it may still read, or be gone."""
        self.lost = False
        """The connection, or the stream, is over."""
        self.stopping = False
        """The server stops."""
        self.refusal: int | None = None
        """The status that answers a body which is malformed."""

    @property
    def buffered(self) -> int:
        """The number of bytes that have come and were not taken."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data
        self.notify()

    def finish(self) -> None:
        self.complete = True
        self.notify()

    def leave(self) -> None:
        self.left = True
        self.notify()

    def refuse(self, status: int) -> None:
        self.refusal = status
        self.leave()

    def lose(self) -> None:
        self.lost = True
        self.notify()

    def stop(self) -> None:
        self.stopping = True
        self.notify()

    def take(self, limit: int) -> bytes:
        """At most so many bytes of those that have come."""
        data = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        if data:
            self._on_take(len(data))
        return data

    def notify(self) -> None:
        """Wake who waits."""
        self._signal.notify()

    async def wait(self) -> None:
        """Wait until something has changed."""
        await self._signal.wait()
