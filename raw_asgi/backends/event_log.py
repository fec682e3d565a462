"""Channels of events: a bounded log each, and subscribers that are cursors into it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import anyio

from raw_asgi.tasks import require_event_loop


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that a subscriber lost, by the first and the last of their ids."""

    first: int
    last: int


class EventLog:
    """The last `capacity` events of a channel, already encoded, with the ids 1, 2, 3, …

    It belongs to one event loop. A subscriber costs a wait on one shared event, or a callback.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._events: list[bytes] = []  # a ring: the event `id` stands at (id - 1) % capacity
        self._appended = anyio.Event()
        self._callbacks: dict[Cursor, Callable[[], None]] = {}
        self.newest = 0
        self.subscribers = 0

    @property
    def oldest(self) -> int:
        """The id of the oldest event remembered; of the next one, where there is none."""
        return self.newest - len(self._events) + 1

    def append(self, encode: Callable[[int], bytes]) -> int:
        """Add the event that `encode` makes of its id, and return the id.

        Raises RuntimeError, and adds nothing, outside the event loop that the subscribers are of.
        """
        if self._callbacks:
            require_event_loop()
        number = self.newest + 1
        event = encode(number)
        if len(self._events) < self._capacity:
            self._events.append(event)
        else:
            self._events[(number - 1) % self._capacity] = event
        self.newest = number
        appended, self._appended = self._appended, anyio.Event()
        appended.set()
        callbacks, self._callbacks = self._callbacks, {}
        for callback in callbacks.values():
            callback()
        return number

    def read(self, after: int, size: int) -> tuple[bytes, int]:
        """The events after the id `after`, joined up to about `size` bytes, and the last id.

        `after` must not be below `oldest` - 1.
        """
        parts: list[bytes] = []
        while after < self.newest and size > 0:
            event = self._events[after % self._capacity]
            parts.append(event)
            size -= len(event)
            after += 1
        return b"".join(parts), after

    async def wait(self, after: int) -> None:
        """Return as soon as there is an event after the id `after`."""
        while self.newest <= after:
            await self._appended.wait()

    def call_once(self, cursor: Cursor, callback: Callable[[], None]) -> None:
        """Call `callback`, which must not raise, at the next event."""
        self._callbacks[cursor] = callback

    def forget(self, cursor: Cursor) -> None:
        """Call nothing for the cursor any more."""
        self._callbacks.pop(cursor, None)


class Cursor:
    """A subscriber's place in a log: the id of the last event that it was given."""

    __slots__ = ("_after", "_log")

    def __init__(self, log: EventLog, last_seen: int | None) -> None:
        self._log = log
        self._after = log.newest if last_seen is None else last_seen

    def take(self, size: int) -> Gap | bytes:
        """What is next: events of about `size` bytes, or the gap before them, or nothing."""
        log = self._log
        if self._after > log.newest:
            # An id of the future was given out by an earlier life of this log.
            self._after = log.newest
            return Gap(1, log.newest)
        if self._after < log.oldest - 1:
            gap = Gap(self._after + 1, log.oldest - 1)
            self._after = gap.last
            return gap
        events, self._after = log.read(self._after, size)
        return events

    async def wait(self) -> None:
        """Return as soon as `take` has something."""
        await self._log.wait(self._after)

    def call_once(self, callback: Callable[[], None]) -> None:
        """Call `callback`, which must not raise, at the next event; where all is taken."""
        self._log.call_once(self, callback)

    def forget(self) -> None:
        """Do not call what was to be called."""
        self._log.forget(self)


class Channels:
    """Event logs by name: made when first used, forgotten when long idle and many.

    Each remembers `capacity` events. The `remembered` logs used last are kept, and all that
    have a subscriber.
    """

    def __init__(self, capacity: int, remembered: int = 1024) -> None:
        if capacity < 1:
            raise ValueError("a channel remembers at least 1 event")
        self._capacity = capacity
        self._remembered = remembered
        self._logs: OrderedDict[str, EventLog] = OrderedDict()

    def publish(self, name: str, encode: Callable[[int], bytes]) -> int:
        """Add an event to a channel and return its id; `encode` makes it of the id.

        Raises what that raises, and then leaves the channels as they were.
        """
        log = self._logs.get(name) or EventLog(self._capacity)
        number = log.append(encode)
        self._keep(name, log)
        return number

    @contextmanager
    def subscribe(self, name: str, last_seen: int | None) -> Iterator[Cursor]:
        """A cursor after the event `last_seen`; after the newest where that is None."""
        try:
            yield self.open(name, last_seen)
        finally:
            self.close(name)

    def open(self, name: str, last_seen: int | None) -> Cursor:
        """As `subscribe`, in less memory, for a caller that ends it by `close`."""
        log = self._logs.get(name) or EventLog(self._capacity)
        self._keep(name, log)
        log.subscribers += 1
        return Cursor(log, last_seen)

    def close(self, name: str) -> None:
        """End what `open` began."""
        self._logs[name].subscribers -= 1
        # Only from here on is the channel idle.
        self._logs.move_to_end(name)

    def _keep(self, name: str, log: EventLog) -> None:
        if name not in self._logs:
            self._forget_idle()
            self._logs[name] = log
        self._logs.move_to_end(name)

    def _forget_idle(self) -> None:
        if len(self._logs) < self._remembered:
            return
        idle = [name for name, log in self._logs.items() if not log.subscribers]
        for name in idle[: len(self._logs) - self._remembered + 1]:
            del self._logs[name]
