"""One stream of an HTTP/2 connection: a request, and the wire of its response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h2.connection import H2Connection
from h2.errors import ErrorCodes

from reference.connection import Connection
from reference.errors import ClientDisconnected
from reference.fields import Fields
from reference.framing import Head
from reference.policy import Policy
from reference.request import Request
from reference.request_body import RequestBody
from reference.wakeup import Signal

if TYPE_CHECKING:
    from reference.http2 import Http2


class Http2Stream:
    """Content waits here until the client's windows let it go (RFC 9113 §5.2)."""

    def __init__(
        self,
        http2: Http2,
        h2: H2Connection,
        connection: Connection,
        stream_id: int,
        request: Request,
    ) -> None:
        self.id = stream_id
        self.request = request
        self.body = RequestBody(on_take=self._take)
        self._http2 = http2
        self._h2 = h2
        self._connection = connection
        self._policy: Policy = connection.policy
        self._received = 0
        self._outgoing = bytearray()
        self._trailers: Fields | None = None
        self._begun = False
        self._over = False
        self._ended = False
        self._sent = Signal()

    # The request.

    def feed(self, data: bytes, padding: int) -> None:
        """A DATA frame has come."""
        self._received += len(data)
        at_once = self._policy.acknowledges_at_once()
        self._acknowledge(padding + (len(data) if at_once else 0))
        if self._is_too_long():
            self._refuse()
        else:
            self.body.feed(data)

    def finish(self) -> None:
        """The client has sent all."""
        length = self.request.length
        if length not in (None, self._received) and self._policy.checks_length():
            self._refuse()
        else:
            self.body.finish()

    def lose(self) -> None:
        """The client reset the stream, or the connection is over."""
        self._leave()
        self.body.lose()

    def _is_too_long(self) -> bool:
        length = self.request.length
        return length is not None and self._received > length and self._policy.checks_length()

    def _refuse(self) -> None:
        """The body is not as long as announced (RFC 9113 §8.1.1)."""
        self._reset(ErrorCodes.PROTOCOL_ERROR)
        self.body.lose()

    def _take(self, size: int) -> None:
        if not self._policy.acknowledges_at_once():
            self._acknowledge(size)

    def _acknowledge(self, size: int) -> None:
        """The client may send so many bytes more."""
        if size and not self._connection.closed:
            self._h2.acknowledge_received_data(size, self.id)
            self._http2.flush()

    # The response.

    @property
    def closed(self) -> bool:
        return self._over or self._connection.closed

    def inform(self, status: int, fields: Fields) -> None:
        if not self._begun and not self.closed:
            self._h2.send_headers(self.id, [(b":status", b"%d" % status), *fields])
            self._http2.flush()

    def start(self, head: Head, *, last: bool) -> None:
        del last  # the request may come to its end while the response is sent
        self._begun = True
        if not self.closed:
            fields = self._policy.drop_connection_fields(head.fields)
            self._h2.send_headers(self.id, [(b":status", b"%d" % head.status), *fields])
            self._http2.flush()

    def write(self, data: bytes) -> None:
        if not self.closed:
            self._outgoing += data
            self._http2.pump()

    def end(self, trailers: Fields) -> None:
        self._trailers = trailers
        self._http2.pump()

    def push(self, path: bytes, fields: Fields) -> None:
        if not self.closed:
            self._http2.push(self, path, fields)

    def abort(self) -> None:
        self._reset(ErrorCodes.INTERNAL_ERROR)

    async def drain(self) -> None:
        while self._waits() and not self.closed:
            await self._sent.wait()
        if self.closed and not self._ended:
            raise ClientDisconnected("the client is gone")
        await self._connection.drain()

    def _waits(self) -> bool:
        pending = bool(self._outgoing) or self._trailers is not None
        return pending and self._policy.waits_for_drain()

    def send_frame(self) -> bool:
        """Send one frame of what waits, if the windows let it; whether one was sent."""
        if self.closed:
            return False
        if self._outgoing:
            window = self._h2.local_flow_control_window(self.id)
            size = min(window, self._h2.max_outbound_frame_size, len(self._outgoing))
            if size <= 0:
                return False
            self._h2.send_data(self.id, bytes(self._outgoing[:size]))
            del self._outgoing[:size]
        elif self._trailers is not None:
            self._end(self._trailers)
        else:
            return False
        self._sent.notify()
        return True

    def stop_upload(self) -> None:
        """Tell the client that it need not send the rest (RFC 9113 §8.1)."""
        self._h2.reset_stream(self.id, ErrorCodes.NO_ERROR)

    def _end(self, trailers: Fields) -> None:
        fields = self._policy.drop_connection_fields(trailers)
        if fields:
            self._h2.send_headers(self.id, fields, end_stream=True)
        else:
            self._h2.end_stream(self.id)
        if not self.body.complete:
            self._policy.stop_upload(self)
        self._trailers = None
        self._ended = True
        self._leave()

    def _reset(self, code: ErrorCodes) -> None:
        if not self.closed:
            self._h2.reset_stream(self.id, code)
            self._leave()
            self._http2.flush()

    def _leave(self) -> None:
        """Nothing more is sent; what was not taken makes room for the other streams."""
        if self._over:
            return
        self._over = True
        self._outgoing.clear()
        self._take(self.body.buffered)
        self._sent.notify()
        self._http2.forget(self)
