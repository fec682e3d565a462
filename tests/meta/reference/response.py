"""The response: the order in which its events may come, and what each does to the wire.

    WAITING --start--> STARTED --body--> CONTENT --last body--> [TRAILERS] --> COMPLETE

The head is held back until the first body event, so that a failure before it is answered 500.
"""

from __future__ import annotations

import os
from contextlib import closing
from enum import Enum, auto
from pathlib import Path
from urllib.parse import quote

from reference.errors import InvalidEvent
from reference.events import (
    Body,
    EarlyHint,
    Event,
    PathSend,
    Push,
    Start,
    Trailers,
    ZeroCopySend,
)
from reference.fields import Fields
from reference.framing import EARLY_HINTS, Head, build_error
from reference.policy import Policy
from reference.request import Request
from reference.wire import Wire

_PIECE = 65536


class State(Enum):
    """Where the response is."""

    WAITING = auto()
    STARTED = auto()
    CONTENT = auto()
    TRAILERS = auto()
    COMPLETE = auto()


class Response:
    """The response to one request."""

    def __init__(self, policy: Policy, request: Request, wire: Wire) -> None:
        self._policy = policy
        self._request = request
        self._wire = wire
        self._state = State.WAITING
        self._start: Start | None = None
        self._content = False
        self._remaining: int | None = None
        self._trailers: Fields = []

    @property
    def begun(self) -> bool:
        """Whether the head is on the wire."""
        return self._state not in (State.WAITING, State.STARTED)

    @property
    def complete(self) -> bool:
        return self._state is State.COMPLETE

    async def send(self, event: Event) -> None:
        """Do what the event says; returns when the system has taken all of it.

        Raises `InvalidEvent` for events out of turn, `ClientDisconnected`, and `OSError` for
        files that cannot be read.
        """
        match event:
            case Start():
                self._take_start(event)
            case Body():
                self._write(event.data, event.more)
            case Trailers():
                self._take_trailers(event)
            case EarlyHint():
                self._hint(event)
            case Push():
                self._push(event)
            case PathSend():
                await self._send_path(event)
            case ZeroCopySend():
                self._require(State.STARTED, State.CONTENT)
                await self._send_file(event)
        await self._wire.drain()

    def fail(self, status: int) -> None:
        """Answer with an error instead; nothing is on the wire yet."""
        fields, content = build_error(status)
        self._start = Start(status, fields, len(content), trailers=False)
        self._state = State.STARTED
        self._open(last=True)
        self._write(content, more=False)

    def finish(self) -> None:
        """End the response as it stands, as if it were complete."""
        if not self.begun:
            self._open(last=True)
        self._complete()

    def abort(self) -> None:
        """End the response so that the client sees that it is not complete."""
        self._wire.abort()

    def _require(self, *states: State) -> None:
        if self._state not in states:
            raise InvalidEvent(f"the message is out of turn: the response is {self._state.name}")

    def _take_start(self, start: Start) -> None:
        self._require(State.WAITING)
        self._start = start
        self._state = State.STARTED

    def _open(self, *, last: bool) -> None:
        """Write the head."""
        assert self._start is not None
        start = self._start
        self._content = self._policy.has_content(self._request.method, start.status)
        self._remaining = start.length if self._content else None
        fields = self._policy.complete_fields(start.status, start.fields)
        self._wire.start(Head(start.status, fields, start.length, self._content), last=last)
        self._state = State.CONTENT

    def _write(self, data: bytes, more: bool) -> None:
        self._require(State.STARTED, State.CONTENT)
        assert self._start is not None
        if self._state is State.STARTED:
            # Checked before the head leaves: a failure here can still be answered.
            if self._policy.has_content(self._request.method, self._start.status):
                self._fit(data, self._start.length)
            self._open(last=not more and not self._start.trailers)
        data = self._fit(data, self._remaining)
        if self._remaining is not None:
            self._remaining -= len(data)
        if self._content:
            self._wire.write(data)
        if more:
            return
        if self._remaining:
            self._policy.end_short(self, self._remaining)
        if self._start.trailers:
            self._state = State.TRAILERS
        else:
            self._complete()

    def _fit(self, data: bytes, remaining: int | None) -> bytes:
        return data if remaining is None else self._policy.fit(data, remaining)

    def _complete(self) -> None:
        self._state = State.COMPLETE
        self._wire.end(self._policy.select_trailers(self._request, self._trailers))

    def _take_trailers(self, trailers: Trailers) -> None:
        self._require(State.TRAILERS)
        self._trailers += trailers.fields
        if not trailers.more:
            self._complete()

    def _hint(self, hint: EarlyHint) -> None:
        self._require(State.STARTED, State.CONTENT)
        # After the head it comes too late, which is no fault of the application's.
        if self._state is State.STARTED:
            self._wire.inform(EARLY_HINTS, [(b"link", link) for link in hint.links])

    def _push(self, push: Push) -> None:
        self._require(State.STARTED, State.CONTENT)
        if not push.path.startswith("/"):
            raise InvalidEvent(f"no path to push: {push.path!r:.80}")
        self._wire.push(quote(push.path).encode(), push.fields)

    async def _send_path(self, event: PathSend) -> None:
        self._require(State.STARTED)
        if not Path(event.path).is_absolute():
            raise InvalidEvent(f"no absolute path: {event.path!r:.80}")
        with closing(open(event.path, "rb")) as file:  # noqa: ASYNC230
            await self._send_file(ZeroCopySend(file.fileno(), 0, None, more=False))

    async def _send_file(self, event: ZeroCopySend) -> None:
        """Send from a descriptor in pieces, each when the one before it is taken."""
        offset, left = event.offset, event.count
        try:
            while left != 0 and (self._content or not self.begun):
                size = _PIECE if left is None else min(_PIECE, left)
                if offset is None:
                    piece = os.read(event.descriptor, size)
                else:
                    piece = os.pread(event.descriptor, size, offset)
                    offset += len(piece)
                if not piece:
                    break
                left = None if left is None else left - len(piece)
                self._write(piece, more=True)
                await self._wire.drain()
        except BaseException:
            # A part of the file is out, and the rest of it will not come.
            if self.begun:
                self.abort()
            raise
        self._write(b"", event.more)
