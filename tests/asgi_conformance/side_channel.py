"""The side channel: what the recorder reports, as the test process sees it.

It is a loopback connection that does not pass through the server. A thread reads it all the
time, so that a report never waits for a test.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asgi_conformance.record import DEADLINE, Event, Record
from asgi_conformance.recorder import LIFESPAN

# Beyond Linux, a connection counts as left when its reset is there.
_LEFT = getattr(select, "POLLRDHUP", select.POLLHUP)


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


class SideChannel:
    """Listens to the recorder of one server and gives it orders."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        self.address = f"{host}:{port}"
        self._connections: list[socket.socket] = []
        self._ended = False
        self._records: dict[str, Record] = {}
        self._asked = 0
        self._replies: dict[int, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self.lifespan = Record(LIFESPAN, self._order, self._ask)
        """The record of the lifespan; it is kept as long as the server runs."""
        threading.Thread(target=self._accept, name="side channel", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the server had an end of it and has closed that, as one does that ends."""
        with self._changed:
            # Asked of the system: what the thread is told may be late.
            return self._ended or (
                bool(self._connections) and all(map(_is_left, self._connections))
            )

    def request(self, request_id: str) -> Record:
        """The record of the request with that `asgi-conformance-id`, also before it is made."""
        with self._changed:
            if request_id not in self._records:
                self._records[request_id] = Record(request_id, self._order, self._ask)
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
        reply = self._ask(snapshot=True, timeout=timeout)
        if reply is None:
            raise TimeoutError(f"no snapshot of the server's process within {timeout} s")
        listed = reply["descriptors"]
        descriptors = None if listed is None else tuple(listed)
        return Snapshot(descriptors, reply["threads"], reply["tasks"])

    def close(self) -> None:
        """Stop listening; a server that is still there ends itself."""
        with self._changed:
            connections = list(self._connections)
        for listening in (self._listener, *connections):
            # Shut down too, since to close it does not wake the thread that is blocked on it.
            with suppress(OSError):  # its other end is gone already
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()

    def _ask(self, *, snapshot: bool = False, timeout: float = DEADLINE) -> dict[str, Any] | None:
        """Have the server's process answer, which it does after all that it has to report.

        None where it says nothing in time, or has ended.
        """
        with self._changed:
            self._asked = number = self._asked + 1
        self._order({"reply": number, "snapshot": snapshot})
        with self._changed:
            self._changed.wait_for(lambda: self._ended or number in self._replies, timeout)
            return self._replies.pop(number, None)

    def _order(self, order: dict[str, object]) -> None:
        with self._changed:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):  # the server has ended, and with it what was to be ordered
                connection.sendall(json.dumps(order).encode() + b"\n")

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                self._connections.append(connection)
                self._ended = False
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with suppress(OSError), connection.makefile("rb") as lines:  # reset: it was killed
            for line in lines:
                self._take(json.loads(line))
        with self._changed:
            self._connections.remove(connection)
            # A server may have several processes that load the application, not all to stay.
            self._ended = not self._connections
            self._changed.notify_all()
        connection.close()

    def _take(self, report: dict[str, Any]) -> None:
        if "id" in report:
            with self._changed:
                is_lifespan = report["id"] == LIFESPAN
                record = self.lifespan if is_lifespan else self._records.get(report["id"])
            if record is not None:  # else the check that made the request is over
                record.add(Event(report["event"], report))
            return
        with self._changed:
            self._replies[report["reply"]] = report
            self._changed.notify_all()


def _is_left(connection: socket.socket) -> bool:
    """Whether the other end is closed, also where there is something left to read."""
    poll = select.poll()
    poll.register(connection, _LEFT)
    return bool(poll.poll(0))
