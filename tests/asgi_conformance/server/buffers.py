"""Buffers: what the system holds of a connection's bytes, lest it be put down to a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asgi_conformance.connection import Connection

_TABLE = Path("/proc/net/tcp")
_ENDS, _QUEUES = slice(1, 3), 4
_TRIES = 50


def count_outgoing(connection: Connection) -> int | None:
    """Bytes from the client that the server has not read; None where the system does not tell."""
    queues = _read_queues(connection.local_port)
    return None if queues is None else queues["client"][0] + queues["server"][1]


def count_incoming(connection: Connection) -> int | None:
    """Bytes from the server that the client has not read; None where the system does not tell."""
    queues = _read_queues(connection.local_port)
    return None if queues is None else queues["server"][0] + queues["client"][1]


def _read_queues(client_port: int) -> dict[str, tuple[int, int]] | None:
    """What waits at both ends of a connection, `client` and `server`: to be sent, to be read."""
    if not _TABLE.exists():
        return None
    # The table changes while it is read, and may come without a line that was there all the time.
    for _ in range(_TRIES):
        queues = dict(_list_queues(client_port))
        if len(queues) == 2:
            return queues
    return None


def _list_queues(client_port: int) -> Iterator[tuple[str, tuple[int, int]]]:
    for line in _TABLE.read_text("ascii").splitlines()[1:]:
        columns = line.split()
        local, remote = (int(end.rpartition(":")[2], 16) for end in columns[_ENDS])
        if client_port in (local, remote):
            sending, reading = columns[_QUEUES].split(":")
            yield (
                "client" if local == client_port else "server",
                (int(sending, 16), int(reading, 16)),
            )
