"""Event streams (WHATWG HTML §9.2), by what FastAPI has for them.

That is how an event is written, `format_sse_event`. FastAPI's own streams, of endpoints that
`yield`, cannot keep the contract: their heartbeat is fixed at 15 seconds; a failure cancels
the delivery of the events before it; two buffers hold events that the client has not taken;
an event is a message, and encoded once for each client; `HEAD` would run the endpoint.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

import anyio
from fastapi.sse import EventSourceResponse, format_sse_event

from fastapi_compat.problems import describe_problem
from fastapi_compat.responses import FirstItemStreamingResponse

RETRY = format_sse_event(retry=3000)
"""The first item: with it the head leaves, however long the first event takes."""

_ERROR = format_sse_event(
    event="error", data_str=describe_problem(500, "The events broke off.").model_dump_json()
)


class Waiting(Protocol):
    """What news come from, a clock or a cursor."""

    async def wait(self) -> None: ...


class EventStreamResponse(FirstItemStreamingResponse):
    """A stream of encoded events. Where they fail, the last one is named `error`."""

    media_type = EventSourceResponse.media_type

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        headers = {
            # Starlette would add a charset; the type has none (WHATWG HTML §16.2).
            "Content-Type": self.media_type,
            "Cache-Control": "no-cache",
            "X-Accel-Buffering": "no",
        }
        super().__init__(events, headers=headers, failure_notice=_ERROR)


async def wait_or_beat(source: Waiting, heartbeat_seconds: float) -> bytes:
    """Wait for news. Returns a comment where there were none for so long, else nothing."""
    with anyio.move_on_after(heartbeat_seconds) as silence:
        await source.wait()
    return b":\n\n" if silence.cancelled_caught else b""
