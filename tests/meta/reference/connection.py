"""Connections: bytes in, bytes out, and how a connection ends."""

from __future__ import annotations

import asyncio
import select
import socket
import struct
from collections.abc import Callable
from typing import Protocol, cast

from reference.errors import ClientDisconnected
from reference.host import Host
from reference.request import Peer
from reference.tls import describe_connection
from reference.wakeup import Signal

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Dialect(Protocol):
    """What is spoken on a connection: HTTP/1.1 or HTTP/2."""

    def feed(self, data: bytes) -> None:
        """Bytes have come from the client."""
        ...

    def leave(self) -> None:
        """The client sends nothing more; it may still read, or be gone."""
        ...

    def sense_end(self) -> None:
        """The client sends nothing more, but bytes of it are still unread."""
        ...

    def lose(self) -> None:
        """The connection is over."""
        ...

    def resume(self) -> None:
        """The system has taken all that was written."""
        ...

    def expire(self) -> None:
        """The connection was idle for too long."""
        ...

    def stop(self) -> None:
        """The server stops: what runs may end, nothing new begins."""
        ...


class Connection(asyncio.Protocol):
    """One connection of a client. `choose` finds out what is spoken on it.

    The policy is that of the connection's first bytes: what began whole ends whole.
    """

    def __init__(
        self, host: Host, choose: Callable[[Connection, bytes], Dialect | None], *, tls: bool
    ) -> None:
        self.host = host
        self.policy = host.switch.policy
        self.peer = Peer(None, None)
        self.lost = False
        self._choose = choose
        self._tls = tls
        self._dialect: Dialect | None = None
        self._first = b""
        self._full = False
        self._closing = False
        self._dropped = 0
        self._paused = False
        self._left = False
        self._drained = Signal()
        self._idle: asyncio.TimerHandle | None = None
        self._watcher: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # Nothing stays here: what is written is the system's, or who wrote it waits.
        # With TLS, asyncio takes 0 for a limit that an empty buffer exceeds.
        self._transport.set_write_buffer_limits(1 if self._tls else 0, 0)
        self.peer = describe_connection(self._transport, self.host.server_certificate)
        self.host.connections.add(self)
        self.expect()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            self._drop(len(data))
            return
        if self._dialect is None:
            self._first += data
            self.policy = self.host.switch.choose_policy(self._first)
            self._dialect = self._choose(self, self._first)
            if self._dialect is None:
                return
            data, self._first = self._first, b""
        self._dialect.feed(self.policy.incoming(data))

    def eof_received(self) -> bool:
        self._left = True
        if self._closing or self._dialect is None or not self.policy.half_closes():
            self._transport.close()
            return False
        self._dialect.leave()
        return not self._tls  # which has no half-closed state in asyncio

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # a client's going away is no error
        self.lost = True
        self.rest()
        self.host.forget(self)
        self._drained.notify()
        if self._dialect is not None:
            self._dialect.lose()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._drained.notify()
        if self._closing:
            self._shut()
        elif self._dialect is not None:
            self._dialect.resume()

    # What a dialect does.

    def is_full(self) -> bool:
        """Whether the system has not taken all that was written."""
        return self._full

    @property
    def closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self.lost or self._closing or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Write; what cannot arrive any more is dropped."""
        if not self.closed:
            self.policy.deliver(data, self._transport.write)

    async def drain(self) -> None:
        """Wait until the system has taken what was written. Raises `ClientDisconnected`."""
        while self._full and not self.lost and self.policy.waits_for_drain():
            await self._drained.wait()
        if self.lost or (self._transport.is_closing() and not self._closing):
            raise ClientDisconnected("the client is gone")

    def expect(self) -> None:
        """A request is to come: wait for it for so long."""
        self.rest()
        self._idle = self._loop.call_later(self.policy.idle_seconds, self._expire)

    def rest(self) -> None:
        """Wait for no request."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def pause(self) -> None:
        """Read nothing more for now, but see whether the client leaves."""
        if not self._paused and not self.closed and not self._left:
            self._paused = True
            self._transport.pause_reading()
            self._watch()

    def proceed(self) -> None:
        """Read again."""
        if self._paused:
            self._paused = False
            if self._watcher is not None:
                self._watcher.cancel()
            if not self._left and not self._transport.is_closing():
                self._transport.resume_reading()

    def close(self) -> None:
        """Close so that the client can read all that was written, even while it sends.

        A connection that is closed with bytes unread is reset, and the client loses what it has
        not read yet (RFC 9112 §9.6).
        """
        if self.closed:
            return
        self._closing = True
        self.rest()
        self.proceed()
        if not self._full:
            self._shut()

    def reset(self) -> None:
        """Close so that the client sees that something is missing."""
        self._closing = True
        sock = self._transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def stop(self) -> None:
        """The server stops."""
        if self._dialect is None:
            self.close()
        else:
            self._dialect.stop()

    # The end.

    def _expire(self) -> None:
        if self._dialect is None:
            self.close()
        else:
            self._dialect.expire()

    def _shut(self) -> None:
        """All is written: send the end, and wait for the client's."""
        if self._left or not self.policy.lingers() or not self._transport.can_write_eof():
            self._transport.close()
        elif not self._transport.is_closing():
            try:
                self._transport.write_eof()
            except OSError:  # the client has reset the connection
                self._transport.abort()
            else:
                seconds = self.policy.linger_seconds
                self._idle = self._loop.call_later(seconds, self._transport.abort)

    def _drop(self, size: int) -> None:
        self._dropped += size
        if self._dropped > self.policy.linger_bytes:
            self._transport.abort()

    def _watch(self) -> None:
        """Look whether the client left; asyncio does not tell while it does not read."""
        if not self._paused or self.closed or self._dialect is None:
            return
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLRDHUP)
        seen = sum(event for _, event in poll.poll(0))
        if seen & (select.POLLHUP | select.POLLERR):
            self._transport.abort()
        elif seen:
            self._dialect.sense_end()
        elif self.policy.watch_seconds is not None:
            self._watcher = self._loop.call_later(self.policy.watch_seconds, self._watch)
