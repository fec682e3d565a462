"""The side channel: what the recorder reports, as the test process sees it.

It is a loopback connection that does not pass through the server. A thread reads it all the
time, so that a report never waits for a test.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE = 5.0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that the recorder saw.

    `name` is one of `call`, `receive-begin`, `receive`, `receive-failed`, `hold`, `send-begin`,
    `send-end`, `send-failed`, `end`. `type`, `size` (bytes of body) and `more_body` are those of
    the ASGI message, None where it has none; `fields` holds everything (`scope`, `status`,
    `headers`, `how`, `error`).
    """

    name: str
    fields: Mapping[str, Any]

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
        shown = {k: v for k, v in self.fields.items() if k not in ("id", "event", "headers")}
        return f"{self.name} {json.dumps(shown)}" if shown else self.name


@dataclass(frozen=True, slots=True)
class Ending:
    """How an application left a request: `returned`, `raised` (with the error) or `cancelled`."""

    how: str
    error: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The server process at one moment.

    `descriptors` are the targets of its open file descriptors, None where the system cannot
    tell; `threads` and `tasks` are counts, `tasks` None under another loop than asyncio's.
    """

    descriptors: tuple[str, ...] | None
    threads: int
    tasks: int | None

    def open_below(self, path: Path) -> list[str]:
        """The open descriptors that point to `path` or below it (deleted files too)."""
        if self.descriptors is None:
            raise LookupError("this system does not list the descriptors of a process")
        prefix = str(path.resolve())
        return [target for target in self.descriptors if target.startswith(prefix)]


class Record:
    """What the recorder reported of one request. Waits fail with `AssertionError`."""

    def __init__(self, request_id: str, order: Callable[[dict[str, object]], None]) -> None:
        self.id = request_id
        self._order = order
        self._events: list[Event] = []
        self._changed = threading.Condition()

    @property
    def events(self) -> list[Event]:
        """The events so far, in their order."""
        with self._changed:
            return list(self._events)

    @property
    def ended(self) -> Ending | None:
        """How the application left the request, None while it has not."""
        ends = self.select("end")
        return Ending(ends[0].fields["how"], ends[0].fields["error"]) if ends else None

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

    def wait_for_end(self, timeout: float = DEADLINE) -> Ending:
        """Wait until the application has left the request."""
        event = self.wait_for("end", timeout=timeout)
        return Ending(event.fields["how"], event.fields["error"])

    def wait_for_quiet(self, seconds: float = 0.3, timeout: float = DEADLINE) -> None:
        """Wait until nothing was reported for so long: the application waits, or has ended."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not any(event.name == "end" for event in self._events):
                if not self._changed.wait(seconds):
                    return
                if time.monotonic() > deadline:
                    raise AssertionError(f"the application never paused in {timeout} s")

    def release(self, count: int | None = None) -> None:
        """Let `count` more of the body messages that are held pass; all of them where None."""
        self._order({"release": self.id, "count": count})

    def add(self, event: Event) -> None:
        """Take an event in; called by the side channel."""
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()


class SideChannel:
    """Listens to the recorder of one server and gives it orders."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        self.address = f"{host}:{port}"
        self._connections: list[socket.socket] = []
        self._records: dict[str, Record] = {}
        self._snapshots: list[Snapshot] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._accept, name="side channel", daemon=True).start()

    def request(self, request_id: str) -> Record:
        """The record of the request with that `asgi-conformance-id`, also before it is made."""
        with self._changed:
            if request_id not in self._records:
                self._records[request_id] = Record(request_id, self._order)
            return self._records[request_id]

    def records(self) -> list[Record]:
        """The records that have not been forgotten, in the order of their first mention."""
        with self._changed:
            return list(self._records.values())

    def forget(self) -> None:
        """Release every request that is held and drop all records."""
        for record in self.records():
            if record.ended is None:
                record.release()
        with self._changed:
            self._records.clear()

    def snapshot(self, timeout: float = DEADLINE) -> Snapshot:
        """Ask the server's process what it holds. Raises `TimeoutError` where it says nothing."""
        with self._changed:
            number = len(self._snapshots)
        self._order({"snapshot": number})
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._snapshots) > number, timeout):
                raise TimeoutError(f"no snapshot of the server's process within {timeout} s")
            return self._snapshots[number]

    def close(self) -> None:
        """Stop listening; a server that is still there ends itself."""
        for listening in (self._listener, *self._connections):
            # Shut down too, since to close it does not wake the thread that is blocked on it.
            with suppress(OSError):  # its other end is gone already
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()

    def _order(self, order: dict[str, object]) -> None:
        for connection in self._connections:
            with suppress(OSError):  # the server has ended, and with it what was to be ordered
                connection.sendall(json.dumps(order).encode() + b"\n")

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rb") as lines:
                for line in lines:
                    self._take(json.loads(line))
        except OSError:
            return  # the server was killed

    def _take(self, report: dict[str, Any]) -> None:
        if "id" in report:
            with self._changed:
                record = self._records.get(report["id"])
            if record is not None:  # else the check that made the request is over
                record.add(Event(report["event"], report))
            return
        listed = report["descriptors"]
        descriptors = None if listed is None else tuple(listed)
        with self._changed:
            self._snapshots.append(Snapshot(descriptors, report["threads"], report["tasks"]))
            self._changed.notify_all()
