"""Event streams and channels as a client sees them, for the checks of `/events`.

Streams are read by the rules for clients (WHATWG HTML §9.2.6), so that a check asks for what
is delivered, and not for one of the ways to write it down.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from asgi_conformance.client import Client
from asgi_conformance.connection import Hung
from asgi_conformance.exchange import Exchange

# end-of-line = ( cr lf / cr / lf ); a CR that came last may yet be half of a CR LF
_END_OF_LINE = re.compile(rb"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is dispatched: the last id that the stream gave, the type, the data."""

    id: str
    type: str
    data: str


class EventStream:
    """The events of an answer. Reads no further than it must."""

    def __init__(self, answer: Exchange) -> None:
        self.answer = answer
        self.retry: int | None = None
        """The reconnection time in milliseconds, None until there was one."""
        self.comments = 0
        """How many comments there were."""
        self._rest = b""
        self._id = ""
        self._type = ""
        self._data: list[str] = []
        self._events: deque[Event] = deque()

    def read_event(self) -> Event:
        """The next event. Fails at the end of the stream, and where only comments come."""
        return self.read_events(1)[0]

    def read_events(self, count: int) -> list[Event]:
        """The next `count` events; fails as `read_event` does."""
        deadline = time.monotonic() + self.answer.connection.deadline
        while len(self._events) < count:
            self._receive(deadline)
        return [self._events.popleft() for _ in range(count)]

    def read_comment(self) -> None:
        """Read on until there is one comment more."""
        deadline = time.monotonic() + self.answer.connection.deadline
        known = self.comments
        while self.comments == known:
            self._receive(deadline)

    def read_retry(self) -> int:
        """Read on until the reconnection time is there; in milliseconds."""
        deadline = time.monotonic() + self.answer.connection.deadline
        while self.retry is None:
            self._receive(deadline)
        return self.retry

    def read_to_end(self) -> list[Event]:
        """All the events that are left, of a stream that ends, in whichever way."""
        deadline = time.monotonic() + self.answer.connection.deadline
        while content := self.answer.read_chunk():
            self._take(content)
            self._check(deadline)
        return self.take_events()

    def take_events(self) -> list[Event]:
        """The events that have been received and were not read yet."""
        events = list(self._events)
        self._events.clear()
        return events

    def _receive(self, deadline: float) -> None:
        self._check(deadline)
        content = self.answer.read_chunk()
        if not content:
            raise AssertionError(f"the stream ended ({self.answer.ending}) before what is awaited")
        self._take(content)

    def _check(self, deadline: float) -> None:
        # A heartbeat keeps the connection from its own deadline.
        if time.monotonic() > deadline:
            raise Hung(f"what is awaited did not come; comments so far: {self.comments}")

    def _take(self, content: bytes) -> None:
        self._rest += content
        *lines, self._rest = _END_OF_LINE.split(self._rest)
        for line in lines:
            try:
                self._interpret(line.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise AssertionError(f"the event stream is not UTF-8: {error}") from error

    def _interpret(self, line: str) -> None:
        if not line:
            self._dispatch()
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry = int(value)

    def _dispatch(self) -> None:
        if self._data:
            self._events.append(Event(self._id, self._type or "message", "\n".join(self._data)))
        self._type = ""
        self._data.clear()


class Channel:
    """A channel that no other check knows, unless it is given a name."""

    def __init__(self, client: Client, name: str = "") -> None:
        self.name = name or uuid.uuid4().hex
        self.target = f"/events/{self.name}"
        self._client = client

    def publish(self, data: str, event: str | None = None) -> int:
        """Publish an event and return its id; fails where it is refused."""
        value = {"data": data} if event is None else {"data": data, "event": event}
        answer = self.post(json.dumps(value).encode())
        if answer.status != 202:
            raise AssertionError(f"the event is refused: {answer.status} {answer.body!r}")
        number: int = json.loads(answer.body)["id"]
        return number

    def publish_each(self, *texts: str) -> None:
        """Publish events with these data, one after the other."""
        for text in texts:
            self.publish(text)

    def post(self, body: bytes, content_type: str = "application/json") -> Exchange:
        """`POST` literal bytes and read the whole answer."""
        fields = [("Content-Type", content_type)]
        return self._client.request("POST", self.target, headers=fields, body=body).read_all()

    def subscribe(
        self,
        *,
        last_event_id: str | None = None,
        query: str = "",
        headers: Sequence[tuple[str, str]] = (),
        hold: int | None = None,
        receive_buffer: int | None = None,
    ) -> EventStream:
        """Begin to receive; what is published after this returns is "from now on".

        `last_event_id` is the header's value. Returns once the reconnection time is there.
        """
        fields = list(headers)
        if last_event_id is not None:
            fields.append(("Last-Event-ID", last_event_id))
        answer = self._client.request(
            "GET",
            self.target + query,
            headers=fields,
            hold=hold,
            receive_buffer=receive_buffer,
        )
        stream = EventStream(answer)
        stream.read_retry()
        return stream
