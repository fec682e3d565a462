"""Records: what the recorder reported of one request, and waiting for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEADLINE = 5.0
_UNSHOWN = ("id", "event", "headers", "time", "kinds")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that the recorder saw.

    `name` is one of `call`, `receive-begin`, `receive`, `receive-failed`, `hold`, `send-begin`,
    `send-end`, `send-failed`, `end`; the probe has more. `time` is the moment on the system's
    monotonic clock, in seconds, which is also that of `time.monotonic()` here. `kinds` are the
    names of the error's classes, from its own up, of what failed or raised. `type`, `size`
    (bytes of body) and `more_body` are those of the ASGI message, None where it has none;
    `fields` holds everything (`scope`, `status`, `headers`, `how`, `error`).
    """

    name: str
    fields: Mapping[str, Any]

    @property
    def time(self) -> float:
        return float(self.fields["time"])

    @property
    def kinds(self) -> Sequence[str]:
        return list(self.fields.get("kinds", ()))

    @property
    def type(self) -> str | None:
        value = self.fields.get("type")
        return value if isinstance(value, str) else None

    @property
    def size(self) -> int | None:
        value = self.fields.get("size")
        return value if isinstance(value, int) else None

    @property
    def more_body(self) -> bool | None:
        value = self.fields.get("more_body")
        return value if isinstance(value, bool) else None

    def __str__(self) -> str:
        shown = {k: v for k, v in self.fields.items() if k not in _UNSHOWN}
        return f"{self.name} {json.dumps(shown)}" if shown else self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an application left a request: `returned`, `raised` (with the error) or `cancelled`."""

    how: str
    error: str


class Record:
    """What the recorder reported of one request. Waits fail with `AssertionError`.

    Whatever happened in the server before an event is asked for is among the events.
    """

    def __init__(
        self,
        request_id: str,
        order: Callable[[dict[str, object]], None],
        catch_up: Callable[[], object],
    ) -> None:
        self.id = request_id
        self._order = order
        self._catch_up = catch_up
        self._events: list[Event] = []
        self._changed = threading.Condition()

    @property
    def events(self) -> list[Event]:
        """The events so far, in their order."""
        self._catch_up()
        with self._changed:
            return list(self._events)

    @property
    def ended(self) -> Outcome | None:
        """How the application left the request, None while it has not."""
        ends = self.select("end")
        return Outcome(ends[0].fields["how"], ends[0].fields["error"]) if ends else None

    @property
    def body_bytes_offered(self) -> int:
        """Bytes of response body that the application has handed to `send`."""
        return sum(event.size or 0 for event in self.select("send-begin"))

    @property
    def body_bytes_sent(self) -> int:
        """Bytes of response body for which `send` has come back."""
        return sum(event.size or 0 for event in self.select("send-end"))

    @property
    def body_bytes_received(self) -> int:
        """Bytes of request body that the application has taken."""
        return sum(event.size or 0 for event in self.select("receive"))

    def select(self, name: str, message_type: str | None = None) -> list[Event]:
        """The events so far of that name and, if given, of that ASGI message type."""
        return [e for e in self.events if e.name == name and message_type in (None, e.type)]

    def wait_for(
        self, wanted: str | Callable[[Event], bool], *, count: int = 1, timeout: float = DEADLINE
    ) -> Event:
        """Wait for the `count`-th event of that name, or that the predicate takes; return it."""

        def fits(event: Event) -> bool:
            return event.name == wanted if isinstance(wanted, str) else wanted(event)

        def found() -> Event | None:
            fitting = [event for event in self._events if fits(event)]
            return fitting[count - 1] if len(fitting) >= count else None

        with self._changed:
            event = self._changed.wait_for(found, timeout)
        if event is None:
            name = wanted if isinstance(wanted, str) else "such event"
            raise AssertionError(f"the recorder saw no {name} (#{count}) within {timeout} s")
        return event

    def wait_for_end(self, timeout: float = DEADLINE) -> Outcome:
        """Wait until the application has left the request."""
        event = self.wait_for("end", timeout=timeout)
        return Outcome(event.fields["how"], event.fields["error"])

    def wait_for_quiet(self, seconds: float = 0.3, timeout: float = DEADLINE) -> None:
        """Wait until nothing was reported for so long: the application waits, or has ended.

        It is asked for twice, with an answer of the process between: a process that stalls
        as a whole (it copies, it collects garbage) is not an application that waits.
        """
        deadline = time.monotonic() + timeout
        while not self._is_quiet(seconds):
            if time.monotonic() > deadline:
                raise AssertionError(f"the application never paused in {timeout} s")

    def _is_quiet(self, seconds: float) -> bool:
        with self._changed:
            seen = len(self._events)
            if any(event.name == "end" for event in self._events):
                return True
        for _ in range(2):
            with self._changed:
                if self._changed.wait_for(lambda: len(self._events) > seen, seconds):
                    return False
            self._catch_up()
        return True

    def release(self, count: int | None = None) -> None:
        """Let `count` more of the body messages that are held pass; all of them where None."""
        self._order({"release": self.id, "count": count})

    def add(self, event: Event) -> None:
        """Take an event in; called by the side channel."""
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
