"""Mistakes when the server is told to stop. They are put in at the start, by BROKEN_BY."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from reference.connection import Connection
from reference.lifespan import Lifespan
from reference.policy import Policy
from reference.types import Application

_GOAWAY = 7  # RFC 9113 §6.8
_TYPE, _HEAD = 3, 9


class WithoutGrace(Policy):
    """What runs is given a fifth of a second."""

    grace_seconds = 0.2


class StopsUntold(Policy):
    """Nobody is told before the grace is over."""

    def stop(self, connections: list[Connection]) -> None:
        pass


class EndsLate(Policy):
    """The process stays for a second when all is over."""

    def create_lifespan(self, application: Application) -> Lifespan:
        class Late(Lifespan):
            async def stop(self) -> None:
                await asyncio.sleep(1)
                await super().stop()

        return Late(application)


class WithoutGoaway(Policy):
    """A client is not told which of its requests are taken."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        kept = b"".join(frame for frame in _split(data) if frame[_TYPE] != _GOAWAY)
        if kept:
            write(kept)


def _split(data: bytes) -> Iterator[bytes]:
    """The frames of HTTP/2 in what is written (RFC 9113 §4.1)."""
    while data:
        end = _HEAD + int.from_bytes(data[:_TYPE])
        yield data[:end]
        data = data[end:]
