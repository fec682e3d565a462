"""A peer: the other end of a client's connection, which says the bytes that a test gives it."""

from __future__ import annotations

import socket
import struct
from types import TracebackType
from typing import Self

_SECONDS = 5.0


class Peer:
    """A server on 127.0.0.1 that reads and writes only what it is told to, by one thread.

    The system takes the connection; `accept` is called once the client has made it.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._socket: socket.socket | None = None
        self.address: tuple[str, int] = self._listener.getsockname()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()
        self._listener.close()

    def send(self, *pieces: bytes) -> None:
        """Send literal bytes on the client's connection."""
        self._accept().sendall(b"".join(pieces))

    def receive_until(self, wanted: bytes) -> bytes:
        """What the client has sent since last time, up to `wanted`; fails where that is not."""
        received = b""
        connection = self._accept()
        while wanted not in received:
            piece = connection.recv(65536)
            assert piece, f"the client closed without {wanted!r}: {received!r}"
            received += piece
        return received

    def close(self) -> None:
        """Close the connection: with FIN where all that came was read, else with RST."""
        if self._socket is not None:
            self._socket.close()

    def reset(self) -> None:
        """Close the connection with RST."""
        linger = struct.pack("ii", 1, 0)
        self._accept().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._accept().close()

    def _accept(self) -> socket.socket:
        if self._socket is None:
            self._listener.settimeout(_SECONDS)
            self._socket, _ = self._listener.accept()
            self._socket.settimeout(_SECONDS)
        return self._socket
