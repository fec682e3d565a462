"""Channels as tutorials have them: a queue a subscriber."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

_queues: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)


async def follow(channel: str) -> AsyncIterator[str | None]:
    """What is published from now on; first None, when the queue is there."""
    queue: asyncio.Queue[str] = asyncio.Queue()
    _queues[channel].add(queue)
    try:
        yield None
        while True:
            yield await queue.get()
    finally:
        _queues[channel].discard(queue)


def publish(channel: str, data: str) -> dict[str, int]:
    """Put something into each subscriber's queue."""
    for queue in _queues[channel]:
        queue.put_nowait(data)
    return {"id": 1}
