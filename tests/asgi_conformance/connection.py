"""A client's connection: bytes out, bytes in, and the ways to leave."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from typing import Literal, NamedTuple

DEADLINE = 4.0
"""Seconds of silence that make a hung connection. Fewer than the five after which servers close
one for being idle: to be closed for that is not to be answered, nor to be refused."""

_PIECE = 65536
_KEPT = 2048

Direction = Literal[">", "<"]
"""`>` is what the client sent, `<` what the server did."""


class Hung(AssertionError):
    """Nothing came, or nothing was taken, before the deadline."""


class Reset(AssertionError):
    """The peer reset the connection."""


class Passage(NamedTuple):
    """Bytes that passed, and the seconds since the connection was made."""

    seconds: float
    direction: Direction
    data: bytes

    def __str__(self) -> str:
        return f"+{self.seconds:.3f} {self.direction} {self.data!r}"


class Connection:
    """One TCP connection. Waits longer than `deadline` seconds end in `Hung`."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        deadline: float = DEADLINE,
        receive_buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect, and encrypt with `tls`. Raises `OSError`, of which `ssl.SSLError` is one."""
        self.deadline = deadline
        self.cut = False
        """The peer would not take all that was sent."""
        self.torn = False
        """The peer ended TLS without close_notify (RFC 8446 §6.1)."""
        self.unread = b""
        """Bytes that came after the end of an answer; the next one begins with them."""
        self.log: list[Passage] = []
        """What passed, in order; of each direction the first 2 KiB."""
        self._room: dict[Direction, int] = {">": _KEPT, "<": _KEPT}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            # Before connecting, since the window is agreed on then.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(deadline)
        try:
            self._socket.connect(address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self._socket = tls.wrap_socket(
                    self._socket, server_hostname=address[0], suppress_ragged_eofs=False
                )
        except BaseException:
            self._socket.close()
            raise
        self.began = time.monotonic()
        """When the connection was made, in seconds of `time.monotonic`."""

    @property
    def local_port(self) -> int:
        """The client's own port."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def encryption(self) -> ssl.SSLSocket | None:
        """What tells of TLS as the client sees it; None where the connection is in the clear."""
        return self._socket if isinstance(self._socket, ssl.SSLSocket) else None

    @property
    def sent(self) -> bytes:
        """The first 2 KiB that were sent."""
        return b"".join(passage.data for passage in self.log if passage.direction == ">")

    @property
    def received(self) -> bytes:
        """The first 2 KiB that were received."""
        return b"".join(passage.data for passage in self.log if passage.direction == "<")

    def send(self, data: bytes) -> None:
        """Send all of it. Where the peer has closed, note it in `cut`; what it said can be read.

        Raises `Hung` where the peer takes nothing more.
        """
        self._note(">", data)
        self._socket.settimeout(self.deadline)
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise Hung(f"the server did not take {len(data)} bytes") from None
        except (ConnectionError, ssl.SSLEOFError):
            self.cut = True

    def send_chunk(self, data: bytes) -> None:
        """Send one chunk of a chunked body; no bytes are no chunk."""
        if data:
            self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def send_last_chunk(self) -> None:
        """End a chunked body."""
        self.send(b"0\r\n\r\n")

    def send_until_full(self, data: bytes, patience: float = 0.3) -> int:
        """Send until the peer takes nothing for so many seconds; the number of bytes taken."""
        sent = 0
        while sent < len(data):
            _, writable, _ = select.select([], [self._socket], [], patience)
            if not writable:
                break
            self._socket.settimeout(0)
            piece = data[sent : sent + _PIECE]
            try:
                taken = self._socket.send(piece)
            except BlockingIOError:
                continue
            except ConnectionError:
                self.cut = True
                break
            self._note(">", piece[:taken])
            sent += taken
        return sent

    def receive(self, timeout: float | None = None) -> bytes:
        """What has arrived, at least one byte; empty at the end of the stream.

        Raises `Hung` at the deadline and `Reset` where the peer reset the connection.
        """
        if self.unread:
            data, self.unread = self.unread, b""
            return data
        self._socket.settimeout(self.deadline if timeout is None else timeout)
        try:
            data = self._socket.recv(_PIECE)
        except TimeoutError:
            raise Hung("the server sent nothing more") from None
        except ConnectionResetError:
            raise Reset("the server reset the connection") from None
        except ssl.SSLEOFError:
            self.torn = True
            return b""
        self._note("<", data)
        return data

    def receive_until_closed(self) -> bytes:
        """All that still comes until the peer closes or the deadline passes (`Hung`)."""
        deadline = time.monotonic() + self.deadline
        collected = b""
        while True:
            if time.monotonic() > deadline:
                raise Hung("the server does not end the connection")
            data = self.receive()
            if not data:
                return collected
            collected += data

    def half_close(self) -> None:
        """Send FIN and go on reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Leave with FIN, or with RST where bytes were left unread."""
        self._socket.close()

    def reset(self) -> None:
        """Leave with RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def __str__(self) -> str:
        return "\n".join(str(passage) for passage in self.log)

    def _note(self, direction: Direction, data: bytes) -> None:
        kept = data[: self._room[direction]]
        if kept:
            self._room[direction] -= len(kept)
            self.log.append(Passage(time.monotonic() - self.began, direction, kept))
