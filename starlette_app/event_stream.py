"""Event streams (WHATWG HTML §9.2), which Starlette does not have."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from starlette_app.problems import describe_problem
from starlette_app.responses import FirstItemStreamingResponse

RETRY = b"retry: 3000\n\n"
"""The first item: the headers leave with it, however long the first event takes."""

HEARTBEAT = b":\n\n"

_END_OF_LINE = re.compile(r"\r\n|\r|\n")


class EventStreamResponse(FirstItemStreamingResponse):
    """A stream of encoded events. Where they fail, an event says so before the stream breaks."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(
            _end_with_error(events),
            media_type="text/event-stream",
            # The second is for proxies, which would hold the events back.
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
        # Starlette adds a charset to every text; this one has none (WHATWG HTML §9.2.2).
        self.headers["Content-Type"] = "text/event-stream"


def encode_event(data: str, *, event: str | None = None, number: int | None = None) -> bytes:
    """An event: a `data` field for each line of `data`, and the id `number`.

    `event` is a single line: a line end in it would begin another field.
    """
    fields = [] if number is None else [f"id: {number}"]
    if event is not None:
        fields.append(f"event: {event}")
    fields += [f"data: {line}" for line in _END_OF_LINE.split(data)]
    return ("\n".join(fields) + "\n\n").encode()


async def _end_with_error(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except Exception:
            problem = msgspec.json.encode(describe_problem(500, "the events broke off here"))
            yield encode_event(problem.decode(), event="error")
            raise
